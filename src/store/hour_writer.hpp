// Encoded lines to segments and pieces: where the text of each hour is cut, and what a commit writes of it.
//
// Thread rule: one thread. Compressing is somebody else's: a cut segment holds its text until `compressed` is filled.
#pragma once

#include "base/thread_pool.hpp"
#include "codec/segment.hpp"
#include "db/sqlite.hpp"
#include "store/event_store.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace spillway::store {

// A segment holds the lines that start in one such stretch of an hour's text.
inline constexpr std::int64_t segment_stretch_bytes = std::int64_t{1} << 20;

struct cut_segment {
  hour_key key;
  std::int64_t text_offset = 0;
  std::int64_t events = 0;
  std::string text;
  model::compression engine;
  codec::segment compressed;
};

class hour_writer {
public:
  explicit hour_writer(db::database& state) : state_(&state) {}

  // Appends a line. When it starts a new stretch, what was before is cut off as a segment, which next_cut() gives.
  result<void> append(const hour_key& key, model::compression engine, std::string_view line);
  result<void> count_duplicate(const hour_key& key);

  // Cuts the tail of an hour as it is, for planning. Nothing is cut if there is no tail.
  result<void> cut_tail(const hour_key& key, model::compression engine);

  // Segments cut since the last save(), in order. They stay where they are: compress them in place.
  std::deque<cut_segment>& cuts() { return cuts_; }

  // Writes cuts, tails and counts. REQUIRES: an open transaction, and every cut compressed.
  result<void> save();

private:
  struct open_hour {
    hour_row row;       // text_bytes and segmented_bytes count `pending` and cuts too
    std::string pending;       // behind the pieces that are in the file
    std::int64_t pending_events = 0;
    std::int64_t piece_bytes = 0;  // in the file
    bool pieces_used = false;      // by a cut: save() removes them
    bool changed = false;
  };

  result<open_hour*> open(const hour_key& key);
  result<void> cut(open_hour& hour, model::compression engine);

  db::database* state_;
  std::map<hour_key, open_hour> hours_;
  open_hour* last_ = nullptr;  // most lines are of the hour of the line before
  std::deque<cut_segment> cuts_;
};

// Compresses on a thread of the pool; `worker` is its number.
using compress_function =
    std::function<result<codec::segment>(std::size_t worker, model::compression engine, std::string_view text)>;

// Fills `compressed` of every cut, on all threads of the pool, before other work, and lets go of the texts.
result<void> compress_cuts(std::deque<cut_segment>& cuts, base::thread_pool& pool, const compress_function& compress);

}  // namespace spillway::store
