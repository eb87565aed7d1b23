// A file or standard input, read once from its start, counted and hashed on the way.
#pragma once

#include "base/hashes.hpp"
#include "fs/descriptor.hpp"
#include "intake/byte_reader.hpp"
#include "net/waiter.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::intake {

// The name that stands for standard input.
inline constexpr std::string_view standard_input = "-";

// The first bytes of a file, by their hash. A name may stand for another file by the time it is opened again.
struct file_front {
  std::uint64_t bytes = 0;
  base::hash128 hash;
};

class file_source final : public byte_reader {
public:
  // A FIFO that nobody writes to yet is opened at once; reading waits. `stop` ends such waits. The file has to begin
  // with `front`. errc::not_found, errc::io: it can't be opened or is a directory.
  static result<std::unique_ptr<file_source>> open(const std::string& name, std::stop_token stop = {},
                                                   file_front front = {});

  // errc::io: it can't be read, has become shorter than it was when it was opened, or has another front.
  // errc::interrupted: asked to stop while it waited for a pipe or a terminal.
  result<std::size_t> read(char* out, std::size_t bytes_max) override;

  // Whether what was read so far is of the file that was meant: looks at the rest of its front, if that was not read
  // yet. errc::io: as read().
  result<void> check_front();

  std::uint64_t bytes() const { return bytes_; }           // read so far, by check_front() too
  base::hash128 digest() const { return hash_.digest(); }  // of these

private:
  file_source(std::string name, fs::descriptor file, file_front front, std::uint64_t bytes_min,
              std::unique_ptr<net::waiter> waiting)
      : name_(std::move(name)),
        file_(std::move(file)),
        front_(front),
        bytes_min_(bytes_min),
        waiting_(std::move(waiting)) {}

  result<std::size_t> read_file(char* out, std::size_t bytes_max);

  std::string name_;
  fs::descriptor file_;
  file_front front_;
  bool is_another_ = false;               // its front is not front_
  std::string ahead_;                     // read by check_front(), and not given yet
  std::uint64_t bytes_min_;               // its size when it was opened, or its front's; 0 of what has none
  std::unique_ptr<net::waiter> waiting_;  // null: of a regular file, which is never waited for
  std::uint64_t bytes_ = 0;
  base::hash128_stream hash_;
};

// The size of a regular file; nullopt for standard input, pipes and devices, which have no identity.
result<std::optional<std::uint64_t>> size_of(const std::string& name);

// The hashes of the first lengths[i] bytes of a regular file, in one pass. REQUIRES: `lengths` ascend and fit the file;
// errc::io if it has become shorter.
result<std::vector<base::hash128>> hash_prefixes(const std::string& name, const std::vector<std::uint64_t>& lengths);

}  // namespace spillway::intake
