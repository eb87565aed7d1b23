#include "connection/backfill_work.hpp"

#include "export/backfill.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace spillway::connection {
namespace {

exporting::settings settings_of_backfill(const store::backfill_row& row, const exporting::settings& usual) {
  exporting::settings wanted = usual;
  wanted.hours = model::hour_range{row.next, {std::min(row.next.number + backfill_hours_at_once - 1, row.last.number)}};
  wanted.foreign = row.foreign;
  return wanted;
}

// So many pruned hours are named; more are counted.
constexpr std::int64_t named_hours_max = 5;

void add_pruned(store::backfill_row& row, const std::vector<model::hour>& hours) {
  for (const model::hour each : std::set<model::hour>(hours.begin(), hours.end())) {
    if (row.pruned_hours++ < named_hours_max) {
      row.pruned += (row.pruned.empty() ? "" : ", ") + model::to_string(each);
    }
  }
}

// The first hour that failed stays the reason.
void note_reason(store::backfill_row& row, const failure& why) {
  if (row.failed_hours > 0) {
    return;
  }
  row.reason = why.text();
  row.code = why.code;
  row.hint = why.hint;
}

// The hours behind them are done all the same.
void note_failures(store::backfill_row& row, const std::vector<failure>& hours) {
  if (!hours.empty()) {
    note_reason(row, hours.front());
    row.failed_hours += static_cast<std::int64_t>(hours.size());
  }
}

failure taken_away(const store::backfill_row& row) {
  return {errc::locked, fmt::format("working on backfill {}", row.id),
          "its connection was deleted, or another one has taken it over",
          "see how far it is: spillway backfill --list"};
}

void end(store::backfill_row& row, store::backfill_state how, base::instant now) {
  row.state = how;
  row.ended_at = now;
}

}  // namespace

result<store::backfill_row> continue_backfill(store::state_file& state, const model::project& project,
                                              const model::connection& connection, store::backfill_row row,
                                              const exporting::settings& usual,
                                              const exporting::delivery_world& world) {
  db::database& database = state.database();
  const exporting::settings wanted = settings_of_backfill(row, usual);
  row.connection = connection.id;  // its own, or nothing of it is written
  if (row.failed_hours == 0) {
    row.reason.clear();
  }
  row.state = store::backfill_state::running;
  SPILLWAY_TRY_ASSIGN(const bool is_ours, store::change_backfill(database, row));
  if (!is_ours) {
    SPILLWAY_TRY_ASSIGN(const auto found, store::find_backfill(database, row.id));
    return found && found->connection == connection.id ? result<store::backfill_row>(*found) : taken_away(row);
  }
  exporting::summary done;
  const auto made = exporting::backfill_hours(state, project, connection, wanted, world, done);
  row.hours += done.hours;
  row.objects += done.objects;
  row.events += done.events;
  row.bytes += done.bytes;
  if (!made && made.error().code != errc::conflict) {
    if (made.error().code == errc::denied) {
      row.state = store::backfill_state::waiting;
    }
    if (made.error().code != errc::interrupted) {
      note_reason(row, made.error());
    }
    // What was put counts, also where that is the end. A state file that takes no more says so itself.
    SPILLWAY_TRY(store::change_backfill(database, row));
    return made.error();
  }
  add_pruned(row, done.pruned);
  SPILLWAY_TRY_ASSIGN(db::transaction change, db::transaction::begin(database));
  SPILLWAY_TRY_ASSIGN(const auto asked, store::find_backfill(database, row.id));
  row.last = asked.value_or(row).last;  // it may have been asked for again since
  if (!made) {
    note_reason(row, made.error());
    end(row, store::backfill_state::failed, world.clock.now());
  } else {
    note_failures(row, done.failures);
    row.next = wanted.hours->last.next();
    if (row.next > row.last) {
      end(row, row.failed_hours > 0 ? store::backfill_state::failed : store::backfill_state::done, world.clock.now());
    }
  }
  SPILLWAY_TRY(store::change_backfill(database, row));
  SPILLWAY_TRY(change.commit());
  SPILLWAY_TRY_ASSIGN(const auto written, store::find_backfill(database, row.id));
  return written.value_or(row);
}

failure failure_of(const store::backfill_row& failed) { return {failed.code, {}, failed.reason, failed.hint}; }

std::string describe_pruned(std::string_view hours) {
  return fmt::format("pruned, so that what is missing can't be put again: {}", hours);
}

std::string describe_trouble(const store::backfill_row& of) {
  if (of.pruned_hours == 0) {
    return of.reason;
  }
  const std::int64_t more = of.pruned_hours - named_hours_max;
  const std::string hours = of.pruned + (more > 0 ? fmt::format(" and {} more", more) : "");
  return of.reason + (of.reason.empty() ? "" : "; ") + describe_pruned(hours);
}

}  // namespace spillway::connection
