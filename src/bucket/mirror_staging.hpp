// Where bytes wait until their object is whole: ROOT/.spillway/tmp/<random>/<n>, one directory per opened mirror, so
// that neither a listing nor a person looking at the bucket ever meets half an object.
//
// Whose leftovers may be swept: the owner holds flock(2) on its directory as long as it lives, and the kernel lets go
// of it however the owner dies. A directory that can be locked by somebody else has no owner any more. Process ids and
// ages prove nothing across containers and suspended machines.
#pragma once

#include "base/result.hpp"
#include "bucket/bucket.hpp"
#include "fs/atomic_file.hpp"
#include "fs/descriptor.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <sys/types.h>

namespace spillway::bucket {

// Thread rule: any thread.
class mirror_staging {
public:
  explicit mirror_staging(int root) : root_(root) {}
  ~mirror_staging();
  mirror_staging(const mirror_staging&) = delete;
  mirror_staging& operator=(const mirror_staging&) = delete;

  // A new file on its way. The directory is made with the first, so that a mirror that is only read stays untouched.
  // errc::invalid: the file system ignores case, so that two keys could be one file.
  result<fs::atomic_file> create(mode_t mode);

  // Removes what dead owners left. What can't be removed stays: it is only space.
  static void sweep(int root);

private:
  result<void> make_directory();
  result<bool> try_directory(int parent);

  int root_;
  std::mutex mutex_;
  fs::descriptor directory_;  // locked; made once, then only read
  std::string name_;
  std::atomic<std::uint64_t> made_{0};
};

// Bytes that wait for their put, in such a file.
class mirror_staged_body final : public staged_body {
public:
  explicit mirror_staged_body(fs::atomic_file file) : file_(std::move(file)) {}

  result<void> write(std::string_view bytes) override {
    written_bytes_ += bytes.size();
    return file_->write(bytes);
  }

  // The file with all of the body's bytes, once; nullopt: it has others.
  std::optional<fs::atomic_file> take(std::uint64_t bytes) {
    std::optional<fs::atomic_file> taken;
    if (file_ && bytes == written_bytes_) {
      taken.emplace(std::move(*file_));
      file_.reset();
    }
    return taken;
  }

private:
  std::optional<fs::atomic_file> file_;  // nullopt: it was taken
  std::uint64_t written_bytes_ = 0;
};

}  // namespace spillway::bucket
