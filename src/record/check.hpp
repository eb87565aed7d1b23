// From columns as they came to columns as they are written: types, the project, the times and the ids.
#pragma once

#include "record/event.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::record {

// A place in the text of an input.
struct input_place {
  std::uint64_t byte = 0;
  base::hash128 input{};  // tells the input from every other; the same however often it is gone on with
};

// Where an event stood, for messages and for the uuid of an event that has nothing else to be known by.
struct event_origin {
  std::string_view line;  // the bytes of the event, as they came
  input_place at;         // where `line` starts
};

// Brings every column to its type and derives what is absent. The rules:
// - another type is coerced when nothing is lost ("42" to 42), else the event is a reject; null stays null; of a column
//   that the project's form lacks nothing is asked, since nothing of it is written;
// - the hour is of server_upload_time, else of server_received_time, else the event is a reject;
// - an absent client_upload_time is server_received_time; event_time is derived as Amplitude documents it
//   ("Time rules");
// - an absent uuid is of version 5, from (project, device_id, $insert_id, the time that decides the hour), else from
//   (project, line, input, byte): no two events that are stored have the same.
// A flaw's byte is relative to origin.line.
checked<event_facts> check_event(columns& event, const intake_rules& rules, const form_table& forms,
                                 const event_origin& origin);

// A flaw where `place` stands; at byte 0 if that is not in origin.line.
flaw flaw_at(std::string_view place, const event_origin& origin, std::string reason);

// Milliseconds since 1970, of 1973 to 5138: times of these years in one unit are before 1973 or after 5138 in the
// others.
inline constexpr std::int64_t ms_min = 100'000'000'000;
inline constexpr std::int64_t ms_max = 1'000 * ms_min;
constexpr bool looks_like_seconds(std::int64_t ms) { return ms >= ms_min / 1'000 && ms < ms_min; }
// "time is 1579971600, which looks like seconds since 1970, not milliseconds".
std::string wrong_unit_fault(std::string_view field, std::int64_t ms, std::string_view unit);

// client_event_time moved by the difference of the clocks, if that is 60 s or more in either direction. Source:
// Amplitude's description of event_time, and of the 60 seconds within which clocks count as equal.
base::instant adjusted_event_time(base::instant client_event_time, base::instant server_received_time,
                                  base::instant client_upload_time);

}  // namespace spillway::record
