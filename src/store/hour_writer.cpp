#include "store/hour_writer.hpp"

#include <utility>

#include <fmt/format.h>

namespace spillway::store {

using old_pieces = hour_changes::changed_hour::old_pieces;

namespace {

// Gives the memory of a text back: assigning an empty one keeps it.
void release(std::string& text) { std::string().swap(text); }

// What the file says of an hour does not fit together: going on would cut a segment of something else than its text.
failure damaged(const hour_key& key) {
  return {errc::corrupt,
          "using the state file",
          fmt::format("hour {} of project {} has not the text that it should have", model::to_string(key.hour),
                      key.project),
          {}};
}

}  // namespace

result<hour_writer::open_hour*> hour_writer::open(const hour_key& key) {
  if (last_ == nullptr || last_->row.key != key) {
    const auto [found, fresh] = hours_.try_emplace(key);
    if (fresh) {
      auto row = find_hour(*reads_, key);
      if (!row || (*row && (*row)->segmented_bytes > (*row)->text_bytes)) {
        hours_.erase(found);
        return row ? damaged(key) : row.error();
      }
      found->second.row = row->value_or(hour_row{key});
    }
    last_ = &found->second;
  }
  if (!last_->changed) {
    last_->changed = true;
    changed_.push_back(last_);
  }
  return last_;
}

// Whether the next line of the hour is of another stretch than its tail.
bool hour_writer::starts_stretch(const open_hour& hour) {
  const std::int64_t start = hour.row.text_bytes;
  const std::int64_t tail_start = hour.row.segmented_bytes;
  return start > tail_start && start / segment_stretch_bytes != tail_start / segment_stretch_bytes;
}

result<void> hour_writer::append(const hour_key& key, model::compression engine, std::string_view lines,
                                 std::span<const std::size_t> line_bytes) {
  SPILLWAY_TRY_ASSIGN(open_hour* hour, open(key));
  std::size_t counted = 0;  // bytes of `lines` that are counted in the hour
  std::size_t copied = 0;   // of these, in its tail
  for (const std::size_t bytes : line_bytes) {
    if (starts_stretch(*hour)) {
      hour->tail += lines.substr(copied, counted - copied);
      copied = counted;
      SPILLWAY_TRY(cut(*hour, engine));
      // An hour that fills one segment fills more: growing step by step would copy its text again and again.
      hour->tail.reserve(static_cast<std::size_t>(segment_stretch_bytes + segment_stretch_bytes / 16));
    }
    counted += bytes;
    hour->unsaved_bytes += bytes;
    ++hour->unsaved_events;
    ++hour->tail_events;
    ++hour->row.events;
    hour->row.text_bytes += static_cast<std::int64_t>(bytes);
  }
  SPILLWAY_ASSERT(counted == lines.size());
  hour->tail += lines.substr(copied);
  return {};
}

result<void> hour_writer::count_duplicate(const hour_key& key) {
  SPILLWAY_TRY_ASSIGN(open_hour* hour, open(key));
  ++hour->row.duplicates;
  return {};
}

result<void> hour_writer::cut_tail(const hour_key& key, model::compression engine) {
  SPILLWAY_TRY_ASSIGN(open_hour* hour, open(key));
  return hour->row.text_bytes > hour->row.segmented_bytes ? cut(*hour, engine) : result<void>{};
}

result<void> hour_writer::cut(open_hour& hour, model::compression engine) {
  cut_segment made;
  made.key = hour.row.key;
  made.text_offset = hour.row.segmented_bytes;
  made.engine = engine;
  const auto tail_bytes = static_cast<std::size_t>(hour.row.text_bytes - hour.row.segmented_bytes);
  if (hour.tail.size() < tail_bytes) {
    // The front is only in the file. What is in memory of it and already taken is there too.
    if (settle_) {
      SPILLWAY_TRY(settle_());
    }
    SPILLWAY_TRY_ASSIGN(tail saved, read_tail(*reads_, hour.row.key));
    if (saved.text.size() + hour.unsaved_bytes != tail_bytes) {
      return damaged(hour.row.key);
    }
    saved.text.append(hour.tail, hour.tail.size() - hour.unsaved_bytes);
    made.text = std::move(saved.text);
    made.events = saved.events + hour.unsaved_events;
  } else {
    made.text = std::move(hour.tail);
    made.events = hour.tail_events;
  }
  // Pieces of this tail may be in the file, or on their way there.
  hour.pieces = tail_bytes > hour.unsaved_bytes ? old_pieces::remove : hour.pieces;
  hour.tail.clear();
  hour.unsaved_bytes = 0;
  hour.unsaved_events = 0;
  hour.tail_events = 0;
  hour.row.segmented_bytes = hour.row.text_bytes;
  cuts_.push_back(std::move(made));
  return {};
}

hour_changes hour_writer::take_changes() {
  hour_changes taken;
  taken.cuts = std::exchange(cuts_, {});
  ++taken_;
  for (open_hour* hour : changed_) {
    hour->last_taken = taken_;
    taken.hours.push_back({hour->row, hour->pieces, hour->tail.substr(hour->tail.size() - hour->unsaved_bytes),
                           hour->unsaved_events});
    hour->pieces = old_pieces::stay;
    hour->unsaved_bytes = 0;
    hour->unsaved_events = 0;
    hour->changed = false;
  }
  changed_.clear();
  last_ = nullptr;
  bound_cache();
  return taken;
}

void hour_writer::bound_cache() {
  if (cached_bytes() > cached_bytes_max) {
    for (auto& [key, hour] : hours_) {
      release(hour.tail);
      hour.tail_events = 0;
    }
  }
}

std::size_t hour_writer::cached_bytes() const {
  std::size_t bytes = 0;
  for (const auto& [key, hour] : hours_) {
    bytes += hour.tail.capacity();
  }
  return bytes;
}

void hour_writer::forget_written() {
  if (hours_.size() <= hours_max) {
    return;
  }
  last_ = nullptr;
  std::erase_if(hours_, [this](const auto& each) { return !each.second.changed && each.second.last_taken < taken_; });
}

result<void> write_changes(db::database& state, const hour_changes& changes) {
  for (const hour_changes::changed_hour& hour : changes.hours) {
    if (hour.pieces == old_pieces::remove) {
      SPILLWAY_TRY(remove_pieces(state, hour.row.key));
    }
  }
  for (const cut_segment& each : changes.cuts) {
    SPILLWAY_TRY(
        add_segment(state, each.key, each.text_offset, each.events, each.compressed, codec::engine_name(each.engine)));
  }
  for (const hour_changes::changed_hour& hour : changes.hours) {
    if (!hour.piece.empty()) {
      const auto bytes = static_cast<std::int64_t>(hour.piece.size());
      SPILLWAY_TRY(add_piece(state, hour.row.key, hour.row.text_bytes - bytes, hour.piece_events, hour.piece));
    }
    SPILLWAY_TRY(put_hour(state, hour.row));
  }
  return {};
}

compressing start_compressing(std::deque<cut_segment>& cuts, base::thread_pool& pool, compress_function compress,
                              std::size_t first) {
  compressing pending;
  for (std::size_t i = first; i < cuts.size(); ++i) {
    pending.push_back(base::run_on<result<void>>(
        pool,
        [&each = cuts[i], compress](std::size_t worker) -> result<void> {
          SPILLWAY_TRY_ASSIGN(each.compressed, compress(worker, each.engine, each.text));
          release(each.text);
          return {};
        },
        base::thread_pool::urgency::urgent));
  }
  return pending;
}

result<void> finish_compressing(compressing& pending) {
  for (auto& each : pending) {
    each.wait();  // all of them, before a failure lets go of what they work on
  }
  for (auto& each : std::exchange(pending, {})) {
    SPILLWAY_TRY(each.get());
  }
  return {};
}

}  // namespace spillway::store
