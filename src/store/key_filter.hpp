// Which keys are surely not among those of a row: a Bloom filter, the bits of a key within one line of the cache.
#pragma once

#include "store/seen_key.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace spillway::store {

class key_filter {
public:
  // None: may_have() must not be asked.
  key_filter() = default;

  // Room for so many keys, at 14 bits each.
  explicit key_filter(std::size_t keys) : lines_(lines_of(keys)) {}

  bool is_there() const { return !lines_.empty(); }

  void add(const key_hash& key);

  // False: `key` was never added. True of one key in four hundred that was not.
  bool may_have(const key_hash& key) const;

  // Where may_have() looks, to be fetched ahead; without lines a place that can be fetched, too. A function that does
  // the fetching has no effect for g++ 12, which leaves calls of it out.
  const void* place_of(const key_hash& key) const { return lines_.data() + line_of(key); }

  std::size_t bytes() const { return lines_.size() * sizeof(line); }
  static std::size_t bytes_of(std::size_t keys) { return lines_of(keys) * sizeof(line); }

private:
  // Of the processor's cache.
  struct alignas(64) line {
    std::array<std::uint64_t, 8> words{};
  };
  static std::size_t lines_of(std::size_t keys);
  // The keys of a row share the first bits of their hashes, so that only the others tell them apart.
  std::size_t line_of(const key_hash& key) const {
    return static_cast<std::size_t>((key.high & 0xffffffff) * lines_.size() >> 32);
  }

  std::vector<line> lines_;
};

}  // namespace spillway::store
