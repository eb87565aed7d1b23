#include "export/merge_plan.hpp"

#include "codec/stitch.hpp"
#include "export/merge_segments.hpp"
#include "export/object_hashes.hpp"
#include "export/plan.hpp"
#include "model/object_key.hpp"

namespace spillway::exporting {
namespace {

result<store::object_row> make_object(db::database& state, const model::project& project, model::hour hour,
                                      std::int64_t merges, const settings& wanted) {
  store::object_row object;
  object.events = merges;
  object.source_events = merges;
  object.engine = codec::engine_name(merge_engine);
  object.key = model::to_key({model::object_kind::merges, project.organization, hour, 0}, wanted.prefix);
  object.bytes = static_cast<std::int64_t>(codec::gzip_header_bytes + codec::gzip_trailer_bytes);
  SPILLWAY_TRY_ASSIGN(std::vector<model::merge> records, store::read_merges(state, project.organization, hour, merges));
  merge_segments segments(std::move(records), merge_engine);
  codec::text_totals totals;
  for (std::size_t i = 0; i < segments.count(); ++i) {
    SPILLWAY_TRY_ASSIGN(const made_segment each, segments.make(i));
    totals.append(each.made.text_bytes, each.made.text_crc32);
    object.segment_bytes.push_back(static_cast<std::uint32_t>(each.made.deflate.size()));
    object.bytes += static_cast<std::int64_t>(each.made.deflate.size());
  }
  object.text_bytes = static_cast<std::int64_t>(totals.bytes);
  object.text_crc32 = totals.crc32;
  SPILLWAY_TRY(hash_object(state, {project, store::job_kind::merges, hour}, object, wanted.staged));
  return object;
}

}  // namespace

result<std::vector<store::merge_hour>> find_due_merges(db::database& state, const model::project& project,
                                                       const model::connection& connection, const settings& wanted,
                                                       base::instant now) {
  std::vector<store::merge_hour> due;
  SPILLWAY_TRY_ASSIGN(const auto hours, store::list_merge_hours(state, project.organization));
  for (const store::merge_hour& each : hours) {
    SPILLWAY_TRY_ASSIGN(const auto job, store::find_job(state, connection.id, store::job_kind::merges, each.hour));
    const bool is_wanted = !is_backfill(wanted) || wanted.hours->holds(each.hour);
    // One that runs is in the hands of the connection that had the history before.
    const bool has_more = !job || (job->source_events < each.merges && job->state != store::job_state::running);
    if (is_closed(each.hour, wanted, now) && is_wanted && has_more) {
      due.push_back(each);
    }
  }
  return due;
}

result<std::int64_t> plan_merges(store::state_file& state, const model::project& project,
                                 const model::connection& connection, const settings& wanted, base::instant now) {
  db::database& database = state.database();
  SPILLWAY_TRY_ASSIGN(const auto due, find_due_merges(database, project, connection, wanted, now));
  for (const store::merge_hour& each : due) {
    SPILLWAY_TRY_ASSIGN(store::object_row object, make_object(database, project, each.hour, each.merges, wanted));
    SPILLWAY_TRY_ASSIGN(db::transaction change, db::transaction::begin(database));
    SPILLWAY_TRY(check_unchanged(database, connection));
    SPILLWAY_TRY(store::plan_job(database, connection.id, store::job_kind::merges, each.hour, model::marker_kind::off,
                                 {{std::move(object)}, 0, each.merges}, now));
    SPILLWAY_TRY(change.commit());
  }
  return static_cast<std::int64_t>(due.size());
}

}  // namespace spillway::exporting
