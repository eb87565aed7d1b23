// Request bodies for the tests of record, and what the reader makes of their events.
#pragma once

#include "reading.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::test {

struct taken_event {
  std::uint64_t byte = 0;
  taken_line taken;
  std::string text;  // as it stands in the body
};

struct taken_body {
  std::string reason = "taken";  // of the body itself
  std::vector<taken_event> events;
  std::map<std::string, std::uint64_t, std::less<>> dropped;
};

inline taken_body take_body(std::string_view body, model::record_form form = model::record_form::observed,
                            std::uint64_t input_byte = 0, const record::intake_rules& rules = default_rules()) {
  record::record_reader reader(rules, {form, {}});
  taken_body all;
  const auto sink = [&](std::string_view event, record::checked<record::event_facts> facts, std::string_view line) {
    const auto byte = static_cast<std::uint64_t>(event.data() - body.data());
    all.events.push_back({byte, {std::move(facts), std::string(line)}, std::string(event)});
  };
  if (const auto taken = reader.take_request_body(body, {input_byte}, sink); !taken) {
    all.reason = taken.error().reason;
  }
  all.dropped = reader.dropped().counts();
  return all;
}

// A body with one event that has all it needs; `more` is behind that, `around` behind the events.
inline std::string body_with(std::string_view more, std::string_view around = "") {
  return R"({"api_key":"k","events":[{"event_type":"view","device_id":"device-1","time":1579971600000)" +
         std::string(more) + "}]" + std::string(around) + "}";
}

inline taken_line take_event(std::string_view more, std::string_view around = "") {
  taken_body body = take_body(body_with(more, around));
  BOOST_REQUIRE_EQUAL(body.reason, "taken");
  BOOST_REQUIRE_EQUAL(body.events.size(), 1U);
  return std::move(body.events[0].taken);
}

inline std::string properties(std::string_view more) { return take_event(more)["event_properties"]; }

// 1579971600000 ms.
inline constexpr std::string_view event_moment = R"("2020-01-25 17:00:00.000000")";

}  // namespace spillway::test
