#include "model/merge.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

namespace spillway::model::merge_tests {
namespace {

BOOST_AUTO_TEST_SUITE(model_merge)

BOOST_AUTO_TEST_CASE(a_line_has_the_five_keys_in_the_order_of_the_specification) {
  BOOST_TEST(to_line({189524, 1579971600000, 1579971603000, 9, 8}) ==
             "{\"scope\":-189524,\"merge_time\":1579971600000,\"merge_server_time\":1579971603000,\"amplitude_id\":9,"
             "\"merged_amplitude_id\":8}\n");
}

BOOST_AUTO_TEST_CASE(numbers_of_64_bits_are_written_whole) {
  constexpr std::int64_t low = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t high = std::numeric_limits<std::int64_t>::max();
  BOOST_TEST(
      to_line({id_max, low, high, low, high}) ==
      "{\"scope\":-9007199254740991,\"merge_time\":-9223372036854775808,\"merge_server_time\":9223372036854775807,"
      "\"amplitude_id\":-9223372036854775808,\"merged_amplitude_id\":9223372036854775807}\n");
}

BOOST_AUTO_TEST_CASE(the_hour_is_that_of_the_server_time) {
  const auto named = [](std::int64_t ms) { return to_string(hour_of(merge{1, 0, ms, 9, 8})); };
  BOOST_TEST(named(1579971600000) == "2020-01-25_17");
  BOOST_TEST(named(1579975199999) == "2020-01-25_17");
  BOOST_TEST(named(1579975200000) == "2020-01-25_18");
  BOOST_TEST(named(-1) == "1969-12-31_23");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::model::merge_tests
