#include "store/volume.hpp"

namespace spillway::store {
namespace {


result<volume> sum_of(db::statement row) {
  SPILLWAY_TRY(row.step());
  return volume{row.number(0), row.number(1), row.number(2)};
}

result<void> read_segment_texts(db::database& state, const hour_row& hour, const base::piece_sink& sink) {
  SPILLWAY_TRY_ASSIGN(const auto segments, list_segments(state, hour.key, 0, hour.text_bytes));
  for (const segment_row& each : segments) {
    SPILLWAY_TRY_ASSIGN(const std::string text, read_segment_text(state, hour.key, each));
    SPILLWAY_TRY(sink(text));
  }
  return {};
}

result<void> read_tail_text(db::database& state, const hour_row& hour, const base::piece_sink& sink) {
  if (hour.segmented_bytes == hour.text_bytes) {
    return {};
  }
  SPILLWAY_TRY_ASSIGN(const tail unfinished, read_tail(state, hour.key));
  return sink(unfinished.text);
}

}  // namespace

result<project_volume> volume_of(db::database& state, model::project_id project) {
  SPILLWAY_TRY_ASSIGN(db::statement segments,
                      state.query("SELECT coalesce(sum(events), 0), coalesce(sum(text_bytes), 0), "
                                  "coalesce(sum(deflate_bytes), 0) FROM segment WHERE project_id=?",
                                  project));
  SPILLWAY_TRY_ASSIGN(db::statement pieces,
                      state.query("SELECT coalesce(sum(events), 0), coalesce(sum(length(text)), 0), 0 "
                                  "FROM piece WHERE project_id=?",
                                  project));
  project_volume found;
  SPILLWAY_TRY_ASSIGN(found.segments, sum_of(std::move(segments)));
  SPILLWAY_TRY_ASSIGN(found.tails, sum_of(std::move(pieces)));
  return found;
}

result<void> read_texts(db::database& state, model::project_id project, const base::piece_sink& sink) {
  SPILLWAY_TRY_ASSIGN(const auto hours, list_hours(state, project));
  for (const hour_row& each : hours) {
    SPILLWAY_TRY(read_segment_texts(state, each, sink));
    SPILLWAY_TRY(read_tail_text(state, each, sink));
  }
  return {};
}

result<void> read_tails(db::database& state, model::project_id project, const base::piece_sink& sink) {
  SPILLWAY_TRY_ASSIGN(const auto hours, list_hours(state, project));
  for (const hour_row& each : hours) {
    SPILLWAY_TRY(read_tail_text(state, each, sink));
  }
  return {};
}

}  // namespace spillway::store
