#include "intake/file_source.hpp"

#include <algorithm>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace spillway::intake {
namespace {

failure cannot_read(const std::string& name) { return base::from_errno(errno, "reading " + name); }

failure became_shorter(const std::string& name) {
  return {errc::io, "reading " + name, "it became shorter while it was read", "take it in once nothing changes it"};
}

failure was_replaced(const std::string& name) {
  return {errc::io, "reading " + name, "it was replaced while it was read", "take it in once nothing changes it"};
}

}  // namespace

result<std::unique_ptr<file_source>> file_source::open(const std::string& name, std::stop_token stop,
                                                       file_front front) {
  const bool is_standard_input = name == standard_input;
  std::string shown_name = is_standard_input ? "standard input" : name;
  // Without O_NONBLOCK, opening a FIFO would wait for its writer, whatever is asked meanwhile.
  fs::descriptor file(is_standard_input ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                        : ::open(name.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  struct stat state {};
  if (!file || ::fstat(file.get(), &state) != 0) {
    return cannot_read(shown_name);
  }
  if (S_ISDIR(state.st_mode)) {
    return failure{errc::io, "reading " + shown_name, "it is a directory", {}};
  }
  std::unique_ptr<net::waiter> waiting;
  if (!S_ISREG(state.st_mode)) {
    SPILLWAY_TRY_ASSIGN(waiting, net::waiter::make({net::moment::max(), std::move(stop)}));
  }
  (void)::posix_fadvise(file.get(), 0, 0, POSIX_FADV_SEQUENTIAL);
  // Of standard input only what is left behind its place is read, which may be anywhere.
  const bool has_size = S_ISREG(state.st_mode) && !is_standard_input;
  const auto bytes = std::max(front.bytes, static_cast<std::uint64_t>(has_size ? state.st_size : 0));
  return std::unique_ptr<file_source>(
      new file_source(std::move(shown_name), std::move(file), front, bytes, std::move(waiting)));
}

result<std::size_t> file_source::read(char* out, std::size_t bytes_max) {
  if (ahead_.empty()) {
    return read_file(out, bytes_max);
  }
  const std::size_t count = std::min(bytes_max, ahead_.size());
  std::memcpy(out, ahead_.data(), count);
  ahead_.erase(0, count);
  return count;
}

result<void> file_source::check_front() {
  constexpr std::size_t piece_bytes = std::size_t{256} << 10;
  while (bytes_ < front_.bytes) {
    const std::size_t had = ahead_.size();
    ahead_.resize(had + piece_bytes);
    const auto got = read_file(ahead_.data() + had, piece_bytes);
    ahead_.resize(had + (got ? *got : 0));
    if (!got) {
      return got.error();
    }
  }
  return is_another_ ? result<void>(was_replaced(name_)) : result<void>();
}

result<std::size_t> file_source::read_file(char* out, std::size_t bytes_max) {
  if (bytes_ < front_.bytes) {
    bytes_max = static_cast<std::size_t>(std::min<std::uint64_t>(bytes_max, front_.bytes - bytes_));
  }
  for (;;) {
    if (waiting_ && waiting_->wait(file_.get(), net::interest::read, net::moment::max()) == net::wait_end::stopped) {
      return failure{errc::interrupted, "reading " + name_, "asked to stop", {}};
    }
    const ssize_t got = ::read(file_.get(), out, bytes_max);
    if (got >= 0) {
      const auto count = static_cast<std::size_t>(got);
      if (count == 0 && bytes_ < bytes_min_) {
        return became_shorter(name_);
      }
      bytes_ += count;
      hash_.update({out, count});
      is_another_ = is_another_ || (count > 0 && bytes_ == front_.bytes && digest() != front_.hash);
      return is_another_ ? result<std::size_t>(was_replaced(name_)) : result<std::size_t>(count);
    }
    if (errno != EINTR && errno != EAGAIN) {
      return cannot_read(name_);
    }
  }
}

result<std::optional<std::uint64_t>> size_of(const std::string& name) {
  struct stat state {};
  if (name == standard_input) {
    return std::nullopt;
  }
  if (::stat(name.c_str(), &state) != 0) {
    return cannot_read(name);
  }
  return S_ISREG(state.st_mode) ? std::optional(static_cast<std::uint64_t>(state.st_size)) : std::nullopt;
}

result<std::vector<base::hash128>> hash_prefixes(const std::string& name, const std::vector<std::uint64_t>& lengths) {
  SPILLWAY_TRY_ASSIGN(const std::unique_ptr<file_source> file, file_source::open(name));
  // Heads are short, and there may be many files: no more is cleared than is read at once.
  const std::uint64_t bytes_max = lengths.empty() ? 0 : lengths.back();
  std::string buffer(static_cast<std::size_t>(std::min(bytes_max, std::uint64_t{1} << 20)), '\0');
  std::vector<base::hash128> hashes;
  for (const std::uint64_t length : lengths) {
    while (file->bytes() < length) {
      const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(buffer.size(), length - file->bytes()));
      SPILLWAY_TRY_ASSIGN(const std::size_t got, file->read(buffer.data(), wanted));
      if (got == 0) {
        return became_shorter(name);
      }
    }
    hashes.push_back(file->digest());
  }
  return hashes;
}

}  // namespace spillway::intake
