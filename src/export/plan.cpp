#include "export/plan.hpp"

#include "codec/stitch.hpp"
#include "export/object_hashes.hpp"
#include "model/object_key.hpp"
#include "store/catalog.hpp"
#include "store/hour_writer.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace spillway::exporting {
namespace {

// So many hours are sealed and planned in one transaction: it bounds memory and what a kill costs.
constexpr std::size_t hours_per_plan = 8;

bool is_closed(model::hour hour, const settings& wanted, base::instant now) {
  return wanted.open == open_hours::close || now >= hour.end() + wanted.settling;
}

// What the ledger holds of one hour.
struct planned_hour {
  std::int64_t text_bytes = 0;
  std::int64_t events = 0;
  int next_partition = 0;
  base::instant planned_at;
};

result<std::map<model::hour, planned_hour>> planned_hours(db::database& state, const model::project& project,
                                                          const settings& wanted) {
  std::map<model::hour, planned_hour> all;
  SPILLWAY_TRY_ASSIGN(const auto connection, store::find_connection(state, project.id, wanted.place));
  if (!connection) {
    return all;
  }
  SPILLWAY_TRY_ASSIGN(const std::vector<store::job_row> jobs, store::list_jobs(state, connection->id));
  for (const store::job_row& job : jobs) {
    planned_hour& planned = all[job.hour];
    planned.next_partition = model::first_partition(project.form);
    planned.planned_at = job.planned_at;
    SPILLWAY_TRY_ASSIGN(const std::vector<store::object_row> objects, store::list_objects(state, job.id));
    for (const store::object_row& object : objects) {
      planned.text_bytes += object.text_bytes;
      planned.events += object.events;
      planned.next_partition = object.partition + 1;
    }
  }
  return all;
}

hour_need need_of(const store::hour_row& row, const planned_hour* planned, const settings& wanted, base::instant now,
                  int first_partition) {
  hour_need made{row.key, need::nothing, row.events, 0, first_partition};
  if (planned != nullptr) {
    made.planned_bytes = planned->text_bytes;
    made.unplanned_events = row.events - planned->events;
    made.next_partition = planned->next_partition;
  }
  if (!is_closed(row.key.hour, wanted, now)) {
    made.what = made.unplanned_events > 0 ? need::open : need::nothing;
  } else if (planned == nullptr) {
    made.what = need::plan;
  } else if (row.text_bytes > planned->text_bytes) {
    // A first partition is never late: the hour was empty until now, or everything in it was a duplicate.
    const bool waits = planned->text_bytes > 0 && wanted.open == open_hours::leave &&
                       now < planned->planned_at + late_partition_interval;
    made.what = waits ? need::gather : need::plan;
  }
  return made;
}

// Empty hours between two hours with data, if they are near enough.
void add_gap(std::vector<hour_need>& needs, model::project_id project, model::hour after, model::hour before,
             const std::map<model::hour, planned_hour>& planned, const settings& wanted, base::instant now, int first_partition) {
  const bool near = before.number - after.number <= model::gap_hours_max;
  if (wanted.marker == store::marker_kind::off || (!near && wanted.fill == gaps::bounded)) {
    return;
  }
  for (model::hour hour = after.next(); hour < before; hour = hour.next()) {
    const bool wanted_now = !planned.contains(hour) && is_closed(hour, wanted, now);
    needs.push_back({{project, hour}, wanted_now ? need::plan : need::nothing, 0, 0, first_partition});
  }
}

std::string joined_engines(const std::vector<store::segment_row>& segments) {
  std::string joined;
  for (const store::segment_row& each : segments) {
    if (joined.find(each.engine) == std::string::npos) {
      joined += (joined.empty() ? "" : "+") + each.engine;
    }
  }
  return joined;
}

store::object_row object_of(const std::vector<store::segment_row>& segments) {
  store::object_row object;
  codec::text_totals totals;
  object.text_offset = segments.front().text_offset;
  object.bytes = static_cast<std::int64_t>(codec::gzip_header_bytes + codec::gzip_trailer_bytes);
  for (const store::segment_row& each : segments) {
    totals.append(static_cast<std::uint64_t>(each.text_bytes), each.text_crc32);
    object.events += each.events;
    object.bytes += each.deflate_bytes;
  }
  object.text_bytes = static_cast<std::int64_t>(totals.bytes);
  object.text_crc32 = totals.crc32;
  object.engine = joined_engines(segments);
  return object;
}

// The segments of each object, cut where the next segment would make it too large.
std::vector<std::vector<store::segment_row>> cut_objects(std::vector<store::segment_row> segments, std::int64_t bytes_max) {
  std::vector<std::vector<store::segment_row>> objects;
  std::int64_t bytes = 0;
  for (store::segment_row& each : segments) {
    if (objects.empty() || bytes + each.deflate_bytes > bytes_max) {
      objects.emplace_back();
      bytes = static_cast<std::int64_t>(codec::gzip_header_bytes + codec::gzip_trailer_bytes);
    }
    bytes += each.deflate_bytes;
    objects.back().push_back(std::move(each));
  }
  return objects;
}

using objects_result = result<std::vector<store::object_row>>;

result<void> plan_some(store::state_file& state, const model::project& project, const std::vector<hour_need>& needs,
                       const settings& wanted, base::thread_pool& pool, base::instant now) {
  SPILLWAY_TRY(seal_tails(state.database(), needs, pool));
  std::vector<std::future<objects_result>> pending;
  for (const hour_need& each : needs) {
    pending.push_back(base::run_on<objects_result>(pool, [&](std::size_t) -> objects_result {
      if (each.unplanned_events == 0) {
        return std::vector<store::object_row>();
      }
      SPILLWAY_TRY_ASSIGN(db::database reader, state.open_reader());
      return make_objects(reader, project, each, wanted);
    }));
  }
  for (auto& each : pending) {
    each.wait();
  }
  SPILLWAY_TRY_ASSIGN(db::transaction planned, db::transaction::begin(state.database()));
  SPILLWAY_TRY_ASSIGN(const store::connection_row connection,
                      store::open_connection(state.database(), project.id, wanted.place, now));
  for (std::size_t i = 0; i < needs.size(); ++i) {
    SPILLWAY_TRY_ASSIGN(const std::vector<store::object_row> objects, pending[i].get());
    SPILLWAY_TRY(store::plan_job(state.database(), connection, needs[i].key.hour, wanted.marker, objects, now));
  }
  return planned.commit();
}

}  // namespace

