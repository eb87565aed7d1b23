// The events of every project and hour: as compressed segments, and the unfinished tail as plain pieces.
//
// The text of an hour is all its encoded lines, in the order in which they were taken in. It is cut into segments: a
// segment holds the lines that start in one MiB of the text, so the cuts depend on the lines alone. When an hour is
// planned for delivery its tail is made a segment as it is, and the lines that come later start a new one.
//
//   text     0 ................ 1 MiB ................ 2 MiB ....... 2.4 MiB
//   segment  [ text_offset 0   ][ text_offset 1048731 ][ pieces ......... ]
//
// Invariants:
// E1  Segments and then pieces cover the text of an hour from hour.pruned_bytes to hour.text_bytes, without gap or
//     overlap. What is before was delivered and pruned (store/retention.hpp); of most hours nothing is.
// E2  hour.segmented_bytes is where the first piece starts; no piece is left once a segment covers it.
// E3  The events of segments and pieces, and hour.pruned_events, add up to hour.events.
// E4  The bytes of a segment and of a piece have the CRC-32 that their row says: a byte that a disk has changed is
//     errc::corrupt to whoever reads it, and never delivered.
#pragma once

#include "base/piece_sink.hpp"
#include "base/result.hpp"
#include "codec/segment.hpp"
#include "db/sqlite.hpp"
#include "model/hour.hpp"
#include "model/project.hpp"

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::store {

struct hour_key {
  model::project_id project = 0;
  model::hour hour;
  friend auto operator<=>(const hour_key&, const hour_key&) = default;
};

struct hour_row {
  hour_key key;
  std::int64_t events = 0;
  std::int64_t duplicates = 0;
  std::int64_t text_bytes = 0;
  std::int64_t segmented_bytes = 0;
  std::int64_t pruned_bytes = 0;  // of the text, at its beginning, that are not in the store any more
  std::int64_t pruned_events = 0;
};

struct segment_row {
  std::int64_t id = 0;
  std::int64_t text_offset = 0;
  std::int64_t text_bytes = 0;
  std::uint32_t text_crc32 = 0;
  std::int64_t events = 0;
  std::int64_t deflate_bytes = 0;
  std::string engine;
};

result<std::optional<hour_row>> find_hour(db::database& state, const hour_key& key);

// By project and hour; of all projects without one.
result<std::vector<hour_row>> list_hours(db::database& state, std::optional<model::project_id> project);

// Of a project, by hour.
result<std::vector<hour_row>> list_hours(db::database& state, model::project_id project, const model::hour_range& in);

// Those whose text is not in the store as a whole any more, by hour.
result<std::vector<model::hour>> list_pruned_hours(db::database& state, model::project_id project,
                                                   const model::hour_range& in);

// Sets the row of an hour, which is made if it is not there.
result<void> put_hour(db::database& state, const hour_row& row);

result<void> add_segment(db::database& state, const hour_key& key, std::int64_t text_offset, std::int64_t events,
                         const codec::segment& added, std::string_view engine);

result<void> add_piece(db::database& state, const hour_key& key, std::int64_t text_offset, std::int64_t events,
                       std::string_view text);

// The unfinished tail of an hour: the text of its pieces in order. errc::corrupt: E4.
struct tail {
  std::string text;
  std::int64_t events = 0;
};
result<tail> read_tail(db::database& state, const hour_key& key);
result<void> remove_pieces(db::database& state, const hour_key& key);

// The segments that start in [text_offset, text_offset + text_bytes), in order, without their bytes.
result<std::vector<segment_row>> list_segments(db::database& state, const hour_key& key, std::int64_t text_offset,
                                               std::int64_t text_bytes);

// Hands the compressed bytes of those segments to `sink`, one after another. errc::corrupt: E4.
result<void> read_segments(db::database& state, const hour_key& key, std::int64_t text_offset, std::int64_t text_bytes,
                           const base::piece_sink& sink);

// The text of one of those segments. errc::corrupt: E4. errc::not_found: it was pruned since it was listed.
result<std::string> read_segment_text(db::database& state, const hour_key& key, const segment_row& segment);

// Keeps an $identify or $groupidentify as it came.
result<void> add_applied(db::database& state, model::project_id project, base::instant uploaded_at,
                         std::string_view line);

}  // namespace spillway::store
