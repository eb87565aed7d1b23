#include "store/key_runs.hpp"

#include "store/hash_order.hpp"
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

result<void> key_runs::load() {
  SPILLWAY_TRY_ASSIGN(db::statement numbers, reads_->query("SELECT DISTINCT week FROM duplicate_row"));
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const bool more, numbers.step());
    if (!more) {
      return numbers.check_values();
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
      SPILLWAY_TRY(places.check_values());
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

result<void> key_runs::add(db::database& state, std::span<const seen_key> keys) {
  std::map<std::int64_t, std::string> by_week;
  for (const seen_key& key : in_hash_order(keys, &seen_key::hash)) {
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
