#include "notify/smtp_file.hpp"

#include "base/bytes.hpp"
#include "fs/descriptor.hpp"
#include "fs/read_file.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>

#include <fmt/format.h>

namespace spillway::notify {
namespace {

constexpr std::size_t file_bytes_max = std::size_t{64} << 10;

std::string_view first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  return text.substr(0, text.find_last_not_of(" \t\r") + 1);
}

// Without it no mail would ever go out, which is to be said before one is due. As for all of the URL, its text is not.
result<void> check_authorities(const smtp_settings& settings) {
  if (settings.ca_bundle.empty()) {
    return {};
  }
  const fs::descriptor file(::open(settings.ca_bundle.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (file) {
    return {};
  }
  return failure{errc::usage,
                 {},
                 fmt::format("the file of its parameter ca can't be read: {}", std::generic_category().message(errno)),
                 "name the PEM file of the server's authority, or leave ca= out for the system's"};
}

result<smtp_settings> parse_and_check(std::string_view url) {
  SPILLWAY_TRY_ASSIGN(smtp_settings settings, parse_smtp_url(url));
  SPILLWAY_TRY(check_authorities(settings));
  return settings;
}

}  // namespace

result<smtp_settings> read_smtp_file(const std::filesystem::path& path) {
  const std::string doing = "reading " + base::printable(path.string());
  struct stat state{};
  if (::stat(path.c_str(), &state) != 0) {
    return base::from_errno(errno, doing);
  }
  if ((state.st_mode & 077) != 0) {
    return failure{errc::usage, doing, "others than its owner may read or write it, and it holds a password",
                   "chmod 600 " + base::printable(path.string())};
  }
  SPILLWAY_TRY_ASSIGN(const std::string text, fs::read_file(path, file_bytes_max));
  auto settings = parse_and_check(first_line(text));
  return settings ? settings : base::while_doing(doing, std::move(settings).error());
}

result<std::optional<smtp_settings>> find_smtp_settings(const std::filesystem::path& file,
                                                        const std::optional<std::string>& url) {
  if (file.empty() && !url) {
    return std::optional<smtp_settings>();
  }
  auto found = file.empty() ? parse_and_check(*url) : read_smtp_file(file);
  if (!found) {
    return file.empty() ? base::while_doing("reading SPILLWAY_SMTP_URL", std::move(found).error())
                        : std::move(found).error();
  }
  return std::optional(std::move(*found));
}

}  // namespace spillway::notify
