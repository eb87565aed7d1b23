// Which events have been seen: the 7-day rule, exact, in bounded memory.
//
// An event is a duplicate of a kept one with the same key whose server_upload_time is at most 7 days away, in either
// direction. Source: the specification's `$insert_id`, "within the past 7 days"; "in either direction" because inputs may
// come out of order.
//
// The newest keys are in one open-addressing table in memory and, as they came, in `duplicate_batch` (read at open).
// When they are many they are merged into `duplicate_row`: rows by UTC day and key range, about 2,000 keys each, which a
// batch looks up in the order of its keys, so that each row is read once a batch. A filter a day, made of its rows when
// the day is first needed, keeps new keys from being looked up at all: ten batches would read as much as making it does.
//
// A key in both tables is 24 bytes, little-endian: hash high (8), hash low (8), server_upload_time in us (8):
//   11 22 33 44 55 66 77 88  99 aa bb cc dd ee ff 00  00 70 f8 5f f8 9c 05 00
#pragma once

#include "base/hashes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "db/sqlite.hpp"
#include "store/key_filter.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spillway::store {

inline constexpr auto duplicate_window = std::chrono::days{7};

// A key and its event's server_upload_time.
struct seen_key {
  base::hash128 hash;
  std::int64_t uploaded_at_us = 0;
  friend auto operator<=>(const seen_key&, const seen_key&) = default;
};

// 24 MB of table at most; merging more often would write more.
inline constexpr std::size_t recent_keys_max = 250'000;

// A row of one day: where its range of keys begins.
struct duplicate_row_place {
  base::hash128 first;
  std::int64_t id = 0;
};

enum class novelty : std::uint8_t { kept, duplicate };

// Thread rule: as its database. After a failure, or a rollback of a transaction with its keys, the memory
// no longer agrees with the file: open another.
class duplicate_index {
public:
  // Only reads through `reads`, which must live as long as the index. `recent_max`: so many keys are in memory before
  // they are merged into rows.
  static result<duplicate_index> open(db::database& reads, std::size_t recent_max = recent_keys_max);

  // Says of each key, in order, whether its event is kept; kept ones count at once, also within `keys`.
  result<std::vector<novelty>> admit(std::span<const seen_key> keys);

  // What was admitted since the last call, as write_keys() takes it: to be written with the events.
  std::string take_unsaved() { return std::exchange(unsaved_, {}); }

  // Whether so many keys are in memory that merge() is due.
  bool needs_merge() const { return recent_ >= recent_max_; }

  // Moves the keys in memory to rows. REQUIRES: everything that was taken is in the file; an open transaction of `state`.
  result<void> merge(db::database& state);

private:
  using directory = std::vector<duplicate_row_place>;

  duplicate_index(db::database& reads, std::size_t recent_max) : reads_(&reads), recent_max_(recent_max) {}
  result<void> load();
  result<directory*> directory_of(std::int64_t day);
  result<const key_filter*> filter_of(std::int64_t day, const directory& rows);
  result<std::vector<std::uint32_t>> keys_to_look_up(std::int64_t day, const directory& rows, std::span<const seen_key> keys,
                                                     const std::vector<novelty>& found);
  result<void> look_up_day(std::int64_t day, std::span<const seen_key> keys, std::vector<novelty>& found);
  void note_merged(std::int64_t day, std::span<const seen_key> keys);
  result<void> merge_day(db::database& state, std::int64_t day, std::span<const seen_key> keys);

  // Open addressing with linear probing; a slot without an event has `empty_slot` as its time.
  bool is_recent_duplicate(const seen_key& key) const;
  void remember(const seen_key& key);
  void grow();

  db::database* reads_;
  std::size_t recent_max_;
  std::vector<seen_key> slots_;
  std::size_t recent_ = 0;  // keys in slots_
  std::string unsaved_;     // keys admitted since take_unsaved(), as they are written
  std::map<std::int64_t, directory> days_;  // of all days that have rows; filled when a day is needed
  std::map<std::int64_t, bool> loaded_;
  std::map<std::int64_t, key_filter> filters_;
};

// Writes keys that take_unsaved() gave. REQUIRES: an open transaction.
result<void> write_keys(db::database& state, std::string_view keys);

}  // namespace spillway::store
