#include "record/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

namespace spillway::record {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr int hex_value(char c) {
  if (is_digit(c)) {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// The code unit of "\uXXXX" whose digits start at `at`; -1 if four hexadecimal digits are not there.
int code_unit(std::string_view text, std::size_t at) {
  if (at + 4 > text.size()) {
    return -1;
  }
  int unit = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const int digit = hex_value(text[i]);
    if (digit < 0) {
      return -1;
    }
    unit = unit * 16 + digit;
  }
  return unit;
}

constexpr bool is_high_surrogate(int unit) { return unit >= 0xd800 && unit < 0xdc00; }
constexpr bool is_low_surrogate(int unit) { return unit >= 0xdc00 && unit < 0xe000; }

}  // namespace

escape_fault check_escapes(std::string_view inside) {
  static constexpr std::string_view letters = "\"\\/bfnrtu";
  for (std::size_t at = inside.find('\\'); at != std::string_view::npos; at = inside.find('\\', at)) {
    const char letter = at + 1 < inside.size() ? inside[at + 1] : '\0';
    if (letters.find(letter) == std::string_view::npos || letter == '\0') {
      return {at, "an escape that JSON does not have"};
    }
    if (letter != 'u') {
      at += 2;
      continue;
    }
    const int unit = code_unit(inside, at + 2);
    if (unit < 0) {
      return {at, "\\u without four hexadecimal digits"};
    }
    if (is_low_surrogate(unit)) {
      return {at, "a lone surrogate"};
    }
    if (!is_high_surrogate(unit)) {
      at += 6;
      continue;
    }
    const bool followed = at + 7 < inside.size() && inside[at + 6] == '\\' && inside[at + 7] == 'u';
    if (!followed || !is_low_surrogate(code_unit(inside, at + 8))) {
      return {at, "a lone surrogate"};
    }
    at += 12;
  }
  return {};
}

number_shape scan_number(std::string_view text) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* at = begin;
  if (at != end && *at == '-') {
    ++at;
  }
  const char* const digits = at;
  while (at != end && is_digit(*at)) {
    ++at;
  }
  number_shape shape;
  shape.integer_digits = static_cast<std::size_t>(at - digits);
  if (shape.integer_digits == 0 || (*digits == '0' && shape.integer_digits > 1)) {
    return {};
  }
  if (at != end && *at == '.') {
    shape.is_integer = false;
    const char* const decimals = ++at;
    while (at != end && is_digit(*at)) {
      ++at;
    }
    if (at == decimals) {
      return {};
    }
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    shape.is_integer = false;
    shape.has_exponent = true;
    ++at;
    if (at != end && (*at == '+' || *at == '-')) {
      ++at;
    }
    const char* const exponent = at;
    while (at != end && is_digit(*at)) {
      ++at;
    }
    if (at == exponent) {
      return {};
    }
  }
  shape.bytes = static_cast<std::size_t>(at - begin);
  return shape;
}

namespace {

bool fits_64_bits(std::string_view integer) {
  const char* const end = integer.data() + integer.size();
  if (integer.front() == '-') {
    std::int64_t negative = 0;
    return std::from_chars(integer.data(), end, negative).ec == std::errc{};
  }
  std::uint64_t positive = 0;
  return std::from_chars(integer.data(), end, positive).ec == std::errc{};
}

// Whether the number is finite as a double. One too near to zero is 0 there, and taken.
bool fits_double(std::string_view number) {
  double converted = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), converted);
  if (error != std::errc::result_out_of_range) {
    return error == std::errc{};
  }
  return digits_of(number)->first < 0;
}

// The exponent of a number, at most far beyond every double.
std::int64_t exponent_of(std::string_view number) {
  constexpr std::int64_t far = 1'000'000'000'000'000;
  const std::size_t at = number.find_first_of("eE");
  if (at == std::string_view::npos) {
    return 0;
  }
  const bool is_negative = number[at + 1] == '-';
  const std::string_view digits = number.substr(at + (is_negative || number[at + 1] == '+' ? 2 : 1));
  std::int64_t exponent = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), exponent).ec != std::errc{} || exponent > far) {
    exponent = far;
  }
  return is_negative ? -exponent : exponent;
}

}  // namespace

std::optional<digit_powers> digits_of(std::string_view number) {
  static constexpr std::string_view digits = "123456789";
  const std::string_view mantissa = number.substr(0, number.find_first_of("eE"));
  const std::size_t first = mantissa.find_first_of(digits);
  if (first == std::string_view::npos) {
    return std::nullopt;
  }
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const auto power = [&](std::size_t at) {
    const auto behind = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(at);
    return behind - (at < point ? 1 : 0) + exponent_of(number);
  };
  return digit_powers{power(first), power(mantissa.find_last_of(digits))};
}

const char* number_fault(std::string_view number, const number_shape& shape) {
  if (shape.is_integer) {
    return shape.integer_digits <= 18 || fits_64_bits(number) ? nullptr : "an integer over 64 bits";
  }
  const bool surely_finite = !shape.has_exponent && shape.integer_digits < 300;
  return surely_finite || fits_double(number) ? nullptr : "a number beyond a double";
}

void append_compact(std::string_view text, std::string& out) {
  std::size_t i = 0;
  while (i < text.size()) {
    if (is_json_space(text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i + 1;
    if (text[i] == '"') {
      while (text[end] != '"') {
        end += text[end] == '\\' ? 2 : 1;
      }
      ++end;
    }
    out.append(text, i, end - i);
    i = end;
  }
}

namespace {

void append_utf8(std::uint32_t code_point, std::string& out) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xc0 | code_point >> 6);
    put(0x80 | (code_point & 0x3f));
  } else if (code_point < 0x10000) {
    put(0xe0 | code_point >> 12);
    put(0x80 | (code_point >> 6 & 0x3f));
    put(0x80 | (code_point & 0x3f));
  } else {
    put(0xf0 | code_point >> 18);
    put(0x80 | (code_point >> 12 & 0x3f));
    put(0x80 | (code_point >> 6 & 0x3f));
    put(0x80 | (code_point & 0x3f));
  }
}

// Appends the character of the escape at `at` and returns where the text goes on.
std::size_t append_unescaped(std::string_view inside, std::size_t at, std::string& out) {
  switch (inside[at + 1]) {
    case 'b': out += '\b'; return at + 2;
    case 'f': out += '\f'; return at + 2;
    case 'n': out += '\n'; return at + 2;
    case 'r': out += '\r'; return at + 2;
    case 't': out += '\t'; return at + 2;
    case 'u': break;
    default: out += inside[at + 1]; return at + 2;
  }
  const auto unit = static_cast<std::uint32_t>(code_unit(inside, at + 2));
  if (!is_high_surrogate(static_cast<int>(unit))) {
    append_utf8(unit, out);
    return at + 6;
  }
  const auto low = static_cast<std::uint32_t>(code_unit(inside, at + 8));
  append_utf8(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), out);
  return at + 12;
}

}  // namespace

std::string unescape(std::string_view inside) {
  std::string out;
  out.reserve(inside.size());
  std::size_t at = 0;
  while (at < inside.size()) {
    if (inside[at] == '\\') {
      at = append_unescaped(inside, at, out);
    } else {
      out += inside[at++];
    }
  }
  return out;
}

void append_quoted(std::string_view text, std::string& out) {
  static constexpr char digits[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += digits[c >> 4];
      out += digits[c & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace spillway::record
