// The newest keys, in memory: one table of open addressing with linear probing, at most half full.
#pragma once

#include "store/seen_key.hpp"

#include <cstddef>
#include <vector>

namespace spillway::store {

// Thread rule: one thread.
class recent_keys {
public:
  recent_keys();

  bool has_duplicate(const seen_key& key) const;
  void add(const seen_key& key);
  std::size_t size() const { return keys_; }
  std::size_t bytes() const { return slots_.size() * sizeof(seen_key); }

  // Where has_duplicate() begins, to be fetched some keys ahead: the table is larger than a core's cache.
  const void* place_of(const seen_key& key) const { return &slots_[slot_of(key)]; }

  // Gives all keys, in no order, and is empty afterwards.
  std::vector<seen_key> take_all();

private:
  std::size_t slot_of(const seen_key& key) const { return key.hash.low & (slots_.size() - 1); }
  void grow();

  std::vector<seen_key> slots_;  // a slot without a key has `empty_slot` as its time
  std::size_t keys_ = 0;
};

}  // namespace spillway::store
