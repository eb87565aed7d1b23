// Where a scenario delivers to. It outlives the runs, as a bucket outlives the processes that write to it.
#pragma once

#include "base/clock.hpp"
#include "bucket/bucket.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace spillway::test {

class destination {
public:
  virtual ~destination() = default;
  // As connections name it.
  virtual std::string place() const = 0;
  virtual result<std::shared_ptr<bucket::bucket>> open(const base::clock& clock) = 0;
  // Key to bytes of all objects.
  virtual std::map<std::string, std::string> objects() const = 0;
};

// Makes it for a scenario whose directory is `in`.
using destination_maker =
    std::function<std::unique_ptr<destination>(const std::filesystem::path& in, const base::clock& clock)>;

// The directory "bucket" in it.
std::unique_ptr<destination> make_mirror(const std::filesystem::path& in, const base::clock& clock);

// A bucket in memory.
std::unique_ptr<destination> make_memory(const std::filesystem::path& in, const base::clock& clock);

}  // namespace spillway::test
