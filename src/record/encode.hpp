// Writes an event as a line of its project's record form. The encoder of exports: nothing else writes records.
#pragma once

#include "record/event.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>

namespace spillway::record {

// Appends the line, '\n' included:
// {"server_received_time":"2015-08-10T12:00:00.000000","app":187520,...,"client_event_time":"2015-08-10T11:59:59.000000"}
// REQUIRES: check_event has accepted `event`.
void encode(const columns& event, model::record_form form, std::string& out);

// Keys that came and that the form lacks, with how often. A bounded number of names: the rest count as "(others)".
class dropped_keys {
public:
  void add(std::string_view name, std::uint64_t count = 1);
  void add_from(const dropped_keys& other);
  const std::map<std::string, std::uint64_t, std::less<>>& counts() const { return counts_; }

private:
  std::map<std::string, std::uint64_t, std::less<>> counts_;
};

}  // namespace spillway::record
