#include "export/plan.hpp"

#include "codec/stitch.hpp"
#include "export/filtered_segments.hpp"
#include "export/object_hashes.hpp"
#include "export/thread_readers.hpp"
#include "model/object_key.hpp"
#include "store/connections.hpp"
#include "store/hour_writer.hpp"

#include <utility>

#include <fmt/format.h>

namespace spillway::exporting {
namespace {

// So many hours are sealed and planned in one transaction: it bounds memory and what a kill costs.
constexpr std::size_t hours_per_plan = 8;

// A segment as it will be in an object: of the store, or made of one by a filter.
struct planned_segment {
  store::segment_row source;
  std::int64_t events = 0;
  std::int64_t text_bytes = 0;
  std::uint32_t text_crc32 = 0;
  std::int64_t deflate_bytes = 0;
};

std::string joined_engines(const std::vector<planned_segment>& segments) {
  std::string joined;
  for (const planned_segment& each : segments) {
    if (joined.find(each.source.engine) == std::string::npos) {
      joined += (joined.empty() ? "" : "+") + each.source.engine;
    }
  }
  return joined;
}

store::object_row object_of(const std::vector<planned_segment>& segments, const settings& wanted) {
  store::object_row object;
  codec::text_totals totals;
  const store::segment_row& last = segments.back().source;
  object.source_offset = segments.front().source.text_offset;
  object.source_bytes = last.text_offset + last.text_bytes - object.source_offset;
  object.bytes = static_cast<std::int64_t>(codec::gzip_header_bytes + codec::gzip_trailer_bytes);
  for (const planned_segment& each : segments) {
    totals.append(static_cast<std::uint64_t>(each.text_bytes), each.text_crc32);
    object.source_events += each.source.events;
    object.events += each.events;
    object.bytes += each.deflate_bytes;
    if (!wanted.filter.empty()) {
      object.segment_bytes.push_back(static_cast<std::uint32_t>(each.deflate_bytes));
    }
  }
  object.text_bytes = static_cast<std::int64_t>(totals.bytes);
  object.text_crc32 = totals.crc32;
  object.engine = joined_engines(segments);
  object.filter = wanted.filter;
  return object;
}

// The segments of each object, cut where the next segment would make it too large.
std::vector<std::vector<planned_segment>> cut_objects(std::vector<planned_segment> segments, std::int64_t bytes_max) {
  std::vector<std::vector<planned_segment>> objects;
  std::int64_t bytes = 0;
  for (planned_segment& each : segments) {
    if (objects.empty() || bytes + each.deflate_bytes > bytes_max) {
      objects.emplace_back();
      bytes = static_cast<std::int64_t>(codec::gzip_header_bytes + codec::gzip_trailer_bytes);
    }
    bytes += each.deflate_bytes;
    objects.back().push_back(std::move(each));
  }
  return objects;
}

result<std::vector<planned_segment>> read_planned(db::database& reader, const model::project& project,
                                                  const hour_need& which, const settings& wanted) {
  SPILLWAY_TRY_ASSIGN(std::vector<store::segment_row> segments,
                      store::list_segments(reader, which.key, which.planned_bytes, INT64_MAX - which.planned_bytes));
  std::vector<planned_segment> planned;
  std::optional<filtered_segments> filtered;
  if (!wanted.filter.empty()) {
    SPILLWAY_TRY_ASSIGN(line_filter filter, make_line_filter(wanted.filter));
    filtered.emplace(reader, which.key, segments, std::move(filter), project.engine);
  }
  for (std::size_t i = 0; i < segments.size(); ++i) {
    store::segment_row& source = segments[i];
    planned_segment made{source, source.events, source.text_bytes, source.text_crc32, source.deflate_bytes};
    if (filtered) {
      SPILLWAY_TRY_ASSIGN(const made_segment chosen, filtered->make(i));
      made.events = chosen.events;
      made.text_bytes = static_cast<std::int64_t>(chosen.made.text_bytes);
      made.text_crc32 = chosen.made.text_crc32;
      made.deflate_bytes = static_cast<std::int64_t>(chosen.made.deflate.size());
      made.source.engine = codec::engine_name(project.engine);
    }
    planned.push_back(std::move(made));
  }
  return planned;
}

// The partition behind those that the ledger has of an hour.
result<int> next_partition(db::database& reader, const model::project& project, const model::connection& connection,
                           model::hour hour) {
  SPILLWAY_TRY_ASSIGN(const auto job, store::find_job(reader, connection.id, store::job_kind::events, hour));
  if (!job) {
    return model::first_partition(project.form);
  }
  SPILLWAY_TRY_ASSIGN(const std::vector<store::object_row> objects, store::list_objects(reader, job->id));
  return objects.empty() ? model::first_partition(project.form) : objects.back().partition + 1;
}

using objects_result = result<std::vector<store::object_row>>;

// Ends behind its tasks, also where memory runs out between two of them: what they refer to lives until then.
struct pending_objects {
  ~pending_objects() { wait(); }
  void wait() {
    for (const auto& each : of_hours) {
      if (each.valid()) {
        each.wait();
      }
    }
  }
  std::vector<std::future<objects_result>> of_hours{};
};

// Reads once more what seems to be damaged: a disk that failed in passing has changed nothing.
template <class Read>
auto read_with_care(const Read& read) {
  auto first = read();
  return first || first.error().code != errc::corrupt ? std::move(first) : read();
}

failure stopped() { return {errc::interrupted, "planning", "asked to stop", {}}; }

result<void> plan_some(const planning& in, thread_readers& readers, std::vector<hour_need> needs,
                       damaged_hours& damaged) {
  if (in.stop.stop_requested()) {
    return stopped();
  }
  SPILLWAY_TRY_ASSIGN(damaged_hours unsealed, seal_tails(in.state.database(), in.project, needs, in.pool));
  std::erase_if(needs, [&unsealed](const hour_need& each) { return unsealed.contains(each.key); });
  damaged.merge(unsealed);
  pending_objects pending;
  pending.of_hours.reserve(needs.size());
  for (const hour_need& each : needs) {
    pending.of_hours.push_back(base::run_on<objects_result>(in.pool, [&](std::size_t worker) -> objects_result {
      if (in.stop.stop_requested()) {
        return stopped();
      }
      if (each.unplanned_events == 0) {
        return std::vector<store::object_row>();
      }
      return read_with_care([&]() -> objects_result {
        SPILLWAY_TRY_ASSIGN(db::database* const reader, readers.of(worker));
        return make_objects(*reader, in.project, in.connection, each, in.wanted);
      });
    }));
  }
  pending.wait();
  SPILLWAY_TRY_ASSIGN(db::transaction planned, db::transaction::begin(in.state.database()));
  SPILLWAY_TRY(check_unchanged(in.state.database(), in.connection));
  for (std::size_t i = 0; i < needs.size(); ++i) {
    objects_result objects = pending.of_hours[i].get();
    if (!objects && objects.error().code == errc::corrupt) {
      damaged.emplace(needs[i].key, objects.error());
      continue;
    }
    SPILLWAY_TRY_ASSIGN(std::vector<store::object_row> made, std::move(objects));
    SPILLWAY_TRY(store::plan_job(in.state.database(), in.connection.id, store::job_kind::events, needs[i].key.hour,
                                 in.wanted.marker, {std::move(made), needs[i].text_bytes, needs[i].events}, in.now));
  }
  return planned.commit();
}

}  // namespace

result<void> check_unchanged(db::database& state, const model::connection& connection) {
  SPILLWAY_TRY_ASSIGN(const bool is_same, store::is_unchanged(state, connection));
  return is_same ? result<void>()
                 : failure{errc::locked, fmt::format("delivering for connection {}", connection.id),
                           "it was disabled, enabled, deleted or followed by another one meanwhile",
                           "run the command again"};
}

result<damaged_hours> seal_tails(db::database& state, const model::project& project,
                                 const std::vector<hour_need>& needs, base::thread_pool& pool) {
  store::hour_writer hours(state);
  damaged_hours damaged;
  for (const hour_need& each : needs) {
    const auto cut = each.unplanned_events > 0
                         ? read_with_care([&] { return hours.cut_tail(each.key, project.engine); })
                         : result<void>();
    if (!cut && cut.error().code != errc::corrupt) {
      return cut.error();
    }
    if (!cut) {
      damaged.emplace(each.key, cut.error());
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
  SPILLWAY_TRY(sealed.commit());
  return damaged;
}

result<std::vector<store::object_row>> make_objects(db::database& reader, const model::project& project,
                                                    const model::connection& connection, const hour_need& which,
                                                    const settings& wanted) {
  SPILLWAY_TRY_ASSIGN(int partition, next_partition(reader, project, connection, which.key.hour));
  SPILLWAY_TRY_ASSIGN(std::vector<planned_segment> segments, read_planned(reader, project, which, wanted));
  std::vector<store::object_row> objects;
  for (const auto& each : cut_objects(std::move(segments), wanted.object_bytes_max)) {
    store::object_row object = object_of(each, wanted);
    if (object.events == 0) {
      continue;
    }
    object.partition = partition++;
    object.key =
        model::to_key({model::object_kind::events, project.id, which.key.hour, object.partition}, wanted.prefix);
    SPILLWAY_TRY(hash_object(reader, {project, store::job_kind::events, which.key.hour}, object, wanted.staged));
    objects.push_back(std::move(object));
  }
  return objects;
}

result<damaged_hours> plan_hours(const planning& in, const std::vector<hour_need>& needs) {
  thread_readers readers(in.state, in.pool.threads());
  damaged_hours damaged;
  std::vector<hour_need> some;
  for (const hour_need& each : needs) {
    if (each.what == need::plan) {
      some.push_back(each);
    }
    if (some.size() == hours_per_plan) {
      SPILLWAY_TRY(plan_some(in, readers, std::exchange(some, {}), damaged));
    }
  }
  if (!some.empty()) {
    SPILLWAY_TRY(plan_some(in, readers, std::move(some), damaged));
  }
  return damaged;
}

}  // namespace spillway::exporting
