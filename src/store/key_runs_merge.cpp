// How runs of a week become one: a bounded number of rows at a time.
#include "store/key_row.hpp"
#include "store/key_row_reader.hpp"
#include "store/key_runs.hpp"

#include <algorithm>
#include <utility>

namespace spillway::store {
namespace {

// 8 MiB of pages, which stay in memory until their commit.
constexpr std::size_t rows_per_step = 128;

}  // namespace

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

result<void> key_runs::merge_some(db::database& state) {
  if (!wants_merge()) {
    return {};
  }
  week& within = weeks_[under_way_->week];
  const auto find_run = [&within](std::int64_t id) { return std::ranges::find(within.runs, id, &key_run::id); };
  if (under_way_->target == merge_not_begun) {
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
