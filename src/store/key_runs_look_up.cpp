// How keys are looked up in runs: in the order of their hashes.
#include "store/hash_order.hpp"
#include "store/key_row.hpp"
#include "store/key_row_reader.hpp"
#include "store/key_runs.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace spillway::store {
namespace {

// So many keys of a batch go through all runs while they are in a core's cache.
constexpr std::size_t keys_at_once = 2'048;

}  // namespace

// A key's hash, copied so that all of a batch are read in order, and which key of the batch it is.
struct key_runs::ordered_key {
  std::uint64_t high;
  std::uint32_t low;
  std::uint32_t key;
  key_hash hash() const { return {high, low}; }
};

// A key's index in a part of a batch, and the last row of a run that may have it.
struct placed_key {
  std::uint32_t key;
  std::uint32_t row;
};

// Keys that are looked up, and what was found of them so far.
struct key_runs::batch {
  std::span<const seen_key> keys;
  std::vector<ordered_key> order;
  std::vector<novelty>& found;
  std::int64_t first_week;  // that a duplicate may have
  std::int64_t last_week;
  row_reader rows;
  std::span<const ordered_key> part = {};  // of `order`: what is looked up at once
  std::vector<placed_key> placed = {};     // of the part, in the run that is looked up
  bool has_dropped_others = false;         // filters of other weeks, which this batch makes none of
};

std::vector<key_runs::ordered_key> key_runs::in_order(std::span<const seen_key> keys) {
  std::vector<ordered_key> order(keys.size());
  for (std::uint32_t i = 0; i < keys.size(); ++i) {
    order[i] = {keys[i].hash.high, keys[i].hash.low, i};
  }
  return in_hash_order(std::span<const ordered_key>(order), &ordered_key::hash);
}

result<void> key_runs::find_duplicates(std::span<const seen_key> keys, std::vector<novelty>& found) {
  if (keys.empty() || weeks_.empty()) {
    return {};
  }
  // One view of the file for all rows: SQLite would take its locks for each.
  SPILLWAY_TRY_ASSIGN(const db::transaction view, db::transaction::begin_reading(*reads_));
  SPILLWAY_TRY_ASSIGN(row_reader rows, row_reader::open(*reads_));
  const auto [first, last] = std::ranges::minmax(keys, {}, &seen_key::uploaded_at_us);
  batch looked_up{
      keys,           in_order(keys), found, week_of(first.uploaded_at_us) - 1, week_of(last.uploaded_at_us) + 1,
      std::move(rows)};
  for (std::size_t at = 0; at < keys.size(); at += keys_at_once) {
    looked_up.part = std::span(looked_up.order).subspan(at, std::min(keys_at_once, keys.size() - at));
    SPILLWAY_TRY(look_up_part(looked_up));
  }
  return {};
}

result<void> key_runs::look_up_part(batch& keys) {
  for (auto each = weeks_.lower_bound(keys.first_week); each != weeks_.end() && each->first <= keys.last_week; ++each) {
    SPILLWAY_TRY_ASSIGN(week* const within, loaded_week(each->first));
    for (key_run& run : within->runs) {
      SPILLWAY_TRY(look_up_run(each->first, run, keys));
    }
  }
  return {};
}

// Finds the row of each key that is no duplicate so far.
void key_runs::place(batch& keys, const key_run& run) {
  keys.placed.clear();
  const auto behind = std::ranges::upper_bound(run.rows, keys.part.front().high, {}, &stored_row::first_high);
  auto row = static_cast<std::uint32_t>(std::max<std::ptrdiff_t>(behind - run.rows.begin(), 1) - 1);
  for (std::uint32_t i = 0; i < keys.part.size(); ++i) {
    const ordered_key& each = keys.part[i];
    if (keys.found[each.key] == novelty::duplicate || each.high < run.rows.front().first_high) {
      continue;
    }
    while (row + 1 < run.rows.size() && run.rows[row + 1].first_high <= each.high) {
      ++row;
    }
    keys.placed.push_back({i, row});
  }
}

// Leaves those that may be in their row, as far as its filter knows, or in the one before it: rows may share the first
// half of a hash at their ends.
void key_runs::filter(batch& keys, const key_run& run) {
  constexpr std::size_t ahead = 16;  // all filters are larger than a core's cache
  std::size_t left = 0;
  for (std::size_t n = 0; n < keys.placed.size(); ++n) {
    if (n + ahead < keys.placed.size()) {
      const placed_key& later = keys.placed[n + ahead];
      __builtin_prefetch(run.rows[later.row].filter.place_of(keys.part[later.key].hash()));
    }
    const placed_key at = keys.placed[n];
    const ordered_key& key = keys.part[at.key];
    const stored_row& row = run.rows[at.row];
    const bool is_denied = row.filter.is_there() && !row.filter.may_have(key.hash()) && row.first_high < key.high;
    keys.placed[left] = at;
    left += is_denied ? 0 : 1;
  }
  keys.placed.resize(left);
}

result<void> key_runs::look_up_run(std::int64_t number, key_run& run, batch& keys) {
  place(keys, run);
  filter(keys, run);
  for (const placed_key& each : keys.placed) {
    const ordered_key& key = keys.part[each.key];
    for (std::size_t at = each.row;; --at) {
      stored_row& row = run.rows[at];
      SPILLWAY_TRY_ASSIGN(const bool has, row_has(number, row, keys, key));
      if (has) {
        keys.found[key.key] = novelty::duplicate;
      }
      if (has || at == 0 || row.first_high < key.high) {
        break;
      }
    }
  }
  return {};
}

result<bool> key_runs::row_has(std::int64_t number, stored_row& row, batch& keys, const ordered_key& key) {
  // The row before a key's own was not asked yet, nor one whose filter was made for a key before this.
  if (row.filter.is_there() && !row.filter.may_have(key.hash())) {
    return false;
  }
  const bool is_new = !keys.rows.stands_on(row.id);
  SPILLWAY_TRY_ASSIGN(const std::string_view bytes, keys.rows.read(row.id));
  if (is_new && !row.filter.is_there()) {
    if (!keys.has_dropped_others && filter_bytes_ + key_filter::bytes_of(keys_per_row_max) > filter_bytes_max_) {
      drop_filters_outside(keys.first_week, keys.last_week);
      keys.has_dropped_others = true;
    }
    make_filter(row, bytes);
  }
  // The key itself is in no cache: it is fetched for the few whose hash is there.
  const std::optional<seen_key> found = find_key(bytes, key.hash(), number);
  return found && within_window(found->uploaded_at_us, keys.keys[key.key].uploaded_at_us);
}

}  // namespace spillway::store
