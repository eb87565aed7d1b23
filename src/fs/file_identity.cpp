#include "fs/file_identity.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>

namespace spillway::fs {
namespace {

entry_kind kind_of(mode_t mode) {
  if (S_ISREG(mode)) {
    return entry_kind::file;
  }
  if (S_ISDIR(mode)) {
    return entry_kind::directory;
  }
  return S_ISLNK(mode) ? entry_kind::link : entry_kind::other;
}

entry_state to_state(const struct stat& raw) {
  const std::int64_t modified_ns = std::int64_t{raw.st_mtim.tv_sec} * 1'000'000'000 + raw.st_mtim.tv_nsec;
  return {kind_of(raw.st_mode), {raw.st_ino, static_cast<std::uint64_t>(raw.st_size), modified_ns}};
}

}  // namespace

result<entry_state> state_of(int file) {
  struct stat raw{};
  if (::fstat(file, &raw) != 0) {
    return base::from_errno(errno, "looking at an open file");
  }
  return to_state(raw);
}

result<std::optional<entry_state>> state_of(int directory, const std::string& name) {
  struct stat raw{};
  if (::fstatat(directory, name.c_str(), &raw, AT_SYMLINK_NOFOLLOW) == 0) {
    return std::optional<entry_state>(to_state(raw));
  }
  if (errno == ENOENT || errno == ENOTDIR) {
    return std::optional<entry_state>();
  }
  return base::from_errno(errno, "looking at " + name);
}

}  // namespace spillway::fs
