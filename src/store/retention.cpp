#include "store/retention.hpp"

#include "model/connection.hpp"
#include "store/connections.hpp"
#include "store/row_values.hpp"

#include <fmt/format.h>

namespace spillway::store {
namespace {

// Whether a connection is to deliver an hour, of which `job` is the connection's, if there is one.
// ?1: the hour behind the last one, ?2: since when a disabled connection may go on where it stopped.
constexpr std::string_view is_to_deliver_sql = R"sql((
    job.state<>'delivered' OR job.source_bytes<hour.text_bytes
    OR job.id IS NULL AND connection.kind='implicit'
    OR job.id IS NULL AND connection.data<>'merged-ids' AND (connection.start_hour<=hour.hour OR {})
      AND (connection.state='enabled' OR connection.disabled_at>=?2)
    OR job.id IS NULL AND connection.state='enabled' AND EXISTS(
      SELECT 1 FROM gap WHERE gap.connection_id=connection.id AND hour.hour BETWEEN gap.first_hour AND gap.last_hour)
    OR EXISTS(
      SELECT 1 FROM backfill WHERE backfill.connection_id=connection.id AND backfill.state IN ('waiting', 'running')
      AND hour.hour BETWEEN backfill.next_hour AND backfill.last_hour)))sql";

std::string is_to_deliver() { return fmt::format(is_to_deliver_sql, was_served_sql); }

// The connection's objects have every event of the hour: its filter left none out.
constexpr std::string_view left_nothing_out =
    "(SELECT coalesce(sum(object.events), 0) FROM object WHERE object.job_id=job.id)>=hour.events";

std::string is_delivered(filtered_hours filtered) {
  return fmt::format(
      "EXISTS(SELECT 1 FROM connection JOIN job ON job.connection_id=connection.id "
      "WHERE connection.project_id=hour.project_id AND job.kind='events' AND job.hour=hour.hour "
      "AND job.state='delivered' AND job.source_bytes>=hour.text_bytes AND {})",
      filtered == filtered_hours::stay ? left_nothing_out : "TRUE");
}

constexpr std::string_view with_its_job =
    "LEFT JOIN job ON job.connection_id=connection.id AND job.kind='events' AND job.hour=hour.hour";

// Segments, or text that is in none yet.
constexpr std::string_view has_text = "hour.text_bytes>hour.pruned_bytes";

std::string somebody_is_to_deliver() {
  return fmt::format("EXISTS(SELECT 1 FROM connection {} WHERE connection.project_id=hour.project_id AND {})",
                     with_its_job, is_to_deliver());
}

// The '+' keeps SQLite from looking for "segment.hour<?1" instead of one hour's: all segments of a project, for each.
// ?3 and ?4: the project and hour that they are behind, ?5: how many at most.
std::string prunable_sql(filtered_hours filtered) {
  return fmt::format(
      "SELECT hour.project_id, hour.hour, count(*), sum(segment.events), sum(segment.deflate_bytes) "
      "FROM hour JOIN segment INDEXED BY segment_facts "
      "ON segment.project_id=hour.project_id AND segment.hour=hour.hour "
      "WHERE (hour.project_id, hour.hour)>(?3, ?4) AND +hour.hour<?1 AND hour.segmented_bytes=hour.text_bytes "
      "AND {} AND NOT {} "
      "GROUP BY hour.project_id, hour.hour ORDER BY hour.project_id, hour.hour LIMIT ?5",
      is_delivered(filtered), somebody_is_to_deliver());
}

std::string keepers_sql() {
  return fmt::format(
      "SELECT connection.id, connection.destination, count(DISTINCT hour.hour) "
      "FROM connection JOIN hour ON hour.project_id=connection.project_id {} "
      "WHERE hour.hour<?1 AND {} AND {} GROUP BY connection.id ORDER BY connection.id",
      with_its_job, has_text, is_to_deliver());
}

std::string not_delivered_sql() {
  return fmt::format("SELECT count(*) FROM hour WHERE hour.hour<?1 AND {} AND NOT {} AND NOT {}", has_text,
                     is_delivered(filtered_hours::go), somebody_is_to_deliver());
}

