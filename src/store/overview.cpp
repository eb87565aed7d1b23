#include "store/overview.hpp"

#include "fs/descriptor.hpp"
#include "store/catalog.hpp"
#include "store/file_lock.hpp"
#include "store/row_values.hpp"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include <fcntl.h>

namespace spillway::store {
namespace {

result<void> count_jobs(db::database& state, connection_overview& of) {
  SPILLWAY_TRY_ASSIGN(db::statement rows,
                      state.query("SELECT state, count(*), max(hour) FROM job WHERE connection_id=? "
                                  "GROUP BY state",
                                  of.connection.id));
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const bool more, rows.step());
    if (!more) {
      return {};
    }
    const job_state in = rows.word(0, base::parse_name<job_state>);
    of.jobs.at(static_cast<std::size_t>(in)) += rows.number(1);
    if (in == job_state::delivered) {
      of.last_delivered = hour_at(rows, 2);
    }
    SPILLWAY_TRY(rows.check_values());
  }
}

// An object that was delivered holds its events whatever became of its job: a job is `waiting` again when late events
// add a partition. A delivered job has done with all that it planned, also with what a filter has left out. Text that
// was pruned before this connection planned it is one that it will never have, in a gap before its start, too.
constexpr std::string_view missing_sql = R"sql(
SELECT count(*) FILTER (WHERE missing>pruned AND hour<?3), sum(missing-pruned) FILTER (WHERE hour<?3),
  count(*) FILTER (WHERE missing>pruned AND hour>=?3), sum(missing-pruned) FILTER (WHERE hour>=?3),
  count(*) FILTER (WHERE pruned>0), sum(pruned)
FROM (
  SELECT hour.hour AS hour, hour.events-coalesce(held.events, 0) AS missing,
    CASE WHEN coalesce(held.source_bytes, 0)<hour.pruned_bytes THEN hour.pruned_events-coalesce(held.events, 0) ELSE 0
    END AS pruned
  FROM hour LEFT JOIN (
    SELECT job.hour AS hour, job.source_bytes AS source_bytes, CASE job.state WHEN 'delivered' THEN source_events
      ELSE (SELECT coalesce(sum(object.source_events), 0) FROM object
            WHERE job_id=job.id AND object.delivered_at IS NOT NULL) END AS events
    FROM job WHERE connection_id=?1 AND job.kind='events') AS held ON held.hour=hour.hour
  JOIN connection ON connection.id=?1
  WHERE hour.project_id=?2 AND hour.events>coalesce(held.events, 0) AND (hour.hour>=?4 OR held.hour IS NOT NULL OR {}
    OR hour.pruned_bytes>0 AND EXISTS(
      SELECT 1 FROM gap WHERE gap.connection_id=?1 AND hour.hour BETWEEN first_hour AND last_hour)))
)sql";

result<void> count_missing(db::database& state, base::instant now, connection_overview& of) {
  SPILLWAY_TRY_ASSIGN(
      db::statement row,
      state.query(fmt::format(missing_sql, was_served_sql), of.connection.id, of.connection.project,
                  model::hour_of(now).number,
                  of.connection.kind == model::connection_kind::scheduled ? of.connection.start.number : INT64_MIN));
  SPILLWAY_TRY(row.step());
  of.overdue = {row.number(0), row.number(1)};
  of.open = {row.number(2), row.number(3)};
  of.pruned = {row.number(4), row.number(5)};
  return row.check_values();
}

// Else another connection delivers to its place.
result<bool> has_history(db::database& state, const model::connection& of) {
  SPILLWAY_TRY_ASSIGN(const auto found, find_connection(state, of.project, of.place));
  return found && found->id == of.id;
}

}  // namespace

result<void> hold_moment(db::database& state) {
  SPILLWAY_TRY(state.execute("BEGIN"));
  // The moment is that of the first read.
  SPILLWAY_TRY(state.query_number("SELECT count(*) FROM worker"));
  return {};
}

result<std::vector<project_overview>> overview_of_projects(db::database& state) {
  SPILLWAY_TRY_ASSIGN(const auto projects, list_projects(state));
  SPILLWAY_TRY_ASSIGN(db::statement row,
                      state.prepare("SELECT coalesce(sum(duplicates), 0), count(*) FILTER (WHERE events>0), "
                                    "min(hour) FILTER (WHERE events>0), max(hour) FILTER (WHERE events>0) "
                                    "FROM hour WHERE project_id=?"));
  std::vector<project_overview> all;
  for (const model::project& each : projects) {
    row.start(each.id);
    SPILLWAY_TRY(row.step());
    all.push_back({each, row.number(0), row.number(1), hour_at(row, 2), hour_at(row, 3)});
    SPILLWAY_TRY(row.check_values());
  }
  return all;
}

result<input_overview> overview_of_inputs(db::database& state) {
  SPILLWAY_TRY_ASSIGN(db::statement row,
                      state.query("SELECT count(*), coalesce(sum(finished), 0), coalesce(sum(received), 0), "
                                  "coalesce(sum(stored), 0), coalesce(sum(duplicates), 0), coalesce(sum(applied), 0), "
                                  "coalesce(sum(rejected), 0) FROM input"));
  SPILLWAY_TRY(row.step());
  return input_overview{
      row.number(0), row.number(1), {row.number(2), row.number(3), row.number(4), row.number(5), row.number(6)}};
}

result<std::vector<connection_overview>> overview_of_connections(db::database& state, base::instant now) {
  SPILLWAY_TRY_ASSIGN(const auto connections, list_connections(state));
  std::vector<connection_overview> all;
  for (const model::connection& each : connections) {
    connection_overview made;
    made.connection = each;
    SPILLWAY_TRY(count_jobs(state, made));
    SPILLWAY_TRY_ASSIGN(const bool is_due, has_history(state, each));
    if (model::delivers_events(each.data) && is_due) {
      SPILLWAY_TRY(count_missing(state, now, made));
    }
    all.push_back(std::move(made));
  }
  return all;
}

result<std::optional<worker_row>> find_worker(db::database& state) {
  SPILLWAY_TRY_ASSIGN(db::statement row, state.query("SELECT pid, doing, since FROM worker"));
  return db::collect_one(std::move(row), [](const db::statement& found) {
    return worker_row{found.number(0), std::string(found.text(1)), instant_in(found, 2)};
  });
}

result<worker_lock> look_at_worker_lock(const std::filesystem::path& path) {
  const std::string doing = fmt::format("looking at the worker lock of {}", path.string());
  const fs::descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) {
    return base::from_errno(errno, doing);
  }
  // A worker that starts in the microseconds of the look tries again.
  const auto is_free = is_file_lock_free(file.get());
  if (!is_free) {
    return base::while_doing(doing, is_free.error());
  }
  return *is_free ? worker_lock::free : worker_lock::held;
}

}  // namespace spillway::store
