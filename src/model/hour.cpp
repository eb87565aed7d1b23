#include "model/hour.hpp"

#include <charconv>

namespace spillway::model {

std::string to_date(hour which) { return base::format_timestamp(which.start(), ' ').substr(0, 10); }

std::string to_string(hour which) {
  const std::string start = base::format_timestamp(which.start(), ' ');
  const std::string_view clock_hour =
      std::string_view(start).substr(start[11] == '0' ? 12 : 11, start[11] == '0' ? 1 : 2);
  return start.substr(0, 10) + '_' + std::string(clock_hour);
}

std::optional<hour> parse_hour(std::string_view text) {
  if (text.size() < 12 || text.size() > 13 || text[10] != '_') {
    return std::nullopt;
  }
  const auto day = base::parse_timestamp(std::string(text.substr(0, 10)) + " 00:00:00");
  const std::string_view digits = text.substr(11);
  int clock_hour = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), clock_hour);
  // "09" and "-0" are other spellings of what to_string writes as "9" and "0".
  const bool canonical = digits[0] >= (digits.size() == 1 ? '0' : '1') && digits[0] <= '9';
  if (!day || !canonical || error != std::errc{} || end != digits.data() + digits.size() || clock_hour > 23) {
    return std::nullopt;
  }
  return hour{hour_of(*day).number + clock_hour};
}

}  // namespace spillway::model
