// The keys that are no longer in memory: by week, in runs of rows.
//
// A run is what was added at once, or several of these merged: rows of up to 3,840 keys (store/key_row.hpp), each a
// page of the file, in the order of their hashes. A few runs a week are looked up; when there are more, the newest ones
// are merged, so that a key is written about five times and a row is always full. Each row has a filter in memory, made
// when the row is first read or written: of new keys, one in four hundred is looked up in a row. Without room for
// filters, a batch still reads each row about once, since it goes through keys and rows in the order of their hashes.
//
// Runs can be merged a few rows at a time, and the file is right between any two steps: a key is in one run or the
// other.
#pragma once

#include "base/result.hpp"
#include "db/sqlite.hpp"
#include "store/key_filter.hpp"
#include "store/seen_key.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::store {

// errc::corrupt
failure damaged_keys();

enum class novelty : std::uint8_t { kept, duplicate };

struct stored_row {
  std::uint64_t first_high = 0;  // of its first key's hash
  std::int64_t id = 0;
  key_filter filter;
};

struct key_run {
  std::int64_t id = 0;  // within its week; a newer run has a larger one
  std::vector<stored_row> rows;
};

// Thread rule: as its database. After a failure, or a rollback of a transaction that it has written in, the memory no
// longer agrees with the file: open another.
class key_runs {
public:
  // Only reads through `reads`, which must live as long as this.
  key_runs(db::database& reads, std::size_t filter_bytes_max) : reads_(&reads), filter_bytes_max_(filter_bytes_max) {}

  // Which weeks there are; a week's rows are listed when it is first needed.
  result<void> load();

  // Marks in `found` the keys that have a duplicate in a row.
  result<void> find_duplicates(std::span<const seen_key> keys, std::vector<novelty>& found);

  // A run for each week among `keys`. REQUIRES: an open transaction of `state`.
  result<void> add(db::database& state, std::span<const seen_key> keys);

  // Whether merge_some() has something to do.
  bool wants_merge();

  // Does a bounded part of it: what a transaction holds of it stays below 10 MB. REQUIRES: an open transaction of
  // `state`.
  result<void> merge_some(db::database& state);

  std::size_t filter_bytes() const { return filter_bytes_; }

private:
  struct week {
    bool is_loaded = false;
    std::vector<key_run> runs;  // the newest last
  };
  // Runs are counted from 1.
  static constexpr std::int64_t merge_not_begun = 0;
  struct planned_merge {
    std::int64_t week = 0;
    std::int64_t target = merge_not_begun;  // the id of the run that is made
    std::vector<std::int64_t> sources;  // ids of the runs that go into it
  };
  struct ordered_key;
  struct batch;
  class merger;

  result<week*> loaded_week(std::int64_t number);
  static std::vector<ordered_key> in_order(std::span<const seen_key> keys);
  result<void> look_up_part(batch& keys);
  static void place(batch& keys, const key_run& run);
  static void filter(batch& keys, const key_run& run);
  result<void> look_up_run(std::int64_t number, key_run& run, batch& keys);
  result<bool> row_has(std::int64_t number, stored_row& row, batch& keys, const ordered_key& key);
  std::optional<planned_merge> next_merge() const;

  void make_filter(stored_row& row, std::string_view keys);
  void drop_filter(stored_row& row);
  void drop_filters_outside(std::int64_t first_week, std::int64_t last_week);

  result<void> write_row(db::database& state, std::int64_t number, key_run& run, std::string_view keys);

  db::database* reads_;
  std::size_t filter_bytes_max_;
  std::size_t filter_bytes_ = 0;
  std::map<std::int64_t, week> weeks_;
  std::set<std::int64_t> growing_;  // weeks of the last add(): more is likely to come
  std::optional<planned_merge> under_way_;
};

}  // namespace spillway::store
