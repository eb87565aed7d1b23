#include "record/number_order.hpp"

#include <boost/test/unit_test.hpp>

#include <string_view>

namespace spillway::record_number_order_tests {
namespace {

using spillway::record::compare_numbers;

}  // namespace

BOOST_AUTO_TEST_SUITE(record_number_order)

BOOST_AUTO_TEST_CASE(a_number_is_equal_to_its_other_spellings_and_less_than_the_next) {
  // Each row is less than those below it.
  const std::vector<std::vector<std::string_view>> rows = {
      {"-1.7976931348623157e308"},
      {"-9223372036854775808", "-9223372036854775808.0"},
      {"-9223372036854775807"},
      {"-10.5", "-105e-1", "-10.50"},
      {"-10", "-1e1"},
      {"-1e-400"},
      {"0", "-0", "0.000", "-0.0e5", "0e999"},
      {"1e-400", "0.1e-399"},
      {"0.1", "1e-1", "0.10"},
      {"0.1000000000000000055511151231257827021181583404541015625"},
      {"0.3"},
      {"0.30000000000000004"},
      {"1", "1.0", "1e0", "10e-1", "0.1E+1"},
      {"42", "42.000", "4.2e1"},
      {"100", "1e2", "1E+2"},
      {"101"},
      {"999999999999999999"},
      {"1000000000000000000", "1e18"},
      {"9007199254740992000"},
      {"9007199254740993000"},
      {"18446744073709551614"},
      {"18446744073709551615", "1.8446744073709551615e19"},
      {"1e300"},
      {"1.00000000000000000000001e300"},
  };
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t k = 0; k < rows.size(); ++k) {
      for (const std::string_view left : rows[i]) {
        for (const std::string_view right : rows[k]) {
          BOOST_TEST_CONTEXT(left << " and " << right) { BOOST_CHECK(compare_numbers(left, right) == (i <=> k)); }
        }
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::record_number_order_tests
