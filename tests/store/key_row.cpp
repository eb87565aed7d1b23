#include "store/key_row.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace spillway::store_key_row_tests {
using namespace spillway::store;

namespace {

constexpr std::int64_t week = 2'612;

seen_key key_of(std::uint64_t high, std::uint32_t low) { return {{high, low}, start_of_week(week)}; }

// A row of keys with these first halves, which are in order.
std::string row_of(const std::vector<std::uint64_t>& highs) {
  std::string row;
  for (const std::uint64_t high : highs) {
    append_key(row, key_of(high, 7));
  }
  return row;
}

bool has(std::string_view row, std::uint64_t high, std::uint32_t low) {
  return find_key(row, {high, low}, week).has_value();
}

// Looks for every key of a row, for what is next to it, and for the ends.
void check_finds(std::vector<std::uint64_t> highs) {
  std::ranges::sort(highs);
  const std::string row = row_of(highs);
  for (const std::uint64_t high : highs) {
    for (const std::uint64_t beside : {high - 1, high, high + 1}) {
      BOOST_REQUIRE(has(row, beside, 7) == std::ranges::binary_search(highs, beside));
    }
    BOOST_REQUIRE(!has(row, high, 6));
    BOOST_REQUIRE(!has(row, high, 8));
  }
  for (const std::uint64_t edge : {std::uint64_t{0}, ~std::uint64_t{0}}) {
    BOOST_TEST(has(row, edge, 7) == std::ranges::binary_search(highs, edge));
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(store_key_row)

BOOST_AUTO_TEST_CASE(a_key_is_17_bytes_and_reads_back) {
  std::string row;
  const seen_key key{{0x1122334455667788, 0x99aabbcc}, start_of_week(week) + 227'859'492'864};
  append_key(row, key);
  BOOST_TEST(row == std::string("\x88\x77\x66\x55\x44\x33\x22\x11\xcc\xbb\xaa\x99\x00\xf0\x7b\x0d\x35", 17));
  BOOST_CHECK(key_at(row, 0, week) == key);
  BOOST_CHECK(find_key(row, key.hash, week) == key);
}

BOOST_AUTO_TEST_CASE(a_key_is_found_however_the_hashes_are_spread) {
  std::mt19937_64 next(1);
  std::vector<std::uint64_t> even;
  std::vector<std::uint64_t> at_the_front{~std::uint64_t{0}};
  std::vector<std::uint64_t> at_the_end{0};
  std::vector<std::uint64_t> in_two_heaps;
  for (std::uint64_t i = 0; i < keys_per_row_max - 1; ++i) {
    even.push_back(next());
    at_the_front.push_back(3 * i);
    at_the_end.push_back(~(3 * i));
    in_two_heaps.push_back((i % 2 << 63) + 5 * i);
  }
  check_finds(even);
  check_finds(at_the_front);
  check_finds(at_the_end);
  check_finds(in_two_heaps);
  for (const std::size_t few : {1U, 2U, 3U, 127U, 128U, 129U, 130U, 200U}) {
    check_finds({even.begin(), even.begin() + static_cast<std::ptrdiff_t>(few)});
  }
}

BOOST_AUTO_TEST_CASE(keys_that_share_the_first_half_are_told_apart) {
  std::string row;
  for (std::uint32_t low = 0; low < keys_per_row_max; ++low) {
    append_key(row, key_of(5, 2 * low));
  }
  for (std::uint32_t low = 0; low < keys_per_row_max; ++low) {
    BOOST_REQUIRE(has(row, 5, 2 * low));
    BOOST_REQUIRE(!has(row, 5, 2 * low + 1));
  }
}

BOOST_AUTO_TEST_CASE(a_time_beyond_the_window_makes_no_duplicate) {
  const std::string row = row_of({1, 2, 3});
  seen_key later = key_of(2, 7);
  const seen_key found = find_key(row, later.hash, week).value();
  later.uploaded_at_us += duplicate_window_us;
  BOOST_TEST(within_window(found.uploaded_at_us, later.uploaded_at_us));
  ++later.uploaded_at_us;
  BOOST_TEST(!within_window(found.uploaded_at_us, later.uploaded_at_us));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::store_key_row_tests
