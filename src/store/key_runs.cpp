#include "store/key_runs.hpp"

#include "store/key_row.hpp"
#include "store/key_row_reader.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace spillway::store {
namespace {

// So many runs a week are looked up, one by one, while keys are added to it; of another week one, and what is small
// beside it.
constexpr std::size_t runs_max_growing = 4;
constexpr std::size_t runs_max = 1;
// The newest runs are merged, and with them each older one that has at most so many times their rows.
constexpr std::size_t older_rows_ratio = 2;
// Runs are counted from 1.
constexpr std::int64_t run_id_max = std::numeric_limits<std::int32_t>::max();

std::size_t rows_of(std::span<const key_run> runs) {
  std::size_t rows = 0;
  for (const key_run& each : runs) {
    rows += each.rows.size();
  }
  return rows;
}

// Of a week's runs, how many of the newest are to be merged; less than two: none.
std::size_t runs_to_merge(std::span<const key_run> runs, std::size_t wanted_max) {
  if (runs.size() <= wanted_max) {
    return 0;
  }
  std::size_t count = 1;
  while (count < runs.size() &&
         runs[runs.size() - count - 1].rows.size() <= older_rows_ratio * rows_of(runs.last(count))) {
    ++count;
  }
  return count;
}

}  // namespace

failure damaged_keys() { return {errc::corrupt, "using the state file", "the index of duplicates is damaged", {}}; }

// A key's hash, copied so that all of a batch are read in order, and which key of the batch it is.
struct key_runs::ordered_key {
  std::uint64_t high;
  std::uint32_t low;
  std::uint32_t key;
  key_hash hash() const { return {high, low}; }
};

// The index of an ordered key, and the last row of a run that may have it.
struct placed_key {
  std::uint32_t ordered;
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
  std::vector<placed_key> placed = {};  // in the run that is looked up
};

std::vector<key_runs::ordered_key> key_runs::in_order(std::span<const seen_key> keys) {
  std::vector<ordered_key> order(keys.size());
  for (std::uint32_t i = 0; i < keys.size(); ++i) {
    order[i] = {keys[i].hash.high, keys[i].hash.low, i};
  }
  std::ranges::sort(order, {}, &ordered_key::high);
  return order;
}

result<void> key_runs::load() {
  SPILLWAY_TRY_ASSIGN(db::statement numbers, reads_->query("SELECT DISTINCT week FROM duplicate_row"));
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const bool more, numbers.step());
    if (!more) {
      return numbers.check_numbers();
    }
    weeks_[numbers.number_within(0, -week_max, week_max)];
  }
}

result<key_runs::week*> key_runs::loaded_week(std::int64_t number) {
  week& wanted = weeks_[number];
  if (wanted.is_loaded) {
    return &wanted;
  }
  SPILLWAY_TRY_ASSIGN(
      db::statement places,
      reads_->query("SELECT run, first_high, id FROM duplicate_row WHERE week=? ORDER BY run, first_high", number));
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const bool more, places.step());
    if (!more) {
      SPILLWAY_TRY(places.check_numbers());
      wanted.is_loaded = true;
      return &wanted;
    }
    const std::int64_t run = places.number_within(0, 1, run_id_max);
    if (wanted.runs.empty() || wanted.runs.back().id != run) {
      wanted.runs.push_back({run, {}});
    }
    wanted.runs.back().rows.push_back({from_column(places.number(1)), places.number(2), {}});
  }
}

void key_runs::make_filter(stored_row& row, std::string_view keys) {
  const std::size_t count = keys_in(keys);
  if (filter_bytes_ + key_filter::bytes_of(count) > filter_bytes_max_) {
    return;
  }
  row.filter = key_filter(count);
  for (std::size_t i = 0; i < count; ++i) {
    row.filter.add(hash_at(keys, i));
  }
  filter_bytes_ += row.filter.bytes();
}

void key_runs::drop_filter(stored_row& row) {
  filter_bytes_ -= row.filter.bytes();
  row.filter = {};
}

void key_runs::drop_filters_outside(std::int64_t first_week, std::int64_t last_week) {
  for (auto& [number, each] : weeks_) {
    if (number >= first_week && number <= last_week) {
      continue;
    }
    for (key_run& run : each.runs) {
      for (stored_row& row : run.rows) {
        drop_filter(row);
      }
    }
  }
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
  for (auto each = weeks_.lower_bound(looked_up.first_week); each != weeks_.end() && each->first <= looked_up.last_week;
       ++each) {
    SPILLWAY_TRY(look_up_week(each->first, looked_up));
  }
  return {};
}

