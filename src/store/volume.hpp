// How much text and how many compressed bytes the stored events are: what an estimate starts from.
//
// Thread rule: as the database. Everything here reads only.
#pragma once

#include "base/piece_sink.hpp"
#include "base/result.hpp"
#include "db/sqlite.hpp"
#include "model/project.hpp"
#include "store/event_store.hpp"

#include <cstdint>
#include <functional>
#include <string_view>

namespace spillway::store {

struct volume {
  std::int64_t events = 0;
  std::int64_t text_bytes = 0;
  std::int64_t deflate_bytes = 0;  // 0 of a tail, which is not compressed yet
};

// Of a project: what is in segments, and what is in unfinished tails.
struct project_volume {
  volume segments;
  volume tails;
};
result<project_volume> volume_of(db::database& state, model::project_id project);

// Hands the text of a project's hours to `sink`, a segment or a tail at a time: whole lines, in order. Holds one of
// them. errc::corrupt: a segment is damaged.
result<void> read_texts(db::database& state, model::project_id project, const base::piece_sink& sink);

// The same of tails only.
result<void> read_tails(db::database& state, model::project_id project, const base::piece_sink& sink);

}  // namespace spillway::store
