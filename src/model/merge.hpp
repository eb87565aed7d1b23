// A merged Amplitude ID: from some moment on, what `amplitude_id` did counts as what `merged_amplitude_id` did.
#pragma once

#include "base/time.hpp"
#include "model/hour.hpp"
#include "model/project.hpp"

#include <cstdint>
#include <string>

namespace spillway::model {

// Source: the specification's "Merged Amplitude IDs file". It names no unit: milliseconds since 1970, as `time` of HTTP
// V2.
struct merge {
  organization_id organization = 0;  // `scope` is its negative
  std::int64_t merge_time_ms = 0;
  std::int64_t merge_server_time_ms = 0;  // decides the hour
  std::int64_t amplitude_id = 0;          // that is no more: an anonymous device's
  std::int64_t merged_amplitude_id = 0;   // that it became: the user's original one
  friend bool operator==(const merge&, const merge&) = default;
};

// Also of times that no calendar has: a record is never without an hour.
constexpr hour hour_of(const merge& record) {
  return {std::chrono::floor<std::chrono::hours>(std::chrono::milliseconds{record.merge_server_time_ms}).count()};
}

// The record as files have it, '\n' included:
// {"scope":-189524,"merge_time":1579971600000,"merge_server_time":1579971603000,"amplitude_id":9,"merged_amplitude_id":8}
std::string to_line(const merge& record);

}  // namespace spillway::model
