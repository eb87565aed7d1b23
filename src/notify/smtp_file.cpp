#include "notify/smtp_file.hpp"

#include "base/bytes.hpp"
#include "fs/read_file.hpp"

#include <cerrno>

#include <sys/stat.h>

namespace spillway::notify {
namespace {

constexpr std::size_t file_bytes_max = std::size_t{64} << 10;

std::string_view first_line(std::string_view text) {
  text = text.substr(0, text.find('\n'));
  return text.substr(0, text.find_last_not_of(" \t\r") + 1);
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
  auto settings = parse_smtp_url(first_line(text));
  return settings ? settings : base::while_doing(doing, std::move(settings).error());
}

result<std::optional<smtp_settings>> find_smtp_settings(const std::filesystem::path& file,
                                                        const std::optional<std::string>& url) {
  if (file.empty() && !url) {
    return std::optional<smtp_settings>();
  }
  auto found = file.empty() ? parse_smtp_url(*url) : read_smtp_file(file);
  if (!found) {
    return file.empty() ? base::while_doing("reading SPILLWAY_SMTP_URL", std::move(found).error())
                        : std::move(found).error();
  }
  return std::optional(std::move(*found));
}

}  // namespace spillway::notify
