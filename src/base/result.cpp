#include "base/result.hpp"

#include "base/shortage.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <system_error>

namespace spillway::base {

std::string_view to_string(errc code) {
  switch (code) {
    case errc::bug: return "bug";
    case errc::usage: return "usage";
    case errc::invalid: return "invalid";
    case errc::corrupt: return "corrupt";
    case errc::not_found: return "not_found";
    case errc::conflict: return "conflict";
    case errc::denied: return "denied";
    case errc::locked: return "locked";
    case errc::too_large: return "too_large";
    case errc::no_space: return "no_space";
    case errc::io: return "io";
    case errc::state: return "state";
    case errc::throttled: return "throttled";
    case errc::unavailable: return "unavailable";
    case errc::interrupted: return "interrupted";
    case errc::unread: return "unread";
  }
  return "bug";
}

std::optional<errc> parse_errc(std::string_view text) {
  for (int number = 0; number <= static_cast<int>(errc::unread); ++number) {
    if (const auto code = static_cast<errc>(number); to_string(code) == text) {
      return code;
    }
  }
  return std::nullopt;
}

std::string_view hint_for(errc code) {
  switch (code) {
    case errc::bug: return "report this with the command that was run";
    case errc::usage: return "spillway --help, or spillway VERB --help";
    case errc::denied: return "grant the permission that is named, then run the command again";
    case errc::locked: return "wait for the other process to end, or stop it";
    case errc::no_space: return "free some space, then run the same command again";
    case errc::throttled:
    case errc::unavailable: return "run the same command again later";
    case errc::interrupted:
    case errc::unread: return "run the same command again";
    case errc::corrupt: return "compare with a backup or with the original file";
    case errc::invalid: return "correct what is named, then run the command again";
    case errc::not_found: return "check the name that is given";
    case errc::conflict: return "look at what is there, or choose another name";
    case errc::too_large: return "split it, if it is what it claims to be";
    case errc::io: return "check the path, its permissions and the disk";
    case errc::state: return "check the disk, or go back to a backup";
  }
  return "";
}

std::string failure::text() const {
  if (doing.empty()) {
    return cause;
  }
  return cause.empty() ? doing : doing + ": " + cause;
}

failure while_doing(std::string_view what, failure inner) {
  inner.doing = inner.doing.empty() ? std::string(what) : std::string(what) + ": " + inner.doing;
  return inner;
}

failure from_errno(int error_number, std::string doing) {
  errc code = errc::io;
  std::string_view hint;
  switch (error_number) {
    case ENOSPC:
    case EDQUOT: code = errc::no_space; break;
    case EACCES:
    case EPERM:
    case EROFS: code = errc::io; break;
    case ENOENT:
    case ENOTDIR: code = errc::not_found; break;
    case EEXIST: code = errc::conflict; break;
    case ENOMEM: hint = hint_for_memory; break;
    case EMFILE:
    case ENFILE: hint = hint_for_descriptors; break;
    default: break;
  }
  return {code, std::move(doing), std::generic_category().message(error_number), std::string(hint)};
}

void throw_exception_from_error(const failure& error, const boost::source_location&) {
  throw std::logic_error("the value of a failure was taken: " + error.text());
}

void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "bug: %s does not hold at %s:%d\n", condition, file, line);
  std::abort();
}

}  // namespace spillway::base
