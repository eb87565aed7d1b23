// Which events have been seen: the 7-day rule, exact, in bounded memory.
//
// An event is a duplicate of a kept one with the same key whose server_upload_time is at most 7 days away, in either
// direction. The newest keys are in one table in memory (store/recent_keys.hpp) and, as they came, in
// `duplicate_batch`, which is read at open. When they are many, they become runs of rows by week (store/key_runs.hpp).
//
// A key in `duplicate_batch` is 20 bytes, little-endian: hash high (8), hash low (4), server_upload_time in us (8):
//   88 77 66 55 44 33 22 11  cc bb aa 99  00 70 f8 5f f8 9c 05 00
#pragma once

#include "base/result.hpp"
#include "db/sqlite.hpp"
#include "store/key_runs.hpp"
#include "store/recent_keys.hpp"
#include "store/seen_key.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spillway::store {

struct index_limits {
  // For the table, whose share is 26 MB, and the filters: 14 bits for each key of the weeks around what is taken in.
  // 120 MB are room for 53 million keys; of others the rows are read, which takes longer the smaller the batches are.
  std::size_t memory_bytes = std::size_t{120'000'000};
  // In memory before they become rows. Fewer would write more; more would be read at each open.
  std::size_t recent_keys = 250'000;
};

// So many steps of merge() a commit keep up, also with commits of several hundred thousand keys: a key is written five
// times, half a million of them a step. A step is a transaction.
inline constexpr int merge_steps_per_commit = 8;

// Thread rule: as its database. After a failure, or a rollback of a transaction with its keys, the memory
// no longer agrees with the file: open another.
class duplicate_index {
public:
  // Only reads through `reads`, which must live as long as the index.
  static result<duplicate_index> open(db::database& reads, index_limits limits = {});

  // Says of each key, in order, whether its event is kept; kept ones count at once, also within `keys`.
  result<std::vector<novelty>> admit(std::span<const seen_key> keys);

  // What was admitted since the last call, as write_keys() takes it: to be written with the events.
  std::string take_unsaved() { return std::exchange(unsaved_, {}); }

  // What the table and the filters take now.
  std::size_t memory_bytes() const { return recent_.bytes() + rows_.filter_bytes(); }

  // Whether merge() is due: there are many keys in memory, or many runs of rows.
  bool needs_merge() { return recent_.size() >= limits_.recent_keys || rows_.wants_merge(); }

  // Moves the keys in memory to rows, or does a part of merging rows: so much as a transaction should hold.
  // REQUIRES: everything that was taken is in the file; an open transaction of `state`.
  result<void> merge(db::database& state);

private:
  duplicate_index(db::database& reads, index_limits limits);
  result<void> load(db::database& reads);

  index_limits limits_;
  recent_keys recent_;
  key_runs rows_;
  std::string unsaved_;  // keys admitted since take_unsaved(), as they are written
};

// Writes keys that take_unsaved() gave. REQUIRES: an open transaction.
result<void> write_keys(db::database& state, std::string_view keys);

// The keys of a row of `duplicate_batch`.
std::vector<seen_key> keys_of_batch(std::string_view keys);

}  // namespace spillway::store
