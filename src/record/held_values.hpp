// What a condition finds in an event, and the sets that it is compared with. Internal to record/event_filter.cpp.
#pragma once

#include "record/filter.hpp"
#include "record/json.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::record {

// How strings of a column are made comparable.
enum class spelling : std::uint8_t {
  plain,
  uuid,  // small letters
  time,  // 'T' between date and time
};
spelling spelling_of(const filter_condition& condition);

// The characters of a string of an event. A view of the event or of `room`.
std::string_view characters_of(const value& held, spelling spelled, std::string& room);

// The same for a value of a filter; a time becomes "2020-01-25T17:00:00.000000".
std::string characters_of(const filter_value& given, spelling spelled);

// Given values, each once.
class value_set {
public:
  value_set(std::span<const filter_value> values, spelling spelled);

  std::size_t size() const { return strings_.size() + numbers_.size() + constants_.size(); }
  // Which of the values this is, from 0 to size() - 1; nullopt: none of them.
  std::optional<std::size_t> find(const value& held, std::string& room) const;

private:
  spelling spelled_;
  std::vector<std::string> strings_;    // sorted
  std::vector<std::string> numbers_;    // sorted by compare_numbers
  std::vector<std::string> constants_;  // "null", "true", "false"
};

// What one column or property holds, found at most once for each event.
class held_values {
public:
  held_values(column which, std::vector<std::string> path) : which_(which), path_(std::move(path)) {}

  bool is_of(const filter_condition& condition) const {
    return condition.which == which_ && condition.property == path_;
  }
  void forget() { is_found_ = false; }
  // Valid until the next call of forget().
  std::span<const value> find(std::span<const member> members);

private:
  value find_column(std::span<const member> members);
  void collect(const value& from, std::size_t depth);  // `depth` keys of the path are behind it

  column which_;
  std::vector<std::string> path_;
  std::size_t place_ = 0;  // of the column in the event before: a form has an order
  bool is_found_ = false;
  bool is_there_ = false;  // the path leads to something, be it null or []
  std::vector<value> values_;
};

}  // namespace spillway::record