result<std::vector<hour_need>> find_needs(db::database& state, const model::project& project, const settings& wanted,
                                          base::instant now) {
  SPILLWAY_TRY_ASSIGN(const auto planned, planned_hours(state, project, wanted));
  SPILLWAY_TRY_ASSIGN(const std::vector<store::hour_row> rows, store::list_hours(state, project.id));
  const int first = model::first_partition(project.form);
  std::vector<hour_need> needs;
  std::optional<model::hour> before;
  for (const store::hour_row& row : rows) {
    if (row.events == 0) {
      continue;  // nothing but duplicates of events in other hours
    }
    if (before) {
      add_gap(needs, project.id, *before, row.key.hour, planned, wanted, now, first);
    }
    const auto found = planned.find(row.key.hour);
    needs.push_back(need_of(row, found == planned.end() ? nullptr : &found->second, wanted, now, first));
    before = row.key.hour;
  }
  return needs;
}

result<void> seal_tails(db::database& state, const std::vector<hour_need>& needs, base::thread_pool& pool) {
  store::hour_writer hours(state);
  SPILLWAY_TRY_ASSIGN(const std::vector<model::project> projects, store::list_projects(state));
  for (const hour_need& each : needs) {
    const auto project = std::ranges::find(projects, each.key.project, &model::project::id);
    if (each.unplanned_events > 0 && project != projects.end()) {
      SPILLWAY_TRY(hours.cut_tail(each.key, project->engine));
    }
  }
  store::hour_changes changes = hours.take_changes();
  store::compressing pending =
      store::start_compressing(changes.cuts, pool, [](std::size_t, model::compression engine, std::string_view text) {
        return codec::segment_compressor(engine).compress(text);
      });
  SPILLWAY_TRY(store::finish_compressing(pending));
  SPILLWAY_TRY_ASSIGN(db::transaction sealed, db::transaction::begin(state));
  SPILLWAY_TRY(store::write_changes(state, changes));
  return sealed.commit();
}

result<std::vector<store::object_row>> make_objects(db::database& reader, const model::project& project,
                                                    const hour_need& which, const settings& wanted) {
  SPILLWAY_TRY_ASSIGN(std::vector<store::segment_row> segments,
                      store::list_segments(reader, which.key, which.planned_bytes, INT64_MAX - which.planned_bytes));
  std::vector<store::object_row> objects;
  int partition = which.next_partition;
  for (const auto& each : cut_objects(std::move(segments), wanted.object_bytes_max)) {
    store::object_row object = object_of(each);
    object.partition = partition++;
    object.key = model::to_key({model::object_kind::events, project.id, which.key.hour, object.partition}, wanted.prefix);
    SPILLWAY_TRY(hash_object(reader, which.key, wanted.parts, object));
    objects.push_back(std::move(object));
  }
  return objects;
}

result<void> plan_hours(store::state_file& state, const model::project& project, const std::vector<hour_need>& needs,
                        const settings& wanted, base::thread_pool& pool, base::instant now) {
  std::vector<hour_need> some;
  for (const hour_need& each : needs) {
    if (each.what == need::plan) {
      some.push_back(each);
    }
    if (some.size() == hours_per_plan) {
      SPILLWAY_TRY(plan_some(state, project, some, wanted, pool, now));
      some.clear();
    }
  }
  return some.empty() ? result<void>{} : plan_some(state, project, some, wanted, pool, now);
}

}  // namespace spillway::exporting
