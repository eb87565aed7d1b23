#include "store/log_repair.hpp"

#include "fs/descriptor.hpp"
#include "store/missing_pages.hpp"

#include <cerrno>
#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace spillway::store {
namespace {

constexpr std::size_t piece_bytes = std::size_t{1} << 20;

result<void> write_at(int file, std::string_view bytes, off_t at) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), at);
    if (written < 0) {
      return base::from_errno(errno, "writing its write-ahead log again");
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
    at += written;
  }
  return {};
}

result<void> write_again(int log) {
  std::string piece(piece_bytes, '\0');
  for (off_t at = 0;;) {
    const ssize_t got = ::pread(log, piece.data(), piece.size(), at);
    if (got < 0) {
      return base::from_errno(errno, "reading its write-ahead log");
    }
    if (got == 0) {
      break;
    }
    SPILLWAY_TRY(write_at(log, std::string_view(piece).substr(0, static_cast<std::size_t>(got)), at));
    at += got;
  }
  return ::fsync(log) == 0 ? result<void>() : base::from_errno(errno, "syncing its write-ahead log");
}

}  // namespace

result<void> repair_log(db::database& state, const std::filesystem::path& path) {
  // The write lock: who has it not neither adds to the log nor begins it anew.
  SPILLWAY_TRY_ASSIGN(const db::transaction nobody_else_writes, db::transaction::begin(state));
  const fs::descriptor log(::open(log_of(path).c_str(), O_RDWR | O_CLOEXEC));
  if (!log) {
    return errno == ENOENT ? result<void>() : base::from_errno(errno, "opening its write-ahead log");
  }
  return write_again(log.get());
}

}  // namespace spillway::store
