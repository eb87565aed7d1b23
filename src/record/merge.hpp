// Merged Amplitude IDs on their way in: a line of the specification's schema, or an event whose `data` names one.
//
//   {"scope":-189524,"merge_time":1579971600000,"merge_server_time":1579971603000,"amplitude_id":9,"merged_amplitude_id":8}
//   {"event_type":"view","app":187520,"amplitude_id":9,"data":{"merged_amplitude_id":8},...}
#pragma once

#include "model/merge.hpp"
#include "record/check.hpp"
#include "record/encode.hpp"
#include "record/event.hpp"

#include <optional>
#include <span>

namespace spillway::record {

// Whether a line without `event_type` is a merge: one of its keys is `merged_amplitude_id`.
bool is_merge(std::span<const member> members);

// The merge that a line is, all five keys in any order. The rules:
// - each is an integer, or becomes one without loss ("42" to 42); of a repeated key the last counts;
// - `scope` is a negative organization id, and of `rules.only_organization` if there is one;
// - `merge_server_time` is in milliseconds, and at most an hour after the clock, as an upload time.
// Other keys are counted in `dropped`. A flaw's byte is relative to origin.line.
checked<model::merge> check_merge(std::span<const member> members, const intake_rules& rules,
                                  const event_origin& origin, dropped_keys& dropped);

// The merge that an event says beside itself: docs/decisions/0005 tells which id goes where. Its organization is 0: who
// knows the projects sets it. nullopt: its `data` has no integer `merged_amplitude_id`, it has no amplitude_id, or the
// two are one. `parser` is for `data`. REQUIRES: check_event has made `facts` of `event`.
std::optional<model::merge> find_merge(const columns& event, const event_facts& facts, json_parser& parser);

}  // namespace spillway::record
