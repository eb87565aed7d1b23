#include "record/filter.hpp"

#include "record/filter_reader.hpp"
#include "record/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include <simdjson.h>

namespace spillway::record {
namespace {

failure too_long(std::string_view what) {
  return {errc::usage, "reading the filter", fmt::format("{} is over {} bytes", what, filter_bytes_max), {}};
}

// The first byte that is part of no character.
std::size_t utf8_fault(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t bytes = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (at + bytes > text.size() || !simdjson::validate_utf8(text.data() + at, bytes)) {
      return at;
    }
    at += bytes;
  }
  return at;
}

bool is_json(std::string_view text) {
  const auto first = std::ranges::find_if_not(text, is_json_space);
  return first != text.end() && (*first == '{' || *first == '[');
}

}  // namespace

std::string_view to_string(filter_operator which) {
  switch (which) {
    case filter_operator::is: return "is";
    case filter_operator::is_not: return "is not";
    case filter_operator::contains: return "contains";
    case filter_operator::does_not_contain: return "does not contain";
    case filter_operator::less: return "less";
    case filter_operator::less_or_equal: return "less or equal";
    case filter_operator::greater: return "greater";
    case filter_operator::greater_or_equal: return "greater or equal";
    case filter_operator::set_is: return "set is";
    case filter_operator::set_is_not: return "set is not";
  }
  return "is";
}

result<filter> parse_filter(std::string_view text) {
  if (text.size() > filter_bytes_max) {
    return too_long("the filter");
  }
  const bool as_json = is_json(text);
  filter_reader reader(text, as_json ? letters::as_they_are : letters::any_case);
  if (!simdjson::validate_utf8(text.data(), text.size())) {
    return reader.fault(utf8_fault(text), "invalid UTF-8");
  }
  SPILLWAY_TRY_ASSIGN(filter whole, as_json ? parse_filter_json(reader) : parse_filter_text(reader));
  // What is kept and shown has to be read back.
  if (to_json(whole).size() > filter_bytes_max || to_text(whole).size() > filter_bytes_max) {
    return too_long("the filter, written in full,");
  }
  return whole;
}

std::optional<column> find_missing_column(const filter& whole, model::record_form form) {
  if (whole.is == filter::shape::condition) {
    return has_column(form, whole.condition.which) ? std::nullopt : std::optional(whole.condition.which);
  }
  for (const filter& part : whole.parts) {
    if (const auto missing = find_missing_column(part, form)) {
      return missing;
    }
  }
  return std::nullopt;
}

}  // namespace spillway::record