result<void> key_runs::look_up_week(std::int64_t number, batch& keys) {
  SPILLWAY_TRY_ASSIGN(week* const wanted, loaded_week(number));
  for (key_run& each : wanted->runs) {
    SPILLWAY_TRY(look_up_run(number, each, keys));
  }
  return {};
}

// Finds the row of each key that is no duplicate so far.
void key_runs::place(batch& keys, const key_run& run) {
  keys.placed.clear();
  std::uint32_t row = 0;
  for (std::uint32_t i = 0; i < keys.order.size(); ++i) {
    const ordered_key& each = keys.order[i];
    if (keys.found[each.key] == novelty::duplicate || each.high < run.rows.front().first_high) {
      continue;
    }
    while (row + 1 < run.rows.size() && run.rows[row + 1].first_high <= each.high) {
      ++row;
    }
    keys.placed.push_back({i, row});
  }
}

result<void> key_runs::look_up_run(std::int64_t number, key_run& run, batch& keys) {
  place(keys, run);
  constexpr std::size_t ahead = 16;  // all filters are larger than a core's cache
  for (std::size_t n = 0; n < keys.placed.size(); ++n) {
    if (n + ahead < keys.placed.size()) {
      const placed_key& later = keys.placed[n + ahead];
      __builtin_prefetch(run.rows[later.row].filter.place_of(keys.order[later.ordered].hash()));
    }
    const ordered_key& key = keys.order[keys.placed[n].ordered];
    // Rows may share the first half of a hash at their ends.
    for (std::size_t at = keys.placed[n].row;; --at) {
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
  if (row.filter.is_there() && !row.filter.may_have(key.hash())) {
    return false;
  }
  const bool is_new = !keys.rows.stands_on(row.id);
  SPILLWAY_TRY_ASSIGN(const std::string_view bytes, keys.rows.read(row.id));
  if (is_new && !row.filter.is_there()) {
    if (filter_bytes_ + key_filter::bytes_of(keys_per_row_max) > filter_bytes_max_) {
      drop_filters_outside(keys.first_week, keys.last_week);
    }
    make_filter(row, bytes);
  }
  // The key itself is in no cache: it is fetched for the few whose hash is there.
  return has_hash(bytes, key.hash()) && has_duplicate(bytes, number, keys.keys[key.key]);
}

result<void> key_runs::add(db::database& state, std::vector<seen_key> keys) {
  std::ranges::sort(keys, {}, &seen_key::hash);
  std::map<std::int64_t, std::string> by_week;
  for (const seen_key& key : keys) {
    append_key(by_week[week_of(key.uploaded_at_us)], key);
  }
  growing_.clear();
  for (const auto& [number, packed] : by_week) {
    growing_.insert(number);
    SPILLWAY_TRY_ASSIGN(week* const to, loaded_week(number));
    key_run added{to->runs.empty() ? 1 : to->runs.back().id + 1, {}};
    for (std::size_t at = 0; at < packed.size(); at += row_bytes_max) {
      SPILLWAY_TRY(write_row(state, number, added, std::string_view(packed).substr(at, row_bytes_max)));
    }
    to->runs.push_back(std::move(added));
  }
  return {};
}

result<void> key_runs::write_row(db::database& state, std::int64_t number, key_run& run, std::string_view keys) {
  const std::uint64_t first_high = hash_at(keys, 0).high;
  SPILLWAY_TRY(state.run("INSERT INTO duplicate_row(week, run, first_high, keys) VALUES(?, ?, ?, ?)", number, run.id,
                         to_column(first_high), db::as_blob{keys}));
  run.rows.push_back({first_high, state.last_insert_id(), {}});
  make_filter(run.rows.back(), keys);
  return {};
}

std::optional<key_runs::planned_merge> key_runs::next_merge() const {
  for (const auto& [number, each] : weeks_) {
    const std::size_t count = runs_to_merge(each.runs, growing_.contains(number) ? runs_max_growing : runs_max);
    if (count < 2) {
      continue;
    }
    planned_merge next{number, merge_not_begun, {}};
    for (const key_run& source : std::span(each.runs).last(count)) {
      next.sources.push_back(source.id);
    }
    return next;
  }
  return std::nullopt;
}

bool key_runs::wants_merge() {
  if (!under_way_) {
    under_way_ = next_merge();
  }
  return under_way_.has_value();
}

}  // namespace spillway::store
