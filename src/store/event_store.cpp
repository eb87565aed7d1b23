#include "store/event_store.hpp"

#include "codec/decode.hpp"
#include "codec/stitch.hpp"
#include "store/row_values.hpp"

#include <fmt/format.h>

namespace spillway::store {
namespace {

constexpr std::string_view hour_columns =
    "SELECT project_id, hour, events, duplicates, text_bytes, segmented_bytes, pruned_bytes, "
    "pruned_events FROM hour ";

hour_row hour_of(const db::statement& row) {
  return {{row.number(0), hour_in(row, 1)},
          count_in(row, 2),
          count_in(row, 3),
          count_in(row, 4),
          count_in(row, 5),
          count_in(row, 6),
          count_in(row, 7)};
}

segment_row segment_of(const db::statement& row) {
  return {row.number(0),    count_in(row, 1), count_in(row, 2),        static_cast<std::uint32_t>(row.number(3)),
          count_in(row, 4), count_in(row, 5), std::string(row.text(6))};
}

std::string reading(const char* what, std::int64_t id, const hour_key& key) {
  return fmt::format("reading {} {} of project {}, hour {}", what, id, key.project, model::to_string(key.hour));
}

failure changed_bytes(std::string doing, std::string cause) {
  return {errc::corrupt, std::move(doing), std::move(cause),
          "bring the state file back from a backup, or take the events in again into another one"};
}

// `what` is the table, `id` is in the first column, the CRC-32 in the second.
result<void> check_bytes(const db::statement& row, const char* what, const hour_key& key, std::string_view bytes) {
  if (std::int64_t{codec::crc32_of(bytes)} == row.number(1)) {
    return {};
  }
  return changed_bytes(reading(what, row.number(0), key),
                       "its bytes have another CRC-32 than when they were written: the disk has changed them");
}

}  // namespace

result<std::optional<hour_row>> find_hour(db::database& state, const hour_key& key) {
  SPILLWAY_TRY_ASSIGN(db::statement row, state.query(std::string(hour_columns) + "WHERE project_id=? AND hour=?",
                                                     key.project, key.hour.number));
  return db::collect_one(std::move(row), hour_of);
}

result<std::vector<hour_row>> list_hours(db::database& state, std::optional<model::project_id> project) {
  SPILLWAY_TRY_ASSIGN(db::statement rows,
                      state.query(std::string(hour_columns) + "WHERE ?1=0 OR project_id=?1 ORDER BY project_id, hour",
                                  project.value_or(0)));
  return db::collect(std::move(rows), hour_of);
}

result<std::vector<hour_row>> list_hours(db::database& state, model::project_id project, const model::hour_range& in) {
  SPILLWAY_TRY_ASSIGN(db::statement rows, state.query(std::string(hour_columns) +
                                                          "WHERE project_id=? AND hour BETWEEN ? AND ? ORDER BY hour",
                                                      project, in.first.number, in.last.number));
  return db::collect(std::move(rows), hour_of);
}

result<std::vector<model::hour>> list_pruned_hours(db::database& state, model::project_id project,
                                                   const model::hour_range& in) {
  SPILLWAY_TRY_ASSIGN(
      db::statement rows,
      state.query("SELECT hour FROM hour WHERE project_id=? AND hour BETWEEN ? AND ? AND pruned_bytes>0 ORDER BY hour",
                  project, in.first.number, in.last.number));
  return db::collect(std::move(rows), [](const db::statement& row) { return hour_in(row, 0); });
}

result<void> put_hour(db::database& state, const hour_row& row) {
  return state.run(
      "INSERT OR REPLACE INTO hour(project_id, hour, events, duplicates, text_bytes, segmented_bytes, pruned_bytes, "
      "pruned_events) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
      row.key.project, row.key.hour.number, row.events, row.duplicates, row.text_bytes, row.segmented_bytes,
      row.pruned_bytes, row.pruned_events);
}

result<void> add_segment(db::database& state, const hour_key& key, std::int64_t text_offset, std::int64_t events,
                         const codec::segment& added, std::string_view engine) {
  return state.run(
      "INSERT INTO segment(project_id, hour, text_offset, text_bytes, text_crc32, events, deflate_bytes, engine, "
      "deflate_crc32, deflate) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      key.project, key.hour.number, text_offset, static_cast<std::int64_t>(added.text_bytes),
      std::int64_t{added.text_crc32}, events, static_cast<std::int64_t>(added.deflate.size()), engine,
      std::int64_t{codec::crc32_of(added.deflate)}, db::as_blob{added.deflate});
}

result<void> add_piece(db::database& state, const hour_key& key, std::int64_t text_offset, std::int64_t events,
                       std::string_view text) {
  return state.run(
      "INSERT INTO piece(project_id, hour, text_offset, events, text_crc32, text) VALUES(?, ?, ?, ?, ?, ?)",
      key.project, key.hour.number, text_offset, events, std::int64_t{codec::crc32_of(text)}, db::as_blob{text});
}

result<tail> read_tail(db::database& state, const hour_key& key) {
  SPILLWAY_TRY_ASSIGN(
      db::statement rows,
      state.query("SELECT id, text_crc32, text, events FROM piece WHERE project_id=? AND hour=? ORDER BY text_offset",
                  key.project, key.hour.number));
  tail read;
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const bool more, rows.step());
    if (!more) {
      return read;
    }
    const std::string_view text = rows.blob(2);
    SPILLWAY_TRY(check_bytes(rows, "piece", key, text));
    read.text += text;
    read.events += rows.number(3);
  }
}

