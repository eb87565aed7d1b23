#include "store/hour_writer.hpp"

#include <vector>

namespace spillway::store {

result<hour_writer::open_hour*> hour_writer::open(const hour_key& key) {
  if (last_ != nullptr && last_->row.key == key) {
    return last_;
  }
  const auto [found, fresh] = hours_.try_emplace(key);
  open_hour& hour = found->second;
  if (fresh) {
    auto row = find_hour(*state_, key);
    if (!row) {
      hours_.erase(found);
      return row.error();
    }
    hour.row = row->value_or(hour_row{key});
    hour.piece_bytes = hour.row.text_bytes - hour.row.segmented_bytes;
  }
  last_ = &hour;
  return last_;
}

result<void> hour_writer::append(const hour_key& key, model::compression engine, std::string_view line) {
  SPILLWAY_TRY_ASSIGN(open_hour* hour, open(key));
  const std::int64_t start = hour->row.text_bytes;
  const bool has_tail = start > hour->row.segmented_bytes;
  if (has_tail && start / segment_stretch_bytes != hour->row.segmented_bytes / segment_stretch_bytes) {
    SPILLWAY_TRY(cut(*hour, engine));
  }
  hour->pending += line;
  ++hour->pending_events;
  ++hour->row.events;
  hour->row.text_bytes += static_cast<std::int64_t>(line.size());
  hour->changed = true;
  return {};
}

result<void> hour_writer::count_duplicate(const hour_key& key) {
  SPILLWAY_TRY_ASSIGN(open_hour* hour, open(key));
  ++hour->row.duplicates;
  hour->changed = true;
  return {};
}

result<void> hour_writer::cut_tail(const hour_key& key, model::compression engine) {
  SPILLWAY_TRY_ASSIGN(open_hour* hour, open(key));
  if (hour->row.text_bytes > hour->row.segmented_bytes) {
    SPILLWAY_TRY(cut(*hour, engine));
    hour->changed = true;
  }
  return {};
}

result<void> hour_writer::cut(open_hour& hour, model::compression engine) {
  cut_segment made;
  made.key = hour.row.key;
  made.text_offset = hour.row.segmented_bytes;
  made.engine = engine;
  if (hour.piece_bytes > 0) {
    SPILLWAY_TRY_ASSIGN(tail before, read_tail(*state_, hour.row.key));
    SPILLWAY_ASSERT(static_cast<std::int64_t>(before.text.size()) == hour.piece_bytes);
    made.text = std::move(before.text);
    made.events = before.events;
    hour.piece_bytes = 0;
    hour.pieces_used = true;
  }
  made.text += hour.pending;
  made.events += hour.pending_events;
  hour.pending.clear();
  hour.pending_events = 0;
  hour.row.segmented_bytes = hour.row.text_bytes;
  cuts_.push_back(std::move(made));
  return {};
}

result<void> hour_writer::save() {
  for (const cut_segment& each : cuts_) {
    SPILLWAY_TRY(add_segment(*state_, each.key, each.text_offset, each.events, each.compressed,
                                    codec::engine_name(each.engine)));
  }
  cuts_.clear();
  for (auto& [key, hour] : hours_) {
    if (!hour.changed) {
      continue;
    }
    if (hour.pieces_used) {
      SPILLWAY_TRY(remove_pieces(*state_, key));
    }
    if (!hour.pending.empty()) {
      const auto bytes = static_cast<std::int64_t>(hour.pending.size());
      SPILLWAY_TRY(add_piece(*state_, key, hour.row.text_bytes - bytes, hour.pending_events, hour.pending));
    }
    SPILLWAY_TRY(put_hour(*state_, hour.row));
  }
  // What was not touched need not be kept: it is read again when it is.
  hours_.clear();
  last_ = nullptr;
  return {};
}

result<void> compress_cuts(std::deque<cut_segment>& cuts, base::thread_pool& pool, const compress_function& compress) {
  std::vector<std::future<result<void>>> pending;
  for (cut_segment& each : cuts) {
    pending.push_back(base::run_on<result<void>>(
        pool,
        [&each, &compress](std::size_t worker) -> result<void> {
          SPILLWAY_TRY_ASSIGN(each.compressed, compress(worker, each.engine, each.text));
          each.text = {};
          return {};
        },
        base::thread_pool::urgency::urgent));
  }
  for (auto& each : pending) {
    each.wait();  // all of them, before a failure lets go of what they work on
  }
  for (auto& each : pending) {
    SPILLWAY_TRY(each.get());
  }
  return {};
}

}  // namespace spillway::store
