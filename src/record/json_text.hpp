// The inside of JSON strings and numbers: what is well-formed, and what escapes stand for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::record {

constexpr bool is_json_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The first wrong escape in the inside of a string; `reason` is nullptr if all are right.
struct escape_fault {
  std::size_t at = std::string_view::npos;
  const char* reason = nullptr;
};
escape_fault check_escapes(std::string_view inside);

// A number at the front of a text; `bytes` is 0 if none that follows JSON's grammar is there.
struct number_shape {
  std::size_t bytes = 0;
  std::size_t integer_digits = 0;
  bool is_integer = true;
  bool has_exponent = false;
};
number_shape scan_number(std::string_view text);

// Which power of ten the first and the last digit other than 0 count: 1 and 0 for 1200e-2. nullopt: all are 0.
struct digit_powers {
  std::int64_t first = 0;
  std::int64_t last = 0;
};
std::optional<digit_powers> digits_of(std::string_view number);

// Why a number of this shape is refused (over 64 bits, beyond a double); nullptr if it is not.
const char* number_fault(std::string_view number, const number_shape& shape);

// Appends `text`, a valid JSON value, without the white space outside its strings.
void append_compact(std::string_view text, std::string& out);

// The characters that a valid JSON string's inside stands for, in UTF-8.
std::string unescape(std::string_view inside);

// The same without a copy where nothing is escaped, as in almost every key. REQUIRES: `inside` outlives this.
class unescaped_text {
public:
  explicit unescaped_text(std::string_view inside) : text_(inside) {
    if (inside.find('\\') != std::string_view::npos) {
      made_ = unescape(inside);
      text_ = made_;
    }
  }
  unescaped_text(const unescaped_text&) = delete;
  unescaped_text& operator=(const unescaped_text&) = delete;

  std::string_view get() const { return text_; }

private:
  std::string made_;
  std::string_view text_;
};

// Appends `text` (UTF-8) as a JSON string with its quotes.
void append_quoted(std::string_view text, std::string& out);

}  // namespace spillway::record