std::string filtered_sql() {
  return fmt::format("SELECT count(*) FROM hour WHERE hour.hour<?1 AND {} AND {} AND NOT {} AND NOT {}", has_text,
                     is_delivered(filtered_hours::go), is_delivered(filtered_hours::stay), somebody_is_to_deliver());
}

constexpr std::int64_t no_limit = -1;

result<std::vector<prunable_hour>> list_some(db::database& state, model::hour end, base::instant now,
                                             filtered_hours filtered, const hour_key& behind, std::int64_t hours_max) {
  SPILLWAY_TRY_ASSIGN(db::statement rows,
                      state.query(prunable_sql(filtered), end.number, base::to_us(now - model::takeover_time_max),
                                  behind.project, behind.hour.number, hours_max));
  return db::collect(std::move(rows), [](const db::statement& row) {
    return prunable_hour{{row.number(0), hour_in(row, 1)}, count_in(row, 2), count_in(row, 3), count_in(row, 4)};
  });
}

result<void> prune_hour(db::database& state, const hour_key& key) {
  SPILLWAY_TRY(state.run(
      "UPDATE hour SET pruned_bytes=segmented_bytes, pruned_events=pruned_events+(SELECT coalesce(sum(events), 0) FROM "
      "segment WHERE project_id=?1 AND segment.hour=?2) WHERE project_id=?1 AND hour=?2",
      key.project, key.hour.number));
  return state.run("DELETE FROM segment WHERE project_id=? AND hour=?", key.project, key.hour.number);
}

}  // namespace

result<std::vector<prunable_hour>> list_prunable_hours(db::database& state, model::hour end, base::instant now,
                                                       filtered_hours filtered) {
  return list_some(state, end, now, filtered, {}, no_limit);
}

result<std::vector<prunable_hour>> prune_hours(db::database& state, model::hour end, base::instant now,
                                               filtered_hours filtered, const hour_key& behind,
                                               std::int64_t hours_max) {
  SPILLWAY_TRY_ASSIGN(db::transaction change, db::transaction::begin(state));
  SPILLWAY_TRY_ASSIGN(std::vector<prunable_hour> hours, list_some(state, end, now, filtered, behind, hours_max));
  for (const prunable_hour& each : hours) {
    SPILLWAY_TRY(prune_hour(state, each.key));
  }
  SPILLWAY_TRY(change.commit());
  return hours;
}

result<std::vector<hour_keeper>> list_hour_keepers(db::database& state, model::hour end, base::instant now,
                                                   filtered_hours filtered) {
  using why = hour_keeper::why;
  const std::int64_t since = base::to_us(now - model::takeover_time_max);
  SPILLWAY_TRY_ASSIGN(db::statement rows, state.query(keepers_sql(), end.number, since));
  SPILLWAY_TRY_ASSIGN(std::vector<hour_keeper> all, db::collect(std::move(rows), [](const db::statement& row) {
                        return hour_keeper{why::to_deliver, row.number(0), std::string(row.text(1)), count_in(row, 2)};
                      }));
  std::vector<std::pair<why, std::string>> others = {{why::not_delivered, not_delivered_sql()}};
  if (filtered == filtered_hours::stay) {
    others.emplace_back(why::filtered, filtered_sql());
  }
  for (const auto& [reason, sql] : others) {
    SPILLWAY_TRY_ASSIGN(rows, state.query(sql, end.number, since));
    SPILLWAY_TRY_ASSIGN(const std::optional<std::int64_t> hours,
                        db::collect_one(std::move(rows), [](const db::statement& row) { return count_in(row, 0); }));
    if (hours.value_or(0) != 0) {
      all.push_back({reason, 0, {}, *hours});
    }
  }
  return all;
}

result<free_pages> give_back(db::database& state, std::int64_t pages_max) {
  SPILLWAY_TRY(state.execute(fmt::format("PRAGMA incremental_vacuum({})", pages_max).c_str()));
  SPILLWAY_TRY_ASSIGN(const auto left, state.query_number("PRAGMA freelist_count"));
  return left.value_or(0) == 0 ? free_pages::none : free_pages::some;
}

}  // namespace spillway::store
