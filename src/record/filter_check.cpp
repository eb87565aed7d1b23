// What a filter may ask of which column. What can never be true is refused, rather than left to select nothing.
#include "base/bytes.hpp"
#include "base/time.hpp"
#include "record/filter_reader.hpp"
#include "record/fold_case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace spillway::record {
namespace {

using enum filter_operator;

enum class comparison_kind : std::uint8_t { equality, substring, order };

comparison_kind kind_of(filter_operator comparison) {
  switch (comparison) {
    case contains:
    case does_not_contain: return comparison_kind::substring;
    case less:
    case less_or_equal:
    case greater:
    case greater_or_equal: return comparison_kind::order;
    default: return comparison_kind::equality;
  }
}

// What a condition looks at: a column, or a property, which may hold anything.
enum class held_kind : std::uint8_t { text, number, boolean, time, dict, anything };

held_kind held_by(const filter_condition& condition) {
  if (!condition.property.empty()) {
    return held_kind::anything;
  }
  switch (info_of(condition.which).type) {
    case column_type::integer:
    case column_type::number: return held_kind::number;
    case column_type::boolean: return held_kind::boolean;
    case column_type::timestamp: return held_kind::time;
    case column_type::dict: return held_kind::dict;
    default: return held_kind::text;
  }
}

std::string_view name_of(held_kind held) {
  switch (held) {
    case held_kind::text: return "texts";
    case held_kind::number: return "numbers";
    case held_kind::boolean: return "true and false";
    case held_kind::time: return "times";
    case held_kind::dict: return "properties";
    default: return "anything";
  }
}

// "city holds texts".
std::string what_is_held(const filter_condition& condition) {
  return fmt::format("{} holds {}", info_of(condition.which).name, name_of(held_by(condition)));
}

std::string hint_for(held_kind held) {
  switch (held) {
    case held_kind::text: return "compare it with texts in double quotes, or with null";
    case held_kind::number: return "compare it with numbers without quotes, or with null";
    case held_kind::boolean: return "compare it with true, false or null, without quotes";
    case held_kind::time: return "write the time as \"2020-01-25\" or \"2020-01-25T17:00:00\", in UTC";
    default: return {};
  }
}

std::optional<std::string> equality_fault(const filter_condition& condition, const filter_value& value) {
  const held_kind held = held_by(condition);
  const bool is_time = value.kind == value_kind::string && parse_filter_time(value.text).has_value();
  if (value.kind == value_kind::null || held == held_kind::anything) {
    return std::nullopt;
  }
  if ((held == held_kind::text && value.kind == value_kind::string) ||
      (held == held_kind::number && value.kind == value_kind::number) ||
      (held == held_kind::boolean && value.kind == value_kind::boolean) || (held == held_kind::time && is_time)) {
    return std::nullopt;
  }
  return what_is_held(condition) + (held == held_kind::dict ? ", and can be compared with null alone" : "");
}

std::optional<std::string> order_fault(const filter_condition& condition, const filter_value& value) {
  if (held_by(condition) == held_kind::time) {
    return value.kind == value_kind::null ? std::optional<std::string>("a time is expected here")
                                          : equality_fault(condition, value);
  }
  return value.kind == value_kind::number ? std::nullopt : std::optional<std::string>("a number is expected here");
}

std::optional<std::string> value_fault(const filter_condition& condition, const filter_value& value) {
  switch (kind_of(condition.comparison)) {
    case comparison_kind::equality: return equality_fault(condition, value);
    case comparison_kind::order: return order_fault(condition, value);
    case comparison_kind::substring: break;
  }
  return value.kind == value_kind::string ? std::nullopt
                                          : std::optional<std::string>("a text in double quotes is expected here");
}

// Whether values of this kind can be compared so at all.
std::optional<std::string> comparison_fault(const filter_condition& condition) {
  const held_kind held = held_by(condition);
  const comparison_kind kind = kind_of(condition.comparison);
  const bool is_number = held == held_kind::number || held == held_kind::anything;
  const bool is_text = held == held_kind::text || held == held_kind::anything;
  if ((kind == comparison_kind::order && !is_number && held != held_kind::time) ||
      (kind == comparison_kind::substring && !is_text && held != held_kind::time)) {
    return fmt::format("{}, for which there is no \"{}\"", what_is_held(condition), to_string(condition.comparison));
  }
  return std::nullopt;
}

std::optional<std::string> count_fault(const filter_condition& condition) {
  const std::size_t count = condition.values.size();
  if (kind_of(condition.comparison) == comparison_kind::order && count != 1) {
    return fmt::format("\"{}\" takes one value", to_string(condition.comparison));
  }
  if (count == 0 && condition.comparison != set_is && condition.comparison != set_is_not) {
    return "an empty list, of which nothing is one";
  }
  return std::nullopt;
}

condition_fault path_fault(const filter_condition& condition, std::size_t byte) {
  return {byte, fmt::format("{} and has no properties", what_is_held(condition)),
          "properties are below event_properties, user_properties, group_properties and other columns that hold them"};
}

std::string dict_hint(const filter_condition& condition) {
  return fmt::format("name a property, as {}.NAME", info_of(condition.which).name);
}

// How many letters have to be put in, left out or changed to come from one text to the other.
std::size_t edits_between(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t changed = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, changed});
    }
  }
  return row.back();
}

