// Filters in both forms: the first line of an input is one, every line behind it an event that it is held against.
#include "fuzz/fuzz.hpp"
#include "record/event_filter.hpp"

#include <string>

using namespace spillway;
using fuzz::require;

namespace {

constexpr std::string_view events[] = {
    R"({"event_type":"purchase","app":187520,"event_time":"2020-01-25 17:00:00.000000","paying":true,"city":null,)"
    R"("event_properties":{"price":10.5,"cart":[{"price":5},{"price":7,"tags":["a","B",null,[]]}]},"user_properties":{}})",
    R"({"event_type":"view","city":"\u00c9vora","uuid":"AAAAAAAA-bbbb-4ccc-8ddd-eeeeeeeeeeee","groups":{"a.b":{"":[1e2]}}})"};

record::filter require_same(const record::filter& whole, const std::string& written) {
  const auto again = record::parse_filter(written);
  require(again && *again == whole, "a filter that is written is read back");
  return *again;
}

record::checked<bool> matches(const record::filter& wanted, std::string_view event) {
  return record::event_filter(wanted).matches(event);
}

// The conditions with "not" are the opposite of those without.
std::optional<record::filter> opposite(record::filter of) {
  using enum record::filter_operator;
  if (of.is != record::filter::shape::condition) {
    return std::nullopt;
  }
  switch (of.condition.comparison) {
    case is: of.condition.comparison = is_not; return of;
    case contains: of.condition.comparison = does_not_contain; return of;
    case set_is: of.condition.comparison = set_is_not; return of;
    default: return std::nullopt;
  }
}

void hold_against(const record::filter& whole, std::string_view event) {
  const auto selected = matches(whole, event);
  require(selected || !selected.error().reason.empty(), "a flaw has a reason");
  const auto other = opposite(whole);
  if (selected && other) {
    require(*matches(*other, event) != *selected, "a filter or its opposite selects an event");
  }
  if (selected && whole.is != record::filter::shape::condition) {
    bool all = true;
    bool any = false;
    for (const record::filter& part : whole.parts) {
      const bool holds = *matches(part, event);
      all = all && holds;
      any = any || holds;
    }
    require(*selected == (whole.is == record::filter::shape::all ? all : any), "a filter is made of its parts");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  std::string_view rest = fuzz::text_of(data, bytes);
  const auto take_line = [&rest] {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    return line;
  };
  const auto whole = record::parse_filter(take_line());
  if (!whole) {
    require(whole.error().code == errc::usage, "a filter that can't be taken is a matter of usage");
    return 0;
  }
  require(require_same(*whole, record::to_text(*whole)) == require_same(*whole, record::to_json(*whole)),
          "both forms say the same");
  require(record::to_text(*whole).find('\n') == std::string::npos, "a filter is written as one line");
  for (const std::string_view event : events) {
    hold_against(*whole, event);
  }
  while (!rest.empty()) {
    hold_against(*whole, take_line());
  }
  return 0;
}
