#include "base/time.hpp"

#include <bit>
#include <cstdint>
#include <cstring>

namespace spillway::base {
namespace {

static_assert(std::endian::native == std::endian::little, "the first character is the lowest byte");

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

// Eight characters in which '0' stands for a digit and all else for itself.
struct pattern {
  std::uint64_t characters = 0;
  std::uint64_t room = 0;  // a byte each: what can be added to what is right before the highest bit is reached

  explicit consteval pattern(const char (&text)[9]) {
    for (int i = 0; i < 8; ++i) {
      const bool digit = text[i] == '0';
      characters |= std::uint64_t{static_cast<unsigned char>(text[i])} << (8 * i);
      room |= std::uint64_t{0x7fu - (digit ? 9u : 0u)} << (8 * i);
    }
  }
};

// Eight characters of a text, looked at together: one after another, the 26 of a time took twice as long.
class eight_characters {
public:
  eight_characters(const char* text, const pattern& wanted) {
    std::uint64_t found = 0;
    std::memcpy(&found, text, sizeof found);
    found ^= wanted.characters;  // the value of a digit, 0 of what stands for itself; else more
    wrong_ = ((found + wanted.room) | found) & 0x8080808080808080;
    pairs_ = found * 10 + (found >> 8);
  }
  bool fits() const { return wrong_ == 0; }
  // The number that the digits at `at` and behind it are. REQUIRES: fits().
  int pair(int at) const { return static_cast<int>(pairs_ >> (8 * at) & 0xff); }

private:
  std::uint64_t wrong_ = 0;
  std::uint64_t pairs_ = 0;
};

}  // namespace

std::optional<instant> parse_canonical_timestamp(std::string_view text) {
  if (text.size() != timestamp_bytes || (text[10] != 'T' && text[10] != ' ')) {
    return std::nullopt;
  }
  static constexpr pattern with_t("00T00:00");
  static constexpr pattern with_space("00 00:00");
  const eight_characters front(text.data(), pattern("0000-00-"));
  const eight_characters middle(text.data() + 8, text[10] == 'T' ? with_t : with_space);
  const eight_characters back(text.data() + 16, pattern(":00.0000"));
  const eight_characters end(text.data() + 18, pattern("0.000000"));
  if (!front.fits() || !middle.fits() || !back.fits() || !end.fits()) {
    return std::nullopt;
  }
  const int year = front.pair(0) * 100 + front.pair(2);
  const auto month = static_cast<unsigned>(front.pair(5));
  const auto day = static_cast<unsigned>(middle.pair(0));
  const int hour = middle.pair(3);
  const int minute = middle.pair(6);
  const int second = back.pair(1);
  const int us = back.pair(4) * 10'000 + back.pair(6) * 100 + end.pair(6);
  if (year < 1 || hour > 23 || minute > 59 || second > 59) {
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
