#include "check/duplicate_window.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace spillway::check::duplicate_window_tests {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;

const base::instant start = base::from_us(1'579'971'600'000'000);

base::hash128 hash_of(std::uint64_t number) { return base::hash128_of(std::to_string(number)); }

}  // namespace

BOOST_AUTO_TEST_SUITE(check_duplicate_window)

BOOST_AUTO_TEST_CASE(the_second_of_two_is_told_where_the_first_was) {
  duplicate_window window;
  BOOST_TEST(!window.find_or_add(hash_of(1), start, {4, 17}).has_value());
  BOOST_TEST(!window.find_or_add(hash_of(2), start, {4, 18}).has_value());
  const auto first = window.find_or_add(hash_of(1), start + hours{5}, {9, 1});
  BOOST_REQUIRE(first.has_value());
  BOOST_TEST(first->object == 4U);
  BOOST_TEST(first->line == 17U);
}

BOOST_AUTO_TEST_CASE(seven_days_are_within_the_window_and_a_microsecond_more_is_not) {
  duplicate_window window;
  window.find_or_add(hash_of(1), start, {});
  BOOST_TEST(window.find_or_add(hash_of(1), start + days{7}, {}).has_value());
  BOOST_TEST(!window.find_or_add(hash_of(1), start + days{7} + microseconds{1}, {}).has_value());
  // That one is now the event that was kept.
  BOOST_TEST(window.find_or_add(hash_of(1), start + days{8}, {}).has_value());
}

BOOST_AUTO_TEST_CASE(an_earlier_event_is_a_duplicate_too) {
  duplicate_window window;
  window.find_or_add(hash_of(1), start, {});
  BOOST_TEST(window.find_or_add(hash_of(1), start - days{7}, {}).has_value());
}

BOOST_AUTO_TEST_CASE(what_is_within_the_window_survives_growing) {
  constexpr std::uint64_t events = 100'000;
  duplicate_window window;
  for (std::uint64_t i = 0; i < events; ++i) {
    BOOST_REQUIRE(!window.find_or_add(hash_of(i), start, {0, static_cast<std::uint32_t>(i)}).has_value());
  }
  for (std::uint64_t i = 0; i < events; ++i) {
    const auto first = window.find_or_add(hash_of(i), start, {});
    BOOST_REQUIRE(first.has_value());
    BOOST_REQUIRE(first->line == i);
  }
}

BOOST_AUTO_TEST_CASE(the_size_follows_a_week_and_not_a_year) {
  constexpr std::uint64_t events_a_day = 1000;
  duplicate_window window;
  std::uint64_t event = 0;
  for (int day = 0; day < 365; ++day) {
    window.begin_hour(start + days{day});
    for (std::uint64_t i = 0; i < events_a_day; ++i, ++event) {
      window.find_or_add(hash_of(event), start + days{day}, {0, static_cast<std::uint32_t>(event)});
    }
    // The whole of the last week is still known.
    const std::uint64_t week_old = event > 7 * events_a_day ? event - 7 * events_a_day : 0;
    BOOST_REQUIRE(window.find_or_add(hash_of(week_old), start + days{day}, {}).has_value());
  }
  BOOST_TEST(window.slots() <= 32768U);
}

BOOST_AUTO_TEST_CASE(a_cleared_window_knows_nothing) {
  duplicate_window window;
  window.find_or_add(hash_of(1), start, {});
  window.clear();
  BOOST_TEST(!window.find_or_add(hash_of(1), start, {}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::check::duplicate_window_tests
