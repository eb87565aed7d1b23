// Instants as Amplitude writes them: UTC, microseconds, years 1 to 9999. Pure; reading a clock is base/clock.hpp.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::base {

using instant = std::chrono::sys_time<std::chrono::microseconds>;

// Microseconds since 1970-01-01T00:00:00Z.
constexpr std::int64_t to_us(instant when) { return when.time_since_epoch().count(); }
constexpr instant from_us(std::int64_t us) { return instant{std::chrono::microseconds{us}}; }

// Bytes of "2015-08-10T12:00:00.000000".
inline constexpr std::size_t timestamp_bytes = 26;

// Reads "2015-08-10T12:00:00.000000" with 'T' or a space, 0 to 9 decimals (more than 6 are cut), and an optional
// zone: 'Z', "+01:00", "+0100" or "+01"; none means UTC. A leap second (":60") is the first instant of the next minute.
// nullopt: not a time, or outside the years 1 to 9999.
std::optional<instant> parse_timestamp(std::string_view text);

// Reads only what write_timestamp writes, with either separator, which is what most times look like; several times as
// fast. nullopt: another spelling, or not a time.
std::optional<instant> parse_canonical_timestamp(std::string_view text);

// Writes exactly `timestamp_bytes` characters at `out`, with `separator` ('T' or ' ') between date and time.
// REQUIRES: the year of `when` is 1 to 9999.
void write_timestamp(instant when, char separator, char* out);
std::string format_timestamp(instant when, char separator);

// "2020-01-25T17:00:00Z", for messages and `--json`.
std::string format_utc(instant when);

// The instants that parse_timestamp gives, as limits for numbers that become times.
inline constexpr instant instant_min = std::chrono::sys_days{std::chrono::year{1} / 1 / 1};
inline constexpr instant instant_max =
    std::chrono::sys_days{std::chrono::year{9999} / 12 / 31} + std::chrono::days{1} - std::chrono::microseconds{1};

}  // namespace spillway::base
