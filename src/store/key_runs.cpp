#include "store/key_runs.hpp"

#include "store/key_row.hpp"

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
// 8 MiB of pages, which stay in memory until their commit.
constexpr std::size_t rows_per_step = 128;

// Runs are counted from 1.
constexpr std::int64_t not_begun = 0;
constexpr std::int64_t run_id_max = std::numeric_limits<std::int32_t>::max();

// SQLite's integers have a sign; so the order of its index is that of the hashes.
constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63;
std::int64_t to_column(std::uint64_t high) { return static_cast<std::int64_t>(high ^ sign_bit); }
std::uint64_t from_column(std::int64_t column) { return static_cast<std::uint64_t>(column) ^ sign_bit; }

// Reads rows by their id, and stands on the last one.
class row_reader {
public:
  static result<row_reader> open(db::database& from) {
    SPILLWAY_TRY_ASSIGN(db::statement read, from.prepare("SELECT keys FROM duplicate_row WHERE id=?"));
    return row_reader(std::move(read));
  }

  // Lives until the next call.
  result<std::string_view> read(std::int64_t id) {
    if (id != at_) {
      read_.start(id);
      SPILLWAY_TRY_ASSIGN(const bool there, read_.step());
      if (!there || read_.blob(0).empty() || read_.blob(0).size() % row_key_bytes != 0) {
        at_ = 0;
        return damaged_keys();
      }
      at_ = id;
    }
    return read_.blob(0);
  }

  // Lets go of the page, so that it can be written or freed.
  void release() {
    read_.reset();
    at_ = 0;
  }

private:
  explicit row_reader(db::statement read) : read_(std::move(read)) {}
  db::statement read_;
  std::int64_t at_ = 0;  // SQLite's ids start at 1
};

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
  SPILLWAY_TRY_ASSIGN(const db::snapshot view, db::snapshot::begin(*reads_));
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
      run.rows[later.row].filter.prefetch(keys.order[later.ordered].hash());
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
  SPILLWAY_TRY_ASSIGN(const std::string_view bytes, keys.rows.read(row.id));
  if (!row.filter.is_there()) {
    if (filter_bytes_ + key_filter::bytes_of(keys_per_row_max) > filter_bytes_max_) {
      drop_filters_outside(keys.first_week, keys.last_week);
    }
    make_filter(row, bytes);
  }
  return has_duplicate(bytes, number, keys.keys[key.key]);
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

std::optional<key_runs::compaction> key_runs::next_compaction() const {
  for (const auto& [number, each] : weeks_) {
    const std::size_t count = runs_to_merge(each.runs, growing_.contains(number) ? runs_max_growing : runs_max);
    if (count < 2) {
      continue;
    }
    compaction next{number, not_begun, {}};
    for (const key_run& source : std::span(each.runs).last(count)) {
      next.sources.push_back(source.id);
    }
    return next;
  }
  return std::nullopt;
}

bool key_runs::wants_compaction() {
  if (!under_way_) {
    under_way_ = next_compaction();
  }
  return under_way_.has_value();
}

// Takes keys from several runs in the order of their hashes.
class key_runs::merger {
public:
  merger(db::database& state, key_runs& owner) : state_(state), owner_(owner) {}

  result<void> add(key_run& run) {
    if (run.rows.empty()) {
      return {};
    }
    SPILLWAY_TRY_ASSIGN(row_reader reader, row_reader::open(state_));
    sources_.push_back({&run, std::move(reader)});
    return load(sources_.back());
  }

  // Moves keys to the end of `row` until it is full; false: there are no more.
  result<bool> fill(std::string& row) {
    while (row.size() < row_bytes_max) {
      source* least = nullptr;
      const source* second = nullptr;
      for (source& each : sources_) {
        if (each.keys.empty()) {
          continue;
        }
        if (least == nullptr || each.next < least->next) {
          second = std::exchange(least, &each);
        } else if (second == nullptr || each.next < second->next) {
          second = &each;
        }
      }
      if (least == nullptr) {
        return false;
      }
      SPILLWAY_TRY(take(*least, second, row));
    }
    return true;
  }

