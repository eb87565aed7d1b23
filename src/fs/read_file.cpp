#include "fs/read_file.hpp"

#include "base/bytes.hpp"
#include "fs/descriptor.hpp"
#include "fs/file_identity.hpp"

#include <algorithm>
#include <cerrno>

#include <fcntl.h>

namespace spillway::fs {
namespace {

constexpr std::size_t step_bytes = std::size_t{64} << 10;

// The size that the file system tells is no promise (pipes, /proc), so the end is what read() says it is.
result<std::string> read_all(int file, const std::string& doing, std::uint64_t bytes_max) {
  std::string bytes;
  for (;;) {
    const std::size_t before = bytes.size();
    bytes.resize(before + step_bytes);
    const ssize_t got = ::read(file, bytes.data() + before, step_bytes);
    const int error_number = errno;
    bytes.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got < 0 && error_number != EINTR) {
      return base::from_errno(error_number, doing);
    }
    if (bytes.size() > bytes_max) {
      return failure{errc::too_large, doing, "it has more than " + base::human_bytes(bytes_max), {}};
    }
    if (got == 0) {
      return bytes;
    }
  }
}

}  // namespace

result<std::string> read_file(const std::filesystem::path& path, std::uint64_t bytes_max) {
  const std::string doing = "reading " + base::printable(path.string());
  const descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    return base::from_errno(errno, doing);
  }
  return read_all(file.get(), doing, bytes_max);
}

result<std::string> read_file(int directory, const std::string& name, std::uint64_t bytes_max) {
  const std::string doing = "reading " + base::printable(name);
  // Without O_NONBLOCK, opening a FIFO would wait for a writer.
  const descriptor file(::openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) {
    return base::from_errno(errno == ELOOP || errno == ENXIO ? ENOENT : errno, doing);
  }
  SPILLWAY_TRY_ASSIGN(const entry_state state, state_of(file.get()));
  if (state.kind != entry_kind::file) {
    return base::from_errno(ENOENT, doing);
  }
  return read_all(file.get(), doing, bytes_max);
}

}  // namespace spillway::fs
