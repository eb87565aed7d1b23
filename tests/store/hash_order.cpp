#include "store/hash_order.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <span>
#include <vector>

namespace spillway::store_hash_order_tests {
using namespace spillway::store;

namespace {

// Keys whose hashes are `random() & mask`.
std::vector<seen_key> some_keys(std::size_t count, std::uint64_t mask) {
  std::mt19937_64 random(count);
  std::vector<seen_key> keys;
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t high = random() & mask;
    keys.push_back({{high, static_cast<std::uint32_t>(random())}, static_cast<std::int64_t>(i)});
  }
  return keys;
}

void check_sorts(std::vector<seen_key> keys) {
  const std::vector<seen_key> made = in_hash_order(std::span<const seen_key>(keys), &seen_key::hash);
  BOOST_TEST(std::ranges::is_sorted(made, {}, &seen_key::hash));
  BOOST_TEST(std::ranges::is_permutation(made, keys));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(store_hash_order)

BOOST_AUTO_TEST_CASE(keys_come_in_the_order_of_their_hashes) {
  for (const std::size_t count : {0, 1, 2, 3, 7, 8, 9, 100, 4'099}) {
    BOOST_TEST_CONTEXT(count << " keys") { check_sorts(some_keys(count, ~std::uint64_t{0})); }
  }
}

BOOST_AUTO_TEST_CASE(also_where_hashes_are_not_spread) {
  check_sorts(some_keys(3'000, 0xffff));
  check_sorts(some_keys(3'000, 0xc000'0000'0000'0001));
  check_sorts(some_keys(300, 0));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::store_hash_order_tests