std::string in_small_letters(std::string_view name) {
  std::string small(name);
  fold_case(small);
  return small;
}

// Up to three columns whose names are near, the nearest first.
std::vector<std::string_view> near_columns(std::string_view name) {
  constexpr std::size_t name_bytes_max = 64;  // longer than any column
  constexpr std::size_t shown_max = 3;
  std::vector<std::pair<std::size_t, std::string_view>> near;
  for (const column_info& each : column_infos) {
    const std::size_t edits =
        name.size() > name_bytes_max ? name.size() : edits_between(in_small_letters(name), each.name);
    if (edits <= std::max<std::size_t>(name.size() / 4, 1)) {
      near.emplace_back(edits, each.name);
    }
  }
  std::ranges::stable_sort(near, {}, &std::pair<std::size_t, std::string_view>::first);
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < std::min(near.size(), shown_max); ++i) {
    names.push_back(near[i].second);
  }
  return names;
}

std::string column_names() {
  std::string names;
  for (const column_info& each : column_infos) {
    names += names.empty() ? "" : ", ";
    names += each.name;
  }
  return names;
}

}  // namespace

std::optional<base::instant> parse_filter_time(std::string_view text) {
  constexpr std::size_t date_bytes = 10;
  return base::parse_timestamp(text.size() == date_bytes ? std::string(text) + "T00:00:00" : std::string(text));
}

std::optional<condition_fault> find_fault(const filter_condition& condition, const condition_places& places) {
  const held_kind held = held_by(condition);
  if (!condition.property.empty() && info_of(condition.which).type != column_type::dict) {
    filter_condition column_alone = condition;
    column_alone.property.clear();
    return path_fault(column_alone, places.property);
  }
  const std::string hint = held == held_kind::dict ? dict_hint(condition) : hint_for(held);
  if (auto fault = comparison_fault(condition)) {
    return condition_fault{places.comparison, std::move(*fault), hint};
  }
  if (auto fault = count_fault(condition)) {
    return condition_fault{places.list, std::move(*fault), {}};
  }
  for (std::size_t i = 0; i < condition.values.size(); ++i) {
    if (auto fault = value_fault(condition, condition.values[i])) {
      return condition_fault{places.values[i], std::move(*fault), hint};
    }
  }
  return std::nullopt;
}

failure unknown_column(const filter_reader& reader, std::size_t byte, std::string_view name) {
  const std::vector<std::string_view> near = near_columns(name);
  std::string hint =
      near.empty() ? "a property stands below its column, as event_properties." +
                         (name.empty() ? std::string("NAME") : base::printable(name, base::shown_word_bytes_max)) +
                         "; the columns are " + column_names()
                   : fmt::format("write {}", fmt::join(near, ", or "));
  return reader.fault(byte, fmt::format("there is no column {}", base::printable(name, base::shown_word_bytes_max)),
                      std::move(hint));
}

result<column> read_column(const filter_reader& reader, std::size_t byte, std::string_view name) {
  const auto found = find_column(name);
  return found ? result<column>(*found) : unknown_column(reader, byte, name);
}

}  // namespace spillway::record
