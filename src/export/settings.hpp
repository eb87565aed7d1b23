// What a delivery is told: where to, which hours, and how objects and markers look.
#pragma once

#include "bucket/bucket.hpp"
#include "export/staged_objects.hpp"
#include "model/connection.hpp"
#include "model/hour.hpp"
#include "store/ledger.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::exporting {

// Compressed bytes of an object, unless said otherwise: readers that load a whole file still can.
inline constexpr std::int64_t object_bytes_max_default = std::int64_t{256} << 20;

// Late events of a delivered hour are gathered, so that they make at most one partition in this time.
inline constexpr auto late_partition_interval = std::chrono::hours{1};

enum class open_hours { leave, close };
enum class gaps { bounded, all };

struct settings {
  model::place place;  // as the ledger names it
  model::connection_kind kind = model::connection_kind::implicit;  // whose advice is given with a failure
  std::string prefix;  // of all keys; "" or "analytics/exports"
  std::string filter;  // of what is planned from now on; JSON, as connections keep it; empty: every event
  // None: the hours with data, and the gaps between them as `fill` says. Else every closed hour of this range; and if
  // it has no end, of the hours before it those that were delivered, or served before a break, and have more events
  // now.
  std::optional<model::hour_range> hours;
  model::marker_kind marker = model::marker_kind::manifest;
  std::int64_t object_bytes_max = object_bytes_max_default;
  std::chrono::seconds settling{0};  // after its end, until an hour counts as closed
  open_hours open = open_hours::leave;
  gaps fill = gaps::bounded;
  model::foreign_objects foreign = model::foreign_objects::refuse;
  bucket::put_options put;  // encryption of every object and marker
  std::size_t threads = 1;
  staged_objects* staged = nullptr;  // has the bytes of what is planned and then delivered; null: they are read again
  std::mutex* planning = nullptr;  // held while hours are planned: connections of one project share their tails
};

// Of hours that have an end, as a backfill's: only these are planned, looked at and delivered.
inline bool is_backfill(const settings& wanted) {
  return wanted.hours && wanted.hours->last < model::hour_range().last;
}

inline bool has_ended(model::hour hour, const settings& wanted, base::instant now) {
  return now >= hour.end() + wanted.settling;
}

inline bool is_closed(model::hour hour, const settings& wanted, base::instant now) {
  return wanted.open == open_hours::close || has_ended(hour, wanted, now);
}

}  // namespace spillway::exporting
