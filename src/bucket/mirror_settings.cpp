#include "bucket/mirror_settings.hpp"

#include "bucket/mirror_paths.hpp"
#include "fs/directory.hpp"
#include "fs/read_file.hpp"

#include <cerrno>
#include <cstdint>

#include <sys/file.h>

namespace spillway::bucket {
namespace {

constexpr const char* settings_name = "bucket.json";
constexpr std::uint64_t settings_bytes_max = std::uint64_t{1} << 20;
constexpr std::string_view reading = "reading .spillway/bucket.json";
constexpr std::string_view writing = "writing .spillway/bucket.json";

// nullopt: there is no such file.
result<std::optional<std::string>> read_text(int directory) {
  auto text = fs::read_file(directory, settings_name, settings_bytes_max);
  if (!text && text.error().code != errc::not_found) {
    return text.error();
  }
  return text ? std::optional(std::move(*text)) : std::nullopt;
}

result<bucket_settings> parsed(std::string_view text) {
  auto settings = parse_bucket_settings(text);
  return settings ? settings : base::while_doing(reading, settings.error());
}

// Until the descriptor is closed, however its owner dies. A file system without locks has none for this either: then
// of two processes that write at the same time one may undo the other's change.
result<void> lock(int directory) {
  while (::flock(directory, LOCK_EX) != 0) {
    if (errno == ENOLCK || errno == EOPNOTSUPP || errno == ENOSYS) {
      return {};
    }
    if (errno != EINTR) {
      return base::from_errno(errno, std::string(writing));
    }
  }
  return {};
}

// A directory that has none is left as it is while there is nothing to keep in it.
bool has_private_directory(int root) {
  const auto found = fs::open_beneath(root, mirror_private);
  return found || found.error().code != errc::not_found;
}

}  // namespace

result<bucket_settings> read_settings(int root) {
  const auto directory = fs::open_beneath(root, mirror_private);
  if (!directory) {
    return directory.error().code == errc::not_found ? result<bucket_settings>(bucket_settings())
                                                     : result<bucket_settings>(directory.error());
  }
  SPILLWAY_TRY_ASSIGN(const auto text, read_text(directory->get()));
  return text ? parsed(*text) : bucket_settings();
}

result<bucket_settings> write_setting(int root, mirror_staging& staging, std::string_view name,
                                      const std::optional<std::string>& json) {
  if (!json && !has_private_directory(root)) {
    return bucket_settings();
  }
  SPILLWAY_TRY_ASSIGN(const fs::descriptor directory, fs::make_beneath(root, mirror_private, fs::sync_parents::all));
  SPILLWAY_TRY(lock(directory.get()));
  SPILLWAY_TRY_ASSIGN(const auto before, read_text(directory.get()));
  const std::string_view old = before ? std::string_view(*before) : std::string_view("{}");
  SPILLWAY_TRY(parsed(old));
  SPILLWAY_TRY_ASSIGN(const std::string text, with_setting(old, name, json));
  SPILLWAY_TRY_ASSIGN(bucket_settings settings, parsed(text));
  if (text == old) {
    // Whoever wrote it may have failed at this sync, and nothing else.
    SPILLWAY_TRY(fs::sync_directory(directory.get(), settings_name));
    return settings;
  }
  SPILLWAY_TRY_ASSIGN(fs::atomic_file file, staging.create(0666));
  SPILLWAY_TRY(file.write(text));
  SPILLWAY_TRY(file.commit(directory.get(), settings_name, fs::replace::yes));
  return settings;
}

}  // namespace spillway::bucket
