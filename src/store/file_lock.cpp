#include "store/file_lock.hpp"

#include <cerrno>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>

namespace spillway::store {
namespace {

constexpr std::chrono::milliseconds look_interval{1};

// Behind what SQLite locks, the 512 bytes from 1 GiB on, and not in the way of flock. Ours.
constexpr off_t migration_byte = off_t{1} << 62;

// False: it is held.
result<bool> try_lock(int file, int how) {
  if (::flock(file, how | LOCK_NB) == 0) {
    return true;
  }
  return errno == EWOULDBLOCK ? result<bool>(false) : base::from_errno(errno, {});
}

}  // namespace

result<bool> take_file_lock(int file, std::chrono::milliseconds wait_max) {
  const auto deadline = std::chrono::steady_clock::now() + wait_max;
  for (;;) {
    const auto taken = try_lock(file, LOCK_EX);
    if (!taken || *taken || std::chrono::steady_clock::now() >= deadline) {
      return taken;
    }
    std::this_thread::sleep_for(look_interval);
  }
}

result<bool> take_migration_lock(int file) {
  struct flock byte{};
  byte.l_type = F_WRLCK;
  byte.l_whence = SEEK_SET;
  byte.l_start = migration_byte;
  byte.l_len = 1;
  // Of the open file: one of the process would go when SQLite closes any of its own.
  if (::fcntl(file, F_OFD_SETLK, &byte) == 0) {
    return true;
  }
  return errno == EAGAIN || errno == EACCES ? result<bool>(false) : base::from_errno(errno, {});
}

result<bool> is_file_lock_free(int file) {
  const auto is_free = try_lock(file, LOCK_SH);
  if (is_free && *is_free) {
    ::flock(file, LOCK_UN);
  }
  return is_free;
}

}  // namespace spillway::store
