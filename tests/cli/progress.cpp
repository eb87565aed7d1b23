#include "cli/progress.hpp"

#include <boost/test/unit_test.hpp>

namespace spillway::cli_progress_tests {
namespace {

using spillway::cli::format_progress;
using spillway::cli::progress_facts;
using namespace std::chrono_literals;

constexpr std::size_t wide = 200;

}  // namespace

BOOST_AUTO_TEST_SUITE(cli_progress)

BOOST_AUTO_TEST_CASE(taking_in_shows_events_bytes_rate_and_the_time_left) {
  const progress_facts facts{.events = 1'200'000, .raw_bytes = 1'000'000'000};
  BOOST_TEST(format_progress(facts, 4'000'000'000, 10s, wide) ==
             "1,200,000 events, 1.0 GB of 4.0 GB, 120,000 events/s, 0:30 left");
}

BOOST_AUTO_TEST_CASE(inputs_of_unknown_size_have_no_time_left) {
  const progress_facts facts{.events = 1'200'000, .raw_bytes = 1'000'000'000};
  BOOST_TEST(format_progress(facts, 0, 10s, wide) == "1,200,000 events, 1.0 GB, 120,000 events/s");
}

BOOST_AUTO_TEST_CASE(the_first_second_has_no_rates) {
  const progress_facts facts{.events = 500, .raw_bytes = 1'000};
  BOOST_TEST(format_progress(facts, 4'000, 999ms, wide) == "500 events, 1.0 kB of 4.0 kB");
}

BOOST_AUTO_TEST_CASE(delivering_shows_hours) {
  BOOST_TEST(format_progress({.raw_bytes = 4'000, .hours_done = 12, .hours_total = 48}, 0, 61s, wide) ==
             "12 of 48 hours, 4.0 kB, 3:03 left");
  BOOST_TEST(format_progress({.hours_total = 48}, 0, 61s, wide) == "0 of 48 hours, 0 B");
  BOOST_TEST(format_progress({.hours_done = 1, .hours_total = 101}, 0, 72s, wide) ==
             "1 of 101 hours, 0 B, 2:00:00 left");
}

BOOST_AUTO_TEST_CASE(a_file_that_grew_has_no_time_left) {
  const progress_facts facts{.events = 100, .raw_bytes = 5'000};
  BOOST_TEST(format_progress(facts, 4'000, 10s, wide) == "100 events, 5.0 kB of 4.0 kB, 10 events/s");
}

BOOST_AUTO_TEST_CASE(a_narrow_terminal_cuts_the_line) {
  const progress_facts facts{.events = 1'200'000};
  BOOST_TEST(format_progress(facts, 0, 0s, 9) == "1,200,000");
  BOOST_TEST(format_progress(facts, 0, 0s, 0).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::cli_progress_tests
