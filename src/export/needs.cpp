#include "export/needs.hpp"

#include "base/due.hpp"
#include "store/connections.hpp"

#include <map>
#include <optional>
#include <utility>

namespace spillway::exporting {
namespace {

using jobs_by_hour = std::map<model::hour, store::job_row>;

// Of hours of the store and jobs of the ledger, those that a connection looks at.
struct known_hours {
  std::vector<store::hour_row> rows;  // with events, by hour
  jobs_by_hour jobs;
  store::served_hours before;  // the connection's start
};

result<known_hours> read_hours(db::database& state, const model::connection& connection, const settings& wanted) {
  // What was delivered outside of the range is looked at too.
  const model::hour_range in = is_backfill(wanted) ? *wanted.hours : model::hour_range();
  known_hours known;
  SPILLWAY_TRY_ASSIGN(known.rows, store::list_hours(state, connection.project, in));
  // Without events: nothing but duplicates of events in other hours.
  std::erase_if(known.rows, [](const store::hour_row& each) { return each.events == 0; });
  SPILLWAY_TRY_ASSIGN(std::vector<store::job_row> jobs,
                      store::list_jobs(state, connection.id, store::job_kind::events, in));
  SPILLWAY_TRY_ASSIGN(known.before, store::read_served_hours(state, connection.id));
  for (store::job_row& each : jobs) {
    const model::hour hour = each.hour;
    known.jobs.emplace(hour, std::move(each));
  }
  return known;
}

hour_need need_of(const store::hour_row& row, const store::job_row* planned, const settings& wanted,
                  base::instant now) {
  hour_need made{row.key, need::nothing, row.events, row.text_bytes, row.events, 0, row.pruned_bytes};
  if (planned != nullptr) {
    made.planned_bytes = planned->source_bytes;
    made.unplanned_events = row.events - planned->source_events;
  }
  if (!is_closed(row.key.hour, wanted, now)) {
    made.what = made.unplanned_events > 0 ? need::open : need::nothing;
  } else if (planned == nullptr) {
    made.what = need::plan;
  } else if (row.text_bytes > planned->source_bytes) {
    // A first partition is never late: the hour was empty until now, or everything in it was a duplicate.
    const bool is_early = planned->source_bytes > 0 && wanted.open == open_hours::leave &&
                          !base::is_due(planned->planned_at + late_partition_interval, now, late_partition_interval);
    // One that runs is in the hands of the connection that had the history before.
    made.what = is_early || planned->state == store::job_state::running ? need::gather : need::plan;
  }
  // What came late into an hour that was pruned is there.
  if (made.what == need::plan && is_partly_pruned(made) && row.pruned_bytes == row.text_bytes) {
    made.what = need::pruned;
  }
  return made;
}

const store::job_row* find_job(const jobs_by_hour& jobs, model::hour hour) {
  const auto found = jobs.find(hour);
  return found == jobs.end() ? nullptr : &found->second;
}

// Hours without events are marked once they have ended, also where open hours are delivered: nothing is in them yet.
void add_empty_hours(std::vector<hour_need>& needs, model::project_id project, const model::hour_range& in,
                     const jobs_by_hour& jobs, const settings& wanted, base::instant now) {
  if (wanted.marker == model::marker_kind::off) {
    return;
  }
  for (model::hour hour = in.first; hour <= in.last && has_ended(hour, wanted, now); hour = hour.next()) {
    if (!jobs.contains(hour)) {
      needs.push_back({{project, hour}, need::plan});
    }
  }
}

// Between hours with data, if these are near enough.
std::vector<hour_need> needs_of_data(const known_hours& known, model::project_id project, const settings& wanted,
                                     base::instant now) {
  std::vector<hour_need> needs;
  std::optional<model::hour> before;
  for (const store::hour_row& row : known.rows) {
    const model::hour hour = row.key.hour;
    if (before && (hour.number - before->number <= model::gap_hours_max || wanted.fill == gaps::all)) {
      add_empty_hours(needs, project, {before->next(), {hour.number - 1}}, known.jobs, wanted, now);
    }
    needs.push_back(need_of(row, find_job(known.jobs, hour), wanted, now));
    before = hour;
  }
  return needs;
}

std::vector<hour_need> needs_of_range(const known_hours& known, model::project_id project, const settings& wanted,
                                      base::instant now) {
  const model::hour_range& range = *wanted.hours;
  std::vector<hour_need> needs;
  model::hour next = range.first;
  for (const store::hour_row& row : known.rows) {
    const model::hour hour = row.key.hour;
    const store::job_row* planned = find_job(known.jobs, hour);
    if (!range.holds(hour) && planned == nullptr && !known.before.holds(hour)) {
      continue;
    }
    if (range.holds(hour)) {
      add_empty_hours(needs, project, {next, {hour.number - 1}}, known.jobs, wanted, now);
      next = hour.next();
    }
    needs.push_back(need_of(row, planned, wanted, now));
  }
  add_empty_hours(needs, project, {next, range.last}, known.jobs, wanted, now);
  return needs;
}

}  // namespace

result<std::vector<hour_need>> find_needs(db::database& state, const model::project& project,
                                          const model::connection& connection, const settings& wanted,
                                          base::instant now) {
  SPILLWAY_TRY_ASSIGN(const known_hours known, read_hours(state, connection, wanted));
  return wanted.hours ? needs_of_range(known, project.id, wanted, now) : needs_of_data(known, project.id, wanted, now);
}

}  // namespace spillway::exporting
