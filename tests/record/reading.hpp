// Raw events for the tests of record, and what the reader makes of them.
#pragma once

#include "record/record_reader.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace spillway::test {

inline base::instant at(std::string_view text) { return base::parse_timestamp(text).value(); }

// The clock of these tests: an hour and a second behind it is too late for an upload.
inline record::intake_rules default_rules() {
  return {.now = at("2020-01-25T18:00:00"), .only_project = std::nullopt, .default_project = 1};
}

// A line with all that an event needs, and `more` behind it: ",\"city\":\"Brno\"". A column in `more` wins.
inline std::string event_with(std::string_view more) {
  return R"({"event_type":"view","device_id":"d","server_upload_time":"2020-01-25T17:00:05.000000")" +
         std::string(more) + '}';
}

struct taken_line {
  record::checked<record::event_facts> facts;
  std::string text;  // what was appended: a line with its '\n', nothing of a reject

  bool is_taken() const { return facts.has_value(); }
  std::string reason() const { return facts ? "taken" : facts.error().reason; }
  std::uint64_t byte() const { return facts ? std::uint64_t{0} - 1 : facts.error().byte; }

  // The value of a column as it is written; "" if the line has no such key.
  std::string operator[](std::string_view key) const {
    record::json_parser parser;
    const auto members = parser.parse_object(text);
    BOOST_REQUIRE_MESSAGE(members.has_value(), reason() << ": " << text);
    for (const record::member& each : *members) {
      if (each.key == key) {
        const std::string inside(each.value.text);
        return each.value.kind == record::value_kind::string ? '"' + inside + '"' : inside;
      }
    }
    return "";
  }
};

inline taken_line take(std::string_view line, model::record_form form = model::record_form::documented,
                       std::uint64_t input_byte = 0, const record::intake_rules& rules = default_rules()) {
  record::record_reader reader(rules, {form, {}});
  std::string text;
  auto facts = reader.take_line(line, {input_byte}, text);
  return {std::move(facts), std::move(text)};
}

inline taken_line take_with(std::string_view more) { return take(event_with(more)); }

inline std::string fixture(const std::filesystem::path& name) {
  std::ifstream file(std::filesystem::path(SPILLWAY_FIXTURES) / name, std::ios::binary);
  BOOST_REQUIRE_MESSAGE(file.is_open(), name);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// What a line of JSON is without the white space outside its strings: the rule, written a second time.
inline std::string without_gaps(std::string_view json) {
  std::string out;
  bool in_string = false;
  bool escaped = false;
  for (const char c : json) {
    const bool gap = !in_string && (c == ' ' || c == '\t' || c == '\n' || c == '\r');
    if (!gap) {
      out += c;
    }
    if (c == '"' && !escaped) {
      in_string = !in_string;
    }
    escaped = in_string && c == '\\' && !escaped;
  }
  return out;
}

}  // namespace spillway::test
