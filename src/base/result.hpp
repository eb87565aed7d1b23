// The one error type of the library, and the one way to return it.
//
// Expected trouble (a full disk, a bad record, a denied request) is a `result<T>`; absence is an `optional`; partial
// success is a struct with counts. Exceptions are for bugs and come only from libraries. Log or return, never both.
#pragma once

#include <boost/system/result.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace spillway::base {

enum class errc {
  bug,           // an invariant of ours does not hold
  usage,         // the command or an option can't be taken as given
  invalid,       // input that breaks its format's rules
  corrupt,       // bytes that were ours or compressed, and do not check out any more
  not_found,     // a file, bucket, key or row that is not there
  conflict,      // something else is there already
  denied,        // access was refused; the cause names the permission where it is known
  locked,        // another process holds what is needed
  too_large,     // a limit of ours was passed
  no_space,      // the disk or the quota is full
  io,            // the operating system refused a file operation
  state,         // SQLite refused an operation on the state file
  throttled,     // the destination asks to slow down
  unavailable,   // the destination failed on its side
  interrupted,   // a signal asked to stop
  unread,        // who reads what is printed has gone
};

// Its name, as the state file has it: "no_space".
std::string_view to_string(errc code);
std::optional<errc> parse_errc(std::string_view text);

// What went wrong. Never holds a secret: only text that we made or that was allow-listed.
// `doing` is prefixed once a layer: "exporting hour 2020-01-25_17: putting 1/1_2020-01-25_17#1.json.gz".
struct failure {
  errc code = errc::bug;
  std::string doing;  // lower case, names the thing; may be empty
  std::string cause;  // lower case, no full stop
  std::string hint;   // the next step for the person, imperative; empty: hint_for(code) is shown

  // "doing: cause", as the CLI prints it after "error: ".
  std::string text() const;
};

// The next step that fits most failures of this code; never empty.
std::string_view hint_for(errc code);

// Puts `what` in front of what was being done.
failure while_doing(std::string_view what, failure inner);

// Names errno's value, and chooses the code that an operator needs to see: no_space, not_found, conflict, else io. A
// file permission is io too; `denied` is the destination's word.
failure from_errno(int error_number, std::string doing);

template <class T>
using result = boost::system::result<T, failure>;

// Boost.System finds this by argument-dependent look-up when value() is called on a failure: that is a bug.
[[noreturn]] void throw_exception_from_error(const failure& error, const boost::source_location& where);

}  // namespace spillway::base

namespace spillway {
using base::errc;
using base::failure;
using base::result;
}  // namespace spillway

// The only two macros: leave with the failure, or go on with the value.
#define SPILLWAY_CONCAT_(a, b) a##b
#define SPILLWAY_CONCAT(a, b) SPILLWAY_CONCAT_(a, b)
#define SPILLWAY_TRY(...)                                                       \
  do {                                                                          \
    if (auto try_result_ = (__VA_ARGS__); !try_result_) {                       \
      return std::move(try_result_).error();                                    \
    }                                                                           \
  } while (false)
#define SPILLWAY_TRY_ASSIGN_(temporary, variable, ...) \
  auto temporary = (__VA_ARGS__);                      \
  if (!temporary) {                                    \
    return std::move(temporary).error();               \
  }                                                    \
  variable = std::move(*temporary)
#define SPILLWAY_TRY_ASSIGN(variable, ...) \
  SPILLWAY_TRY_ASSIGN_(SPILLWAY_CONCAT(try_, __LINE__), variable, __VA_ARGS__)

// Stays on in release: a breach would lose data.
#define SPILLWAY_ASSERT(condition) \
  ((condition) ? void(0) : ::spillway::base::assertion_failed(#condition, __FILE__, __LINE__))

namespace spillway::base {
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);
}
