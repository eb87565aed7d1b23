// The events of one project that were seen in the last seven days: is one of them there again?
//
// One open-addressing table with linear probing and 32 bytes a slot. An entry that is out of the window is overwritten
// in place, and left out when the table is made anew; so its size follows the largest week: 43 to 128 bytes an event,
// and half as much again while it grows.
#pragma once

#include "base/hashes.hpp"
#include "base/time.hpp"
#include "store/seen_key.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace spillway::check {

// Where an event stood.
struct event_place {
  std::uint32_t object = 0;  // the caller's number of it
  std::uint32_t line = 0;
};

// Thread rule: one thread at a time.
class duplicate_window {
public:
  // Before the events of an hour that starts then: what lies more than the window before it may be forgotten. Hours
  // come in order.
  void begin_hour(base::instant start) { forget_before_us_ = base::to_us(start - store::duplicate_window); }

  // Where this event was first, if that is at most the window away in either direction; else notes it.
  std::optional<event_place> find_or_add(const base::hash128& hash, base::instant uploaded_at, event_place place);

  void clear();
  std::size_t slots() const { return slots_.size(); }

private:
  struct slot {
    base::hash128 hash;
    std::int64_t uploaded_us = free_us;
    event_place place;
  };
  static constexpr std::int64_t free_us = INT64_MIN;

  bool is_forgotten(const slot& which) const { return which.uploaded_us < forget_before_us_; }
  void make_room();
  void put_into_free(const slot& added);

  std::vector<slot> slots_;  // a power of two
  std::size_t used_ = 0;     // that are not free, forgotten ones included
  std::int64_t forget_before_us_ = free_us;
};

}  // namespace spillway::check
