// A key by which an event is known again, and when that event was uploaded.
#pragma once

#include "base/hashes.hpp"

#include <algorithm>
#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>

namespace spillway::store {

// 96 bits of the key's 128-bit hash. Among 200 million keys two would collide once in 4,000,000,000,000 such sets
// (n^2 / 2^97), and 20 bytes a key on the disk would not do for more.
struct key_hash {
  std::uint64_t high = 0;
  std::uint32_t low = 0;
  friend auto operator<=>(const key_hash&, const key_hash&) = default;
};

constexpr key_hash key_hash_of(const base::hash128& hash) {
  return {hash.high, static_cast<std::uint32_t>(hash.low >> 32)};
}

// A key and its event's server_upload_time, in microseconds since 1970.
struct seen_key {
  key_hash hash;
  std::int64_t uploaded_at_us = 0;
  friend auto operator<=>(const seen_key&, const seen_key&) = default;
};

// Source: the specification's `$insert_id`, "within the past 7 days".
inline constexpr auto duplicate_window = std::chrono::days{7};
inline constexpr std::int64_t duplicate_window_us = std::chrono::microseconds(duplicate_window).count();

// Keys are stored by week: seven days, counted from 1970. A week is as long as the window, so it has a hash at most
// once, and what a key can repeat is in its week or in one beside it.
constexpr std::int64_t week_of(std::int64_t us) {
  return us / duplicate_window_us - (us % duplicate_window_us < 0 ? 1 : 0);
}
constexpr std::int64_t start_of_week(std::int64_t week) { return week * duplicate_window_us; }

// Whole weeks of which every time, and what is a window away from it, has a number in 64 bits.
inline constexpr std::int64_t week_max = std::numeric_limits<std::int64_t>::max() / duplicate_window_us - 2;

// In either direction, since inputs may come out of order. Times of a damaged file may be 2^63 us apart, or more.
constexpr bool within_window(std::int64_t one_us, std::int64_t other_us) {
  const auto [earlier, later] = std::minmax(one_us, other_us);
  return static_cast<std::uint64_t>(later) - static_cast<std::uint64_t>(earlier) <= duplicate_window_us;
}

}  // namespace spillway::store
