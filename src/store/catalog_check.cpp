#include "store/catalog_check.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace spillway::store {
namespace {

failure not_sound(std::string cause) {
  return {errc::corrupt, "checking its catalog, since the last run did not come to its end", std::move(cause), {}};
}

// Tables whose pages are nearly all of the file.
constexpr std::string_view catalog_tables =
    "SELECT name FROM sqlite_schema WHERE type='table' AND name NOT LIKE 'sqlite_%' AND name NOT IN "
    "('segment', 'piece', 'duplicate_batch', 'duplicate_row', 'applied', 'merge_record', 'reject')";

struct account {
  std::string_view what;
  const char* disagreeing;  // a query for how many rows do
};

// E1 to E3 of event_store.hpp, I1 of input_log.hpp and L2 of ledger.hpp; and that every event which an input has stored
// is in an hour and a project.
constexpr account accounts[] = {
    {"inputs whose lines do not add up",
     "SELECT count(*) FROM input WHERE received<>stored+duplicates+applied+rejected"},
    {"events of inputs that no hour counts",
     "SELECT (SELECT coalesce(sum(stored), 0) FROM input)<>(SELECT coalesce(sum(events), 0) FROM hour)"},
    {"projects whose events are not those of their hours",
     "SELECT count(*) FROM project WHERE events<>(SELECT coalesce(sum(hour.events), 0) FROM hour WHERE "
     "project_id=project.id)"},
    {"hours whose text is not all there",
     "SELECT count(*) FROM hour WHERE text_bytes-segmented_bytes<>(SELECT coalesce(sum(length(text)), 0) FROM piece "
     "WHERE "
     "project_id=hour.project_id AND piece.hour=hour.hour) OR segmented_bytes-pruned_bytes<>(SELECT "
     "coalesce(sum(text_bytes), 0) FROM segment INDEXED BY segment_facts WHERE project_id=hour.project_id AND "
     "segment.hour=hour.hour)"},
    {"hours whose events are not all there",
     "SELECT count(*) FROM hour WHERE events-pruned_events<>(SELECT coalesce(sum(events), 0) FROM piece WHERE "
     "project_id=hour.project_id AND piece.hour=hour.hour)+(SELECT coalesce(sum(events), 0) FROM segment INDEXED BY "
     "segment_facts WHERE project_id=hour.project_id AND segment.hour=hour.hour)"},
    {"jobs that deliver more than their hour has",
     "SELECT count(*) FROM job JOIN connection ON connection.id=job.connection_id LEFT JOIN hour ON "
     "hour.project_id=connection.project_id AND hour.hour=job.hour WHERE job.kind='events' AND "
     "(job.source_bytes>coalesce(hour.text_bytes, 0) OR job.source_events>coalesce(hour.events, 0))"},
};

result<void> check_pages_of(db::database& state, std::string_view table) {
  SPILLWAY_TRY_ASSIGN(db::statement row, state.prepare(fmt::format("PRAGMA quick_check('{}')", table)));
  SPILLWAY_TRY_ASSIGN(const bool found, row.step());
  return found && row.text(0) == "ok" ? result<void>()
                                      : result<void>(not_sound(fmt::format("table {}: {}", table, row.text(0))));
}

result<void> check_all(db::database& state) {
  SPILLWAY_TRY_ASSIGN(db::statement rows, state.prepare(catalog_tables));
  SPILLWAY_TRY_ASSIGN(const std::vector<std::string> tables,
                      db::collect(std::move(rows), [](const db::statement& row) { return std::string(row.text(0)); }));
  for (const std::string& table : tables) {
    SPILLWAY_TRY(check_pages_of(state, table));
  }
  for (const account& each : accounts) {
    SPILLWAY_TRY_ASSIGN(const auto disagreeing, state.query_number(each.disagreeing));
    if (disagreeing.value_or(0) != 0) {
      return not_sound(fmt::format("there are {}", each.what));
    }
  }
  return {};
}

}  // namespace

result<void> check_catalog(db::database& state) {
  // One moment of the file for all of it.
  SPILLWAY_TRY_ASSIGN(const db::transaction reading, db::transaction::begin_reading(state));
  return check_all(state);
}

}  // namespace spillway::store
