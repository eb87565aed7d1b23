// HTTP V2 and batch request bodies: how Amplitude's ingestion names become columns. Source: Amplitude's HTTP V2 API
// page and its own converter from exported files back to HTTP fields, read backwards.
//
//   {"api_key":"...","events":[{"event_type":"view","device_id":"d-00001","time":1579971600000,"insert_id":"a"}],
//    "client_upload_time":"2020-01-25T17:00:05.000Z","options":{"min_id_length":5}}
#pragma once

#include "record/check.hpp"
#include "record/encode.hpp"
#include "record/event.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::record {

// The shortest user_id and device_id that HTTP V2 takes, unless `options.min_id_length` says otherwise.
inline constexpr std::size_t id_characters_min = 5;

// A request read from a file, which has no moment of arrival: received, uploaded and processed are one time, unless the
// client's clock was ahead.
struct request_body {
  std::vector<std::string_view> events;
  base::instant uploaded_at;  // its client_upload_time, else the latest `time` in it that can be, else the clock
  base::instant received_at;  // the same; the clock if that is more than an hour behind it
  std::size_t id_characters = id_characters_min;
};

// The `events` array of a body's members; nullptr if there is none, or if they are those of an event.
const value* find_events(std::span<const member> members);

// Whether `text` is a JSON object with an `events` array and no `event_type`. What is in its events is not looked at.
bool is_request_body(std::string_view text, json_parser& parser);

// REQUIRES: find_events(members), which are those of origin.line. `parser` is used for what is below the top level:
// `members` is invalid afterwards. A flaw: nothing can be made of its upload time, its options or its array.
checked<request_body> open_request_body(std::span<const member> members, json_parser& parser, base::instant now,
                                        const event_origin& origin);

// A body of one event of `request` alone. What becomes of the event is what would have become of it there.
std::string body_of(std::string_view event, const request_body& request);

// Renames and converts the members of one event into `event`: time, language, revenue, ids. What no column takes is
// counted in `dropped`. A flaw says which field can't be taken; its byte is 0.
checked<void> map_request_event(std::span<const member> members, const request_body& request, columns& event,
                                dropped_keys& dropped);

}  // namespace spillway::record
