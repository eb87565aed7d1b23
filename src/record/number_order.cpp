#include "record/number_order.hpp"

#include "record/json_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <system_error>

namespace spillway::record {
namespace {

// Most numbers are such: "42", "-1579971600000".
std::optional<std::int64_t> small_integer(std::string_view number) {
  constexpr std::size_t digits_max = 18;
  std::int64_t value = 0;
  if (number.size() > digits_max) {
    return std::nullopt;
  }
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  return error == std::errc{} && end == number.data() + number.size() ? std::optional(value) : std::nullopt;
}

// The digits of a number from the first that is not 0, and then zeros without end.
class digit_source {
public:
  explicit digit_source(std::string_view number) : rest_(number.substr(0, number.find_first_of("eE"))) {
    rest_.remove_prefix(std::min(rest_.find_first_of("123456789"), rest_.size()));
  }
  char next() {
    if (!rest_.empty() && rest_.front() == '.') {
      rest_.remove_prefix(1);
    }
    if (rest_.empty()) {
      return '0';
    }
    const char digit = rest_.front();
    rest_.remove_prefix(1);
    return digit;
  }

private:
  std::string_view rest_;
};

// REQUIRES: neither is 0. Signs are not looked at.
std::strong_ordering compare_sizes(std::string_view left, std::string_view right) {
  const digit_powers left_powers = *digits_of(left);
  const digit_powers right_powers = *digits_of(right);
  if (left_powers.first != right_powers.first) {
    return left_powers.first <=> right_powers.first;
  }
  const std::int64_t last = std::min(left_powers.last, right_powers.last);
  digit_source left_digits(left);
  digit_source right_digits(right);
  for (std::int64_t power = left_powers.first; power >= last; --power) {
    if (const auto order = left_digits.next() <=> right_digits.next(); order != 0) {
      return order;
    }
  }
  return std::strong_ordering::equal;
}

int sign_of(std::string_view number) {
  if (!digits_of(number)) {
    return 0;
  }
  return number.front() == '-' ? -1 : 1;
}

}  // namespace

std::strong_ordering compare_numbers(std::string_view left, std::string_view right) {
  const auto left_small = small_integer(left);
  const auto right_small = small_integer(right);
  if (left_small && right_small) {
    return *left_small <=> *right_small;
  }
  const int sign = sign_of(left);
  if (sign != sign_of(right) || sign == 0) {
    return sign <=> sign_of(right);
  }
  return sign > 0 ? compare_sizes(left, right) : compare_sizes(right, left);
}

}  // namespace spillway::record
