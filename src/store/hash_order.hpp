// Sorting by hash. Hashes are evenly spread: the first bits of one say where it belongs, but for a few places, so that
// nearly nothing is compared. Where they are not, by chance or on purpose, it is an ordinary sort.
#pragma once

#include "store/seen_key.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace spillway::store {

// The keys in the order of hash_of(key). At most 2^32.
template <class Key, class HashOf>
std::vector<Key> in_hash_order(std::span<const Key> keys, HashOf hash_of) {
  constexpr std::size_t keys_per_bucket = 4;  // the counts of half a million keys fit into a core's cache
  const std::size_t buckets = std::bit_floor(std::max(keys.size() / keys_per_bucket, std::size_t{2}));
  const int shift = 64 - std::countr_zero(buckets);
  const auto bucket_of = [&](const Key& key) { return std::invoke(hash_of, key).high >> shift; };

  // First how many keys each bucket has, then where its next key goes, at last where it ends.
  std::vector<std::uint32_t> ends(buckets);
  for (const Key& key : keys) {
    ++ends[bucket_of(key)];
  }
  std::uint32_t begin = 0;
  for (std::uint32_t& each : ends) {
    const std::uint32_t count = each;
    each = begin;
    begin += count;
  }
  std::vector<Key> sorted(keys.size());
  for (const Key& key : keys) {
    sorted[ends[bucket_of(key)]++] = key;
  }
  begin = 0;
  for (const std::uint32_t end : ends) {
    std::ranges::sort(sorted.begin() + begin, sorted.begin() + end, {}, hash_of);
    begin = end;
  }
  return sorted;
}

}  // namespace spillway::store
