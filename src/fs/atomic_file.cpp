#include "fs/atomic_file.hpp"

#include "base/bytes.hpp"
#include "fs/directory.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>

#include <fcntl.h>
#include <sys/stat.h>

namespace spillway::fs {
namespace {

// Below this a system call costs more than the copy it saves.
constexpr std::size_t piece_bytes_small = std::size_t{64} << 10;
constexpr std::size_t gathered_bytes_max = std::size_t{256} << 10;
constexpr std::size_t copy_bytes = std::size_t{1} << 20;
// So much is given to the disk at once while a file is being written.
constexpr std::uint64_t write_back_bytes = std::uint64_t{4} << 20;

bool cannot_copy_in_kernel(int error_number) {
  return error_number == EXDEV || error_number == EINVAL || error_number == ENOSYS || error_number == EOPNOTSUPP ||
         error_number == EPERM || error_number == EBADF;
}

}  // namespace

int rename_entry(int from_directory, const std::string& from, int to_directory, const std::string& to, replace what) {
  if (what == replace::yes) {
    return ::renameat(from_directory, from.c_str(), to_directory, to.c_str()) == 0 ? 0 : errno;
  }
  if (::renameat2(from_directory, from.c_str(), to_directory, to.c_str(), RENAME_NOREPLACE) == 0) {
    return 0;
  }
  if (errno != EINVAL && errno != ENOSYS) {
    return errno;
  }
  // The file system knows no RENAME_NOREPLACE (NFS); a hard link never replaces either.
  if (::linkat(from_directory, from.c_str(), to_directory, to.c_str(), 0) != 0) {
    return errno;
  }
  ::unlinkat(from_directory, from.c_str(), 0);
  return 0;
}

atomic_file::atomic_file(int directory, std::string temporary, descriptor file)
    : directory_(directory), temporary_(std::move(temporary)), file_(std::move(file)) {}

atomic_file::atomic_file(atomic_file&& other) noexcept
    : directory_(other.directory_),
      temporary_(std::exchange(other.temporary_, {})),
      file_(std::move(other.file_)),
      gathered_(std::move(other.gathered_)),
      written_bytes_(other.written_bytes_),
      given_bytes_(other.given_bytes_) {}

atomic_file::~atomic_file() {
  if (!temporary_.empty()) {
    ::unlinkat(directory_, temporary_.c_str(), 0);
  }
}

result<atomic_file> atomic_file::create(int directory, std::string temporary, mode_t mode) {
  descriptor file(::openat(directory, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!file) {
    return base::from_errno(errno, "making the temporary file " + base::printable(temporary));
  }
  return atomic_file(directory, std::move(temporary), std::move(file));
}

result<void> atomic_file::write_through(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      return base::from_errno(errno, "writing to the temporary file " + temporary_);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
    start_writing_back(static_cast<std::uint64_t>(written));
  }
  return {};
}

// The disk begins while the rest is still being made, so that the sync at the end has less to wait for.
void atomic_file::start_writing_back(std::uint64_t bytes) {
  written_bytes_ += bytes;
  if (written_bytes_ - given_bytes_ >= write_back_bytes) {
    // Only a hint: what comes of it, the sync will say.
    (void)::sync_file_range(file_.get(), static_cast<off_t>(given_bytes_),
                            static_cast<off_t>(written_bytes_ - given_bytes_), SYNC_FILE_RANGE_WRITE);
    given_bytes_ = written_bytes_;
  }
}

result<void> atomic_file::flush() {
  SPILLWAY_TRY(write_through(gathered_));
  gathered_.clear();
  return {};
}

result<void> atomic_file::write(std::string_view bytes) {
  if (bytes.size() < piece_bytes_small) {
    gathered_.append(bytes);
    return gathered_.size() < gathered_bytes_max ? result<void>() : flush();
  }
  SPILLWAY_TRY(flush());
  return write_through(bytes);
}

result<void> atomic_file::append_file(int file, std::uint64_t bytes) {
  SPILLWAY_TRY(flush());
  off_t from = 0;
  const auto end = static_cast<off_t>(bytes);
  std::string buffer;
  while (from < end) {
    if (buffer.empty()) {
      const ssize_t copied =
          ::copy_file_range(file, &from, file_.get(), nullptr, static_cast<std::size_t>(end - from), 0);
      if (copied > 0 || (copied < 0 && errno == EINTR)) {
        continue;
      }
      if (copied < 0 && !cannot_copy_in_kernel(errno)) {
        return base::from_errno(errno, "copying to the temporary file " + temporary_);
      }
      buffer.resize(copy_bytes);
    }
    const std::size_t wanted = std::min(copy_bytes, static_cast<std::size_t>(end - from));
    const ssize_t got = ::pread(file, buffer.data(), wanted, from);
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return base::from_errno(errno, "reading a file to copy");
    }
    if (got == 0) {
      return failure{errc::corrupt, "reading a file to copy", "it has become shorter", {}};
    }
    SPILLWAY_TRY(write_through(std::string_view(buffer.data(), static_cast<std::size_t>(got))));
    from += got;
  }
  return {};
}

result<file_identity> atomic_file::seal(durability wanted) {
  SPILLWAY_TRY(flush());
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const timespec times[2] = {now, now};
  ::futimens(file_.get(), times);
  if (wanted == durability::synced && ::fsync(file_.get()) != 0) {
    return base::from_errno(errno, "syncing the temporary file " + temporary_);
  }
  SPILLWAY_TRY_ASSIGN(const entry_state state, state_of(file_.get()));
  if (const int error_number = file_.close(); error_number != 0) {
    return base::from_errno(error_number, "closing the temporary file " + temporary_);
  }
  return state.identity;
}

int atomic_file::rename_to(int directory, const std::string& name, replace what) {
  const int error_number = rename_entry(directory_, temporary_, directory, name, what);
  if (error_number == 0) {
    temporary_.clear();
  }
  return error_number;
}

result<void> atomic_file::commit(int directory, const std::string& name, replace what) {
  if (file_) {
    SPILLWAY_TRY(seal(durability::synced));
  }
  if (const int error_number = rename_to(directory, name, what); error_number != 0) {
    return base::from_errno(error_number, "renaming a temporary file to " + base::printable(name));
  }
  return sync_directory(directory, name);
}

result<void> write_file(const std::filesystem::path& path, std::string_view bytes, mode_t mode) {
  const std::filesystem::path parent = path.parent_path().empty() ? "." : path.parent_path();
  SPILLWAY_TRY_ASSIGN(const descriptor directory, open_directory(parent));
  SPILLWAY_TRY_ASSIGN(atomic_file file, atomic_file::create(directory.get(), ".tmp-" + random_name(), mode));
  SPILLWAY_TRY(file.write(bytes));
  return file.commit(directory.get(), path.filename().string(), replace::yes);
}

}  // namespace spillway::fs
