#include "base/time.hpp"

#include <array>

namespace spillway::base {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The number of exactly `count` digits at the front of `text`, which loses them; -1 if they are not there.
int take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) {
    return -1;
  }
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (!is_digit(text[i])) {
      return -1;
    }
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) {
    return false;
  }
  text.remove_prefix(1);
  return true;
}

std::optional<std::chrono::sys_days> take_date(std::string_view& text) {
  const int year = take_digits(text, 4);
  if (year < 1 || !take(text, '-')) {
    return std::nullopt;
  }
  const int month = take_digits(text, 2);
  if (month < 1 || !take(text, '-')) {
    return std::nullopt;
  }
  const int day = take_digits(text, 2);
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day < 0 ? 0 : day)}};
  if (!date.ok()) {
    return std::nullopt;
  }
  return std::chrono::sys_days{date};
}

// Decimals after a '.', cut at six. At least one digit has to follow the point.
std::optional<microseconds> take_decimals(std::string_view& text) {
  if (!take(text, '.')) {
    return microseconds{0};
  }
  std::int64_t value = 0;
  std::size_t digits = 0;
  while (!text.empty() && is_digit(text.front()) && digits < 9) {
    if (digits < 6) {
      value = value * 10 + (text.front() - '0');
    }
    ++digits;
    text.remove_prefix(1);
  }
  if (digits == 0) {
    return std::nullopt;
  }
  for (std::size_t i = digits; i < 6; ++i) {
    value *= 10;
  }
  return microseconds{value};
}

std::optional<minutes> take_zone(std::string_view& text) {
  if (text.empty() || take(text, 'Z')) {
    return minutes{0};
  }
  const char sign = text.front();
  if (sign != '+' && sign != '-') {
    return std::nullopt;
  }
  text.remove_prefix(1);
  const int zone_hours = take_digits(text, 2);
  int zone_minutes = 0;
  if (!text.empty()) {
    take(text, ':');
    zone_minutes = take_digits(text, 2);
  }
  if (zone_hours < 0 || zone_hours > 23 || zone_minutes < 0 || zone_minutes > 59) {
    return std::nullopt;
  }
  const minutes offset{zone_hours * 60 + zone_minutes};
  return sign == '-' ? -offset : offset;
}

void put_digits(char* out, int value, int count) {
  for (int i = count - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

// Two digits; what is not a digit sets a bit of `wrong` above the lowest four.
int two_digits(const char* at, unsigned& wrong) {
  const unsigned tens = static_cast<unsigned char>(at[0]) - unsigned{'0'};
  const unsigned ones = static_cast<unsigned char>(at[1]) - unsigned{'0'};
  wrong |= tens | (tens + 6) | ones | (ones + 6);  // 10 and above, and what wraps around below 0
  return static_cast<int>(tens * 10 + ones);
}

}  // namespace

std::optional<instant> parse_canonical_timestamp(std::string_view text) {
  if (text.size() != timestamp_bytes || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != ' ') ||
      text[13] != ':' || text[16] != ':' || text[19] != '.') {
    return std::nullopt;
  }
  // A loop, so that the compiler finds one call to put in place: ten it leaves as calls, which take twice as long.
  static constexpr std::array<std::size_t, 10> places = {0, 2, 5, 8, 11, 14, 17, 20, 22, 24};
  std::array<int, places.size()> pairs{};
  unsigned wrong = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    pairs[i] = two_digits(text.data() + places[i], wrong);
  }
  const int year = pairs[0] * 100 + pairs[1];
  const auto month = static_cast<unsigned>(pairs[2]);
  const auto day = static_cast<unsigned>(pairs[3]);
  const int hour = pairs[4];
  const int minute = pairs[5];
  const int second = pairs[6];
  const int us = pairs[7] * 10'000 + pairs[8] * 100 + pairs[9];
  if (wrong > 0xf || year < 1 || hour > 23 || minute > 59 || second > 59) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}};
  if (!date.ok()) {
    return std::nullopt;
  }
  return std::chrono::sys_days{date} + seconds{hour * 3600 + minute * 60 + second} + microseconds{us};
}

std::optional<instant> parse_timestamp(std::string_view text) {
  if (const auto canonical = parse_canonical_timestamp(text)) {
    return canonical;
  }
  const auto date = take_date(text);
  if (!date || !(take(text, 'T') || take(text, ' '))) {
    return std::nullopt;
  }
  const int hour = take_digits(text, 2);
  if (hour < 0 || hour > 23 || !take(text, ':')) {
    return std::nullopt;
  }
  const int minute = take_digits(text, 2);
  if (minute < 0 || minute > 59 || !take(text, ':')) {
    return std::nullopt;
  }
  const int second = take_digits(text, 2);
  if (second < 0 || second > 60) {
    return std::nullopt;
  }
  const auto decimals = take_decimals(text);
  if (!decimals) {
    return std::nullopt;
  }
  const auto zone = take_zone(text);
  if (!zone || !text.empty()) {
    return std::nullopt;
  }
  const instant when = *date + hours{hour} + minutes{minute} + seconds{second} + *decimals - *zone;
  if (when < instant_min || when > instant_max) {
    return std::nullopt;
  }
  return when;
}

void write_timestamp(instant when, char separator, char* out) {
  const auto day = std::chrono::floor<days>(when);
  const std::chrono::year_month_day date{day};
  const std::int64_t us = (when - day).count();
  put_digits(out, static_cast<int>(date.year()), 4);
  out[4] = '-';
  put_digits(out + 5, static_cast<int>(static_cast<unsigned>(date.month())), 2);
  out[7] = '-';
  put_digits(out + 8, static_cast<int>(static_cast<unsigned>(date.day())), 2);
  out[10] = separator;
  const int second_of_day = static_cast<int>(us / 1'000'000);
  put_digits(out + 11, second_of_day / 3600, 2);
  out[13] = ':';
  put_digits(out + 14, second_of_day / 60 % 60, 2);
  out[16] = ':';
  put_digits(out + 17, second_of_day % 60, 2);
  out[19] = '.';
  put_digits(out + 20, static_cast<int>(us % 1'000'000), 6);
}

std::string format_timestamp(instant when, char separator) {
  std::string text(timestamp_bytes, '\0');
  write_timestamp(when, separator, text.data());
  return text;
}

std::string format_utc(instant when) { return format_timestamp(when, 'T').substr(0, 19) + "Z"; }

}  // namespace spillway::base