result<void> remove_pieces(db::database& state, const hour_key& key) {
  return state.run("DELETE FROM piece WHERE project_id=? AND hour=?", key.project, key.hour.number);
}

result<std::vector<segment_row>> list_segments(db::database& state, const hour_key& key, std::int64_t text_offset,
                                               std::int64_t text_bytes) {
  SPILLWAY_TRY_ASSIGN(
      db::statement rows,
      state.query("SELECT id, text_offset, text_bytes, text_crc32, events, deflate_bytes, engine FROM segment "
                  "INDEXED BY segment_facts WHERE project_id=? AND hour=? AND text_offset>=? AND text_offset<? ORDER "
                  "BY text_offset",
                  key.project, key.hour.number, text_offset, text_offset + text_bytes));
  return db::collect(std::move(rows), segment_of);
}

result<void> read_segments(db::database& state, const hour_key& key, std::int64_t text_offset, std::int64_t text_bytes,
                           const base::piece_sink& sink) {
  SPILLWAY_TRY_ASSIGN(
      db::statement rows,
      state.query("SELECT id, deflate_crc32, deflate FROM segment WHERE project_id=? AND hour=? AND text_offset>=? AND "
                  "text_offset<? ORDER BY text_offset",
                  key.project, key.hour.number, text_offset, text_offset + text_bytes));
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const bool more, rows.step());
    if (!more) {
      return {};
    }
    const std::string_view deflate = rows.blob(2);
    SPILLWAY_TRY(check_bytes(rows, "segment", key, deflate));
    SPILLWAY_TRY(sink(deflate));
  }
}

result<std::string> read_segment_text(db::database& state, const hour_key& key, const segment_row& segment) {
  const std::string doing = reading("segment", segment.id, key);
  std::optional<std::string> text;
  SPILLWAY_TRY(read_segments(state, key, segment.text_offset, 1, [&](std::string_view deflate) -> result<void> {
    auto inflated = codec::inflate_segment(deflate, static_cast<std::uint64_t>(segment.text_bytes));
    if (!inflated) {
      return changed_bytes(doing, inflated.error().cause);
    }
    text = std::move(*inflated);
    return {};
  }));
  if (!text) {
    return failure{errc::not_found, doing, "it was pruned meanwhile", "run the command again"};
  }
  if (codec::crc32_of(*text) != segment.text_crc32) {
    return changed_bytes(doing, "its text has another CRC-32 than when it was taken in");
  }
  return std::move(*text);
}

result<void> add_applied(db::database& state, model::project_id project, base::instant uploaded_at,
                         std::string_view line) {
  return state.run("INSERT INTO applied(project_id, uploaded_at, line) VALUES(?, ?, ?)", project,
                   base::to_us(uploaded_at), db::as_blob{line});
}

}  // namespace spillway::store