  // Writes back what was not taken.
  result<void> finish() {
    for (source& each : sources_) {
      stored_row* const row = each.keys.empty() ? nullptr : &each.run->rows[each.rows_taken];
      if (row != nullptr && each.at > 0) {
        row->first_high = each.next.high;
        SPILLWAY_TRY(state_.run("UPDATE duplicate_row SET first_high=?, keys=? WHERE id=?", to_column(row->first_high),
                                db::as_blob{std::string_view(each.keys).substr(each.at)}, row->id));
      }
      each.run->rows.erase(each.run->rows.begin(),
                           each.run->rows.begin() + static_cast<std::ptrdiff_t>(each.rows_taken));
    }
    return {};
  }

private:
  struct source {
    key_run* run;
    row_reader reader;
    std::size_t rows_taken = 0;
    std::string keys = {};  // of the row at `rows_taken`; empty: all were taken
    std::size_t at = 0;     // of the next key, in bytes
    key_hash next = {};
  };

  result<void> load(source& from) {
    SPILLWAY_TRY_ASSIGN(const std::string_view keys, from.reader.read(from.run->rows[from.rows_taken].id));
    from.keys = keys;
    from.reader.release();
    from.at = 0;
    from.next = hash_at(from.keys, 0);
    return {};
  }

  // All keys of its row that come before those of the second source, as far as they fit.
  result<void> take(source& from, const source* second, std::string& row) {
    const std::size_t begin = from.at;
    const std::size_t end = std::min(from.keys.size(), begin + row_bytes_max - row.size());
    do {
      from.at += row_key_bytes;
      if (from.at < from.keys.size()) {
        from.next = hash_at(from.keys, from.at / row_key_bytes);
      }
    } while (from.at < end && (second == nullptr || from.next < second->next));
    row.append(from.keys, begin, from.at - begin);
    return from.at < from.keys.size() ? result<void>() : next_row(from);
  }

  result<void> next_row(source& from) {
    stored_row& row = from.run->rows[from.rows_taken];
    SPILLWAY_TRY(state_.run("DELETE FROM duplicate_row WHERE id=?", row.id));
    owner_.drop_filter(row);
    from.keys.clear();
    return ++from.rows_taken < from.run->rows.size() ? load(from) : result<void>();
  }

  db::database& state_;
  key_runs& owner_;
  std::vector<source> sources_;
};

result<void> key_runs::compact(db::database& state) {
  if (!wants_compaction()) {
    return {};
  }
  week& within = weeks_[under_way_->week];
  const auto find_run = [&within](std::int64_t id) { return std::ranges::find(within.runs, id, &key_run::id); };
  if (under_way_->target == not_begun) {
    under_way_->target = within.runs.back().id + 1;  // only now: others may have been added since it was planned
  }
  key_run made{under_way_->target, {}};
  if (const auto begun = find_run(under_way_->target); begun != within.runs.end()) {
    made = std::move(*begun);
    within.runs.erase(begun);
  }
  merger keys(state, *this);
  for (const std::int64_t id : under_way_->sources) {
    if (const auto run = find_run(id); run != within.runs.end()) {
      SPILLWAY_TRY(keys.add(*run));
    }
  }
  std::string row;
  bool more = true;
  for (std::size_t rows = 0; more && rows < rows_per_step; ++rows) {
    row.clear();
    SPILLWAY_TRY_ASSIGN(more, keys.fill(row));
    if (!row.empty()) {
      SPILLWAY_TRY(write_row(state, under_way_->week, made, row));
    }
  }
  SPILLWAY_TRY(keys.finish());
  within.runs.insert(std::ranges::lower_bound(within.runs, made.id, {}, &key_run::id), std::move(made));
  std::erase_if(within.runs, [](const key_run& run) { return run.rows.empty(); });
  if (!more) {
    under_way_.reset();
  }
  return {};
}

}  // namespace spillway::store
