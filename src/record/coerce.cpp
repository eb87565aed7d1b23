#include "record/coerce.hpp"

#include "record/json_text.hpp"

#include <array>
#include <charconv>

#include <fmt/format.h>

namespace spillway::record {
namespace {

std::string_view name_of(value_kind kind) {
  switch (kind) {
    case value_kind::absent: return "absent";
    case value_kind::null: return "null";
    case value_kind::boolean: return "a boolean";
    case value_kind::number: return "a number";
    case value_kind::string: return "a string";
    case value_kind::object: return "an object";
    case value_kind::array: return "an array";
  }
  return "unknown";
}

std::string mismatch(const value& found, std::string_view wanted) {
  return fmt::format("{}, not {}", name_of(found.kind), wanted);
}

constexpr std::array<unsigned char, 256> hex_digits = [] {
  std::array<unsigned char, 256> found{};
  for (const char digit : std::string_view("0123456789abcdefABCDEF")) {
    found[static_cast<unsigned char>(digit)] = 1;
  }
  return found;
}();

bool is_uuid(std::string_view text) {
  if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') {
    return false;
  }
  unsigned digits = 0;  // counted without a branch for each: every event has one
  for (const char c : text) {
    digits += hex_digits[static_cast<unsigned char>(c)];
  }
  return digits == 32;
}

// Whether a number that the parser has accepted is surely an integer of 64 bits.
bool is_short_integer(std::string_view number) {
  constexpr std::size_t digits_max = 18;
  if (number.size() > digits_max) {
    return false;
  }
  unsigned others = 0;  // what an integer has no place for: '.', 'e', 'E', '+'
  for (const char c : number) {
    others |= static_cast<unsigned>((c < '0' || c > '9') && c != '-');
  }
  return others == 0;
}

// Whether `text` is an integer of 64 bits as JSON writes it.
bool is_integer(std::string_view text, std::int64_t& parsed) {
  const number_shape shape = scan_number(text);
  return shape.bytes == text.size() && shape.is_integer &&
         std::from_chars(text.data(), text.data() + text.size(), parsed).ec == std::errc{};
}

// 42.0 and 4.2e1 are 42, 0.99999999999999999999 is not 1. From the digits: a double knows not all integers beyond 2^53.
std::optional<std::int64_t> whole_number(std::string_view text) {
  constexpr std::int64_t last_power = 18;  // of the longest integer of 64 bits
  const auto powers = digits_of(text);
  if (!powers) {
    return 0;
  }
  if (powers->last < 0 || powers->first > last_power) {
    return std::nullopt;
  }
  std::string integer(text.starts_with('-') ? "-" : "");
  const std::string_view mantissa = text.substr(0, text.find_first_of("eE"));
  for (const char c : mantissa.substr(0, mantissa.find_last_of("123456789") + 1)) {
    if (c >= '0' && c <= '9') {
      integer += c;
    }
  }
  integer.append(static_cast<std::size_t>(powers->last), '0');
  std::int64_t number = 0;
  const auto read = std::from_chars(integer.data(), integer.data() + integer.size(), number);
  return read.ec == std::errc{} ? std::optional(number) : std::nullopt;
}

std::optional<std::string> to_string_type(value& held) {
  switch (held.kind) {
    case value_kind::string: return std::nullopt;
    case value_kind::number:
    case value_kind::boolean: held.kind = value_kind::string; return std::nullopt;
    default: return mismatch(held, "a string");
  }
}

std::optional<std::string> to_integer(columns& event, column which) {
  value& held = event[which];
  if (held.kind == value_kind::number && is_short_integer(held.text)) {
    return std::nullopt;
  }
  std::int64_t number = 0;
  if (auto wrong = read_integer(held, number)) {
    return wrong;
  }
  if (is_integer(held.text, number)) {
    held.kind = value_kind::number;
  } else {
    event.set(which, value_kind::number, std::to_string(number));
  }
  return std::nullopt;
}

std::optional<std::string> to_number(value& held) {
  if (held.kind == value_kind::string) {
    const number_shape shape = scan_number(held.text);
    if (shape.bytes != 0 && shape.bytes == held.text.size() && number_fault(held.text, shape) == nullptr) {
      held.kind = value_kind::number;
    }
  }
  return held.kind == value_kind::number ? std::nullopt : std::optional(mismatch(held, "a number"));
}

std::optional<std::string> to_boolean(value& held) {
  if (held.kind == value_kind::string && (held.text == "true" || held.text == "false")) {
    held.kind = value_kind::boolean;
  }
  return held.kind == value_kind::boolean ? std::nullopt : std::optional(mismatch(held, "a boolean"));
}

std::optional<std::string> to_timestamp(columns& event, column which, base::instant& when) {
  value& held = event[which];
  if (held.kind != value_kind::string) {
    return mismatch(held, "a time like 2015-08-10T12:00:00.000000");
  }
  if (const auto canonical = base::parse_canonical_timestamp(held.text)) {
    when = *canonical;  // the encoder sees to the character between date and time
    return std::nullopt;
  }
  const auto parsed = base::parse_timestamp(held.text);
  if (!parsed) {
    return "not a time like 2015-08-10T12:00:00.000000";
  }
  when = *parsed;
  event.set(which, value_kind::string, base::format_timestamp(when, ' '));
  return std::nullopt;
}

std::optional<std::string> convert(columns& event, column which, base::instant& when) {
  value& held = event[which];
  switch (info_of(which).type) {
    case column_type::string: return to_string_type(held);
    case column_type::uuid:
      return held.kind == value_kind::string && is_uuid(held.text) ? std::nullopt
                                                                   : std::optional<std::string>("not a UUID");
    case column_type::integer: return to_integer(event, which);
    case column_type::number: return to_number(held);
    case column_type::boolean: return to_boolean(held);
    case column_type::timestamp: return to_timestamp(event, which, when);
    case column_type::dict:
      return held.kind == value_kind::object ? std::nullopt : std::optional(mismatch(held, "an object"));
    case column_type::attribution:
      return held.kind == value_kind::array || held.kind == value_kind::string
                 ? std::nullopt
                 : std::optional(mismatch(held, "an array"));
  }
  return "of an unknown column";
}

}  // namespace

std::optional<std::string> read_integer(const value& held, std::int64_t& number) {
  const bool may_be = held.kind == value_kind::number || held.kind == value_kind::string;
  if (may_be && is_integer(held.text, number)) {
    return std::nullopt;
  }
  if (held.kind != value_kind::number) {
    return mismatch(held, "an integer");
  }
  const auto whole = whole_number(held.text);
  number = whole.value_or(0);
  return whole ? std::nullopt : std::optional<std::string>("a number that is no integer of 64 bits");
}

std::optional<std::string> coerce(columns& event, column which, base::instant& when) {
  auto wrong = convert(event, which, when);
  const std::string_view came = event[which].text;
  if (wrong && event[which].kind == value_kind::string && came.find('\\') != std::string_view::npos) {
    event.set(which, value_kind::string, unescape(came));  // what is right then has no character that needs an escape
    wrong = convert(event, which, when);
  }
  return wrong;
}

}  // namespace spillway::record
