#include "store/merge_log.hpp"

#include "store/row_values.hpp"

#include <algorithm>

namespace spillway::store {

result<bool> add_merge(db::database& state, const model::merge& added) {
  SPILLWAY_TRY(
      state.run("INSERT INTO merge_record(organization_id, hour, merge_time, merge_server_time, amplitude_id, "
                "merged_amplitude_id) VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                added.organization, model::hour_of(added).number, added.merge_time_ms, added.merge_server_time_ms,
                added.amplitude_id, added.merged_amplitude_id));
  return state.changes() == 1;
}

result<std::vector<merge_hour>> list_merge_hours(db::database& state, model::organization_id organization) {
  SPILLWAY_TRY_ASSIGN(
      db::statement rows,
      state.query("SELECT hour, count(*) FROM merge_record WHERE organization_id=? GROUP BY hour ORDER BY hour",
                  organization));
  return db::collect(std::move(rows),
                     [](const db::statement& row) { return merge_hour{hour_in(row, 0), row.number(1)}; });
}

result<std::vector<model::merge>> read_merges(db::database& state, model::organization_id organization,
                                              model::hour hour, std::int64_t count_max) {
  // SQLite takes a negative limit for none.
  const std::int64_t limit = std::max<std::int64_t>(count_max, 0);
  SPILLWAY_TRY_ASSIGN(
      db::statement rows,
      state.query("SELECT merge_time, merge_server_time, amplitude_id, merged_amplitude_id FROM merge_record "
                  "WHERE organization_id=? AND hour=? ORDER BY id LIMIT ?",
                  organization, hour.number, limit));
  return db::collect(std::move(rows), [organization](const db::statement& row) {
    return model::merge{organization, row.number(0), row.number(1), row.number(2), row.number(3)};
  });
}

}  // namespace spillway::store
