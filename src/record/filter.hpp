// Conditions that choose events: as a value, as text that people read, and as JSON that programs and the state file
// hold.
//
//     event_type is "purchase" and (event_properties.price greater 10 or user_properties.plan is not "free")
//
//     {"all":[{"column":"event_type","operator":"is","values":["purchase"]},
//             {"any":[{"column":"event_properties","property":["price"],"operator":"greater","values":[10]},
//                     {"column":"user_properties","property":["plan"],"operator":"is not","values":["free"]}]}]}
//
// docs/formats.md has the grammar of both. What a filter means is said, and done, in record/event_filter.hpp.
#pragma once

#include "base/result.hpp"
#include "record/column.hpp"
#include "record/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::record {

// Limits of a filter; ours. A filter lives in a row of the state file and is looked at for every event.
inline constexpr std::size_t filter_bytes_max = std::size_t{1} << 20;  // of what is read, and of either form
inline constexpr int filter_depth_max = 32;                            // of parentheses, or of "all" and "any"
inline constexpr std::size_t filter_conditions_max = 1000;
inline constexpr std::size_t filter_values_max = 10'000;  // of all conditions together
inline constexpr std::size_t filter_path_max = 16;        // keys below a column

// Source: Amplitude's Dashboard REST API, `subprop_op`.
enum class filter_operator : std::uint8_t {
  is,
  is_not,
  contains,
  does_not_contain,
  less,
  less_or_equal,
  greater,
  greater_or_equal,
  set_is,
  set_is_not,
};

// The words of both forms: "is not".
std::string_view to_string(filter_operator which);

// One value to compare with.
struct filter_value {
  value_kind kind = value_kind::null;  // null, boolean, number or string
  std::string text = "null";           // a string's characters in UTF-8, unescaped; of the others their JSON: "1.50"

  friend bool operator==(const filter_value&, const filter_value&) = default;
};

struct filter_condition {
  column which{};
  std::vector<std::string> property;  // keys below the column, outermost first; empty: the column itself
  filter_operator comparison = filter_operator::is;
  std::vector<filter_value> values;  // one for less and greater; any number for set is; else one or more, any of which

  friend bool operator==(const filter_condition&, const filter_condition&) = default;
};

// A condition, or parts of which all or any have to hold.
struct filter {
  enum class shape : std::uint8_t { condition, all, any };

  shape is = shape::condition;
  filter_condition condition;  // of shape::condition
  std::vector<filter> parts;   // of the others: two or more, none of which has the shape of the whole

  friend bool operator==(const filter&, const filter&) = default;
};

// Reads either form: what starts with '{' or '[' is JSON, and a list of JSON is "all". What it gives is in the form
// that `filter` describes: parts that have the shape of the whole are taken apart, and what has one part is that part.
// errc::usage, "at character 17: ..." with what is expected there; characters are counted from 1, by code points.
// Refused are also: a column that there is not, a value that a column can never hold, and what is beyond the limits.
result<filter> parse_filter(std::string_view text);

// Each gives one spelling for equal filters, of one line, which parse_filter reads back to the same value.
// REQUIRES: `whole` is as parse_filter gives it.
std::string to_text(const filter& whole);
std::string to_json(const filter& whole);

// A column that the filter looks at and that this form never holds, so that it is always absent there.
std::optional<column> find_missing_column(const filter& whole, model::record_form form);

}  // namespace spillway::record
