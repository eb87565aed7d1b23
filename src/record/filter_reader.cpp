#include "record/filter_reader.hpp"

#include "base/bytes.hpp"
#include "base/letter_case.hpp"
#include "record/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace spillway::record {
namespace {

constexpr bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '$';
}

constexpr bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace

void filter_reader::skip_space() {
  while (at_ < text_.size() && is_json_space(text_[at_])) {
    ++at_;
  }
}

bool filter_reader::take(char c) {
  if (is_end() || here() != c) {
    return false;
  }
  ++at_;
  skip_space();
  return true;
}

std::string_view filter_reader::word() const {
  const std::string_view rest = text_.substr(at_);
  return rest.substr(0, static_cast<std::size_t>(std::ranges::find_if_not(rest, is_word) - rest.begin()));
}

std::string_view filter_reader::take_word() {
  const std::string_view taken = word();
  at_ += taken.size();
  return taken;
}

bool filter_reader::take_keyword(std::string_view keyword) {
  const std::string_view here = word();
  if (here != keyword &&
      (keywords_ == letters::as_they_are || !std::ranges::equal(here, keyword, {}, base::to_lower))) {
    return false;
  }
  at_ += keyword.size();
  skip_space();
  return true;
}

result<std::string> filter_reader::read_string() {
  const std::size_t begin = at_ + 1;
  std::size_t end = begin;
  while (end < text_.size() && text_[end] != '"') {
    if (static_cast<unsigned char>(text_[end]) < 0x20) {
      return fault(end, "a control character in quotes", "write it as an escape, as \\n");
    }
    end += text_[end] == '\\' && end + 1 < text_.size() ? 2 : 1;
  }
  if (end >= text_.size()) {
    return fault(at_, "a text that starts here has no closing quote", "close it with \"");
  }
  const std::string_view inside = text_.substr(begin, end - begin);
  if (const escape_fault found = check_escapes(inside); found.reason != nullptr) {
    return fault(begin + found.at, found.reason, "write a backslash as \\\\");
  }
  at_ = end + 1;
  return unescape(inside);
}

result<filter_value> filter_reader::read_number() {
  const number_shape shape = scan_number(text_.substr(at_));
  const std::string_view number = text_.substr(at_, shape.bytes);
  const std::size_t end = at_ + shape.bytes;
  if (shape.bytes == 0 || (end < text_.size() && (is_word(text_[end]) || text_[end] == '.'))) {
    return expected_here("a number", "write numbers as JSON does: 12, -0.5, 1e6; and texts in double quotes");
  }
  if (const char* reason = number_fault(number, shape); reason != nullptr) {
    return fault(at_, reason);
  }
  at_ = end;
  return filter_value{value_kind::number, std::string(number)};
}

result<filter_value> filter_reader::read_value(std::string_view expected) {
  filter_value value;
  if (here() == '"') {
    SPILLWAY_TRY_ASSIGN(std::string text, read_string());
    value = {value_kind::string, std::move(text)};
  } else if (here() == '-' || (here() >= '0' && here() <= '9')) {
    SPILLWAY_TRY_ASSIGN(value, read_number());
  } else if (take_keyword("true")) {
    value = {value_kind::boolean, "true"};
  } else if (take_keyword("false")) {
    value = {value_kind::boolean, "false"};
  } else if (!take_keyword("null")) {
    return expected_here(expected, "write texts in double quotes");
  }
  skip_space();
  return value;
}

result<void> filter_reader::read_list(std::vector<filter_value>& values, std::vector<std::size_t>& places) {
  if (!take('[')) {
    return expected_here("a list of values");
  }
  if (take(']')) {
    return {};
  }
  do {
    places.push_back(at_);
    SPILLWAY_TRY_ASSIGN(filter_value value, read_value("a value"));
    values.push_back(std::move(value));
  } while (take(','));
  return take(']') ? result<void>() : expected_here("',' or ']'");
}

result<filter> filter_reader::finish(filter_condition condition, const condition_places& places) {
  if (++conditions_ > filter_conditions_max) {
    return fault(places.column, fmt::format("more than {} conditions", filter_conditions_max),
                 "list values instead: is [\"a\", \"b\"]");
  }
  values_ += condition.values.size();
  if (values_ > filter_values_max) {
    return fault(places.values.back(), fmt::format("more than {} values", filter_values_max));
  }
  if (condition.property.size() > filter_path_max) {
    return fault(places.property, fmt::format("more than {} names below a column", filter_path_max));
  }
  if (auto wrong = find_fault(condition, places)) {
    return fault(wrong->byte, wrong->what, std::move(wrong->hint));
  }
  filter made;
  made.condition = std::move(condition);
  return made;
}

failure filter_reader::fault(std::size_t byte, std::string_view what, std::string hint) const {
  const auto before = std::ranges::count_if(text_.substr(0, byte), [](char c) { return !is_continuation(c); });
  return {errc::usage, "reading the filter", fmt::format("at character {}: {}", before + 1, what), std::move(hint)};
}

failure filter_reader::expected_here(std::string_view what, std::string hint) const {
  if (is_end()) {
    return fault(at_, fmt::format("{} is expected where the filter ends", what), std::move(hint));
  }
  std::size_t bytes = std::max<std::size_t>(word().size(), 1);
  while (at_ + bytes < text_.size() && is_continuation(text_[at_ + bytes])) {
    ++bytes;
  }
  const std::string found = base::printable(text_.substr(at_, bytes), base::shown_word_bytes_max);
  return fault(at_, fmt::format("{} is expected here, not {}", what, found), std::move(hint));
}

filter join(filter::shape shape, std::vector<filter> parts) {
  if (parts.size() == 1) {
    return std::move(parts.front());
  }
  filter whole;
  whole.is = shape;
  for (filter& part : parts) {
    if (part.is == shape) {
      std::ranges::move(part.parts, std::back_inserter(whole.parts));
    } else {
      whole.parts.push_back(std::move(part));
    }
  }
  return whole;
}

int depth_of(const filter& whole) {
  int deepest = 0;
  for (const filter& part : whole.parts) {
    deepest = std::max(deepest, depth_of(part));
  }
  return whole.is == filter::shape::condition ? 0 : deepest + 1;
}

void append_filter_value(const filter_value& value, std::string& out) {
  if (value.kind == value_kind::string) {
    append_quoted(value.text, out);
  } else {
    out += value.text;
  }
}

}  // namespace spillway::record
