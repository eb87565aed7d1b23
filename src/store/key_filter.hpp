// Which keys are surely not among many: a Bloom filter, the bits of a key within one line of the cache.
#pragma once

#include "base/hashes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace spillway::store {

class key_filter {
public:
  // Room for so many keys, at 12 bits each. More only make it err more often.
  explicit key_filter(std::size_t keys_max);

  void add(const base::hash128& key);

  // False: `key` was never added. True of one key in a hundred that was not.
  bool may_have(const base::hash128& key) const;

  bool is_full() const { return keys_ >= keys_max_; }
  std::size_t bytes() const { return lines_.size() * sizeof(line); }
  static std::size_t bytes_of(std::size_t keys_max) { return lines_of(keys_max) * sizeof(line); }

private:
  using line = std::array<std::uint64_t, 8>;
  static std::size_t lines_of(std::size_t keys_max);
  std::size_t line_of(const base::hash128& key) const;

  std::size_t keys_max_;
  std::size_t keys_ = 0;
  std::vector<line> lines_;
};

}  // namespace spillway::store
