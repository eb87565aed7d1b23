#include "store/key_filter.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace spillway::store_key_filter_tests {
using spillway::store::key_filter;
using spillway::store::key_hash;

namespace {

key_hash key_of(int number) {
  return spillway::store::key_hash_of(spillway::base::hash128_of("key " + std::to_string(number)));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(store_key_filter)

BOOST_AUTO_TEST_CASE(what_was_added_is_never_denied_and_few_others_are_not) {
  constexpr int keys = 50'000;
  key_filter filter(keys);
  for (int i = 0; i < keys; ++i) {
    filter.add(key_of(i));
  }
  int taken_for_added = 0;
  for (int i = 0; i < keys; ++i) {
    BOOST_REQUIRE(filter.may_have(key_of(i)));
    taken_for_added += filter.may_have(key_of(keys + i)) ? 1 : 0;
  }
  BOOST_TEST(taken_for_added < keys / 250);
}

BOOST_AUTO_TEST_CASE(a_filter_takes_14_bits_for_a_key) {
  BOOST_TEST(key_filter(1'000'000).bytes() == key_filter::bytes_of(1'000'000));
  BOOST_TEST(key_filter::bytes_of(1'000'000) >= 1'750'000U);
  BOOST_TEST(key_filter::bytes_of(1'000'000) < 1'751'000U);
  BOOST_TEST(!key_filter(0).may_have(key_of(1)));
  BOOST_TEST(key_filter(0).is_there());
  BOOST_TEST(!key_filter().is_there());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::store_key_filter_tests
