// A UTC hour of `server_upload_time`: the unit in which everything is delivered.
#pragma once

#include "base/time.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::model {

// Hours since 1970-01-01T00:00Z. `_17` is 17:00:00 to 17:59:59.999999.
struct hour {
  std::int64_t number = 0;

  base::instant start() const { return base::instant{std::chrono::hours{number}}; }
  base::instant end() const { return start() + std::chrono::hours{1}; }
  hour next() const { return {number + 1}; }
  friend auto operator<=>(const hour&, const hour&) = default;
};

// Both ends belong to it.
struct hour_range {
  hour first{INT64_MIN};
  hour last{INT64_MAX};

  constexpr bool holds(hour which) const { return first <= which && which <= last; }
};

constexpr hour hour_of(base::instant when) {
  return {std::chrono::floor<std::chrono::hours>(when).time_since_epoch().count()};
}

// Between hours with data that are at most so far apart the empty ones have markers; a longer time is a pause, no gap.
inline constexpr std::int64_t gap_hours_max = 31 * 24;

// "2020-01-25", its day.
std::string to_date(hour which);

// "2020-01-25_17", "2020-01-25_9": as in file names, the hour of the day without a leading zero.
std::string to_string(hour which);
std::optional<hour> parse_hour(std::string_view text);

}  // namespace spillway::model
