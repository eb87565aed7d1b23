// Encoded lines to segments and pieces: where the text of each hour is cut, and what a commit writes of it.
//
// Thread rule: one thread. Compressing and writing are somebody else's: a cut segment holds its text until `compressed`
// is filled, and changes that were taken may be written while the next ones are gathered.
#pragma once

#include "base/thread_pool.hpp"
#include "codec/segment.hpp"
#include "db/sqlite.hpp"
#include "store/event_store.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

// What one commit writes of the hours: segments that were cut, tails as pieces, and counts.
struct hour_changes {
  struct changed_hour {
    hour_row row;
    enum class old_pieces { stay, remove } pieces = old_pieces::stay;  // remove: a segment covers them now
    std::string piece;  // the tail that is not in the file yet; empty: all of it is
    std::int64_t piece_events = 0;
  };
  std::deque<cut_segment> cuts;  // a deque: it may be moved while they are being compressed
  std::vector<changed_hour> hours;
};

// REQUIRES: an open transaction, and every cut compressed.
result<void> write_changes(db::database& state, const hour_changes& changes);

class hour_writer {
public:
  // So much text of unfinished tails is kept in memory; what is not is read from the file when its segment is cut.
  static constexpr std::size_t cached_bytes_max = std::size_t{16} << 20;

  // Only reads through `reads`. Before a tail is read there, `settle` is called: it sees to it that all changes that
  // were taken are in the file.
  explicit hour_writer(db::database& reads, std::function<result<void>()> settle = {})
      : reads_(&reads), settle_(std::move(settle)) {}

  // Appends lines that stand end to end in `lines`. Where one starts a new stretch, what was before is cut off as a
  // segment. Many at once are copied faster than one by one.
  result<void> append(const hour_key& key, model::compression engine, std::string_view lines,
                      std::span<const std::size_t> line_bytes);
  result<void> append(const hour_key& key, model::compression engine, std::string_view line) {
    const std::size_t bytes = line.size();
    return append(key, engine, line, {&bytes, 1});
  }
  result<void> count_duplicate(const hour_key& key);

  // Cuts the tail of an hour as it is, for planning. Nothing is cut if there is no tail.
  result<void> cut_tail(const hour_key& key, model::compression engine);

  // Hands over the segments that were cut since the last call, so that they can be compressed before the commit is due.
  std::deque<cut_segment> take_cuts() { return std::exchange(cuts_, {}); }

  // Hands over everything since the last call, to be written as one commit with the cuts that were taken before.
  hour_changes take_changes();

  // Bounds the memory for hours: forgets some that can be read again. To be called when all changes that were taken,
  // but for the last ones, are in the file.
  void forget_written();

  // Memory that the tails take; at most cached_bytes_max behind take_changes().
  std::size_t cached_bytes() const;

private:
  struct open_hour {
    hour_row row;                    // counts everything, taken or not
    std::string tail;                // the end of the unfinished tail: all of it, unless the front is only in the file
    std::size_t unsaved_bytes = 0;   // of tail, from its end: not taken yet
    std::int64_t unsaved_events = 0;
    std::int64_t tail_events = 0;    // of what `tail` holds
    hour_changes::changed_hour::old_pieces pieces = hour_changes::changed_hour::old_pieces::stay;
    bool changed = false;
    std::int64_t last_taken = 0;  // the take_changes() that had it last
  };

  static constexpr std::size_t hours_max = 20'000;  // about 10 MB

  static bool starts_stretch(const open_hour& hour);
  result<open_hour*> open(const hour_key& key);
  result<void> cut(open_hour& hour, model::compression engine);
  void bound_cache();

  db::database* reads_;
  std::function<result<void>()> settle_;
  std::map<hour_key, open_hour> hours_;
  std::int64_t taken_ = 0;           // calls of take_changes()
  std::vector<open_hour*> changed_;  // since the last take_changes()
  open_hour* last_ = nullptr;        // most lines are of the hour of the line before
  std::deque<cut_segment> cuts_;
};

// Compresses on a thread of the pool; `worker` is its number.
using compress_function =
    std::function<result<codec::segment>(std::size_t worker, model::compression engine, std::string_view text)>;

// Compression under way on other threads. REQUIRES: the cuts stay where they are until finish_compressing().
using compressing = std::vector<std::future<result<void>>>;

// Fills `compressed` of every cut from `first` on, on all threads of the pool, before other work, and lets go of the
// texts.
compressing start_compressing(std::deque<cut_segment>& cuts, base::thread_pool& pool, compress_function compress,
                              std::size_t first = 0);

// Waits for all of them; their first failure.
result<void> finish_compressing(compressing& pending);

}  // namespace spillway::store
