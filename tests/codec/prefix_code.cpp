#include "codec/prefix_code.hpp"

#include "codec/deflate_symbols.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <numeric>
#include <queue>
#include <random>
#include <vector>

namespace spillway::codec_prefix_code_tests {

using counts = std::vector<std::uint32_t>;
using lengths = std::vector<std::uint8_t>;

lengths chosen(const counts& of, unsigned bits_max) {
  lengths made(of.size());
  codec::choose_lengths(of, bits_max, made);
  return made;
}

std::uint64_t written_bits(const counts& of, const lengths& with) {
  return std::inner_product(of.begin(), of.end(), with.begin(), std::uint64_t{0});
}

// What Huffman's algorithm needs at the least: the sum of all trees it makes.
std::uint64_t least_bits(const counts& of) {
  std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, std::greater<>> trees;
  for (const std::uint32_t count : of) {
    if (count > 0) {
      trees.push(count);
    }
  }
  std::uint64_t bits = 0;
  while (trees.size() > 1) {
    const std::uint64_t lightest = trees.top();
    trees.pop();
    const std::uint64_t both = lightest + trees.top();
    trees.pop();
    trees.push(both);
    bits += both;
  }
  return bits;
}

// In units of the rarest code, of which there are 2^15.
std::uint64_t taken_codes(const lengths& of) {
  std::uint64_t taken = 0;
  for (const std::uint8_t bits : of) {
    taken += bits == 0 ? 0 : std::uint64_t{1} << (codec::code_bits_max - bits);
  }
  return taken;
}

counts random_counts(std::mt19937& generator) {
  const auto random = [&generator] { return static_cast<std::uint32_t>(generator()); };
  counts made(2 + random() % (codec::literal_symbols - 1));
  const unsigned shift = random() % 30;
  for (std::uint32_t& count : made) {
    count = random() % 3 == 0 ? 0 : random() >> (2 + random() % (shift + 1)) >> 8;
  }
  made[random() % made.size()] += 1;
  made[0] += 1;
  made[1] += 1;
  return made;
}

BOOST_AUTO_TEST_SUITE(codec_prefix_code)

BOOST_AUTO_TEST_CASE(codes_are_those_of_the_rfcs_example) {
  // RFC 1951, 3.2.2: A to H of 3, 3, 3, 3, 3, 2, 4 and 4 bits are 010, 011, 100, 101, 110, 00, 1110 and 1111.
  const lengths of = {3, 3, 3, 3, 3, 2, 4, 4};
  std::vector<std::uint16_t> codes(of.size());
  codec::assign_codes(of, codes);
  const std::vector<std::uint16_t> last_bit_first = {0b010, 0b110, 0b001, 0b101, 0b011, 0b00, 0b0111, 0b1111};
  BOOST_TEST(codes == last_bit_first, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(no_code_is_shorter_in_all) {
  std::mt19937 random(1);
  for (int i = 0; i < 2'000; ++i) {
    const counts of = random_counts(random);
    const lengths made = chosen(of, codec::code_bits_max);
    const bool was_limited = *std::max_element(made.begin(), made.end()) == codec::code_bits_max;
    BOOST_REQUIRE(was_limited ? written_bits(of, made) >= least_bits(of) : written_bits(of, made) == least_bits(of));
  }
}

BOOST_AUTO_TEST_CASE(every_bit_pattern_is_a_code_and_none_is_too_long) {
  std::mt19937 random(2);
  for (int i = 0; i < 2'000; ++i) {
    const counts of = random_counts(random);
    for (const unsigned bits_max : {9U, 12U, 15U}) {
      const lengths made = chosen(of, bits_max);
      BOOST_REQUIRE(*std::max_element(made.begin(), made.end()) <= bits_max);
      BOOST_REQUIRE_EQUAL(taken_codes(made), std::uint64_t{1} << codec::code_bits_max);
      for (std::size_t symbol = 0; symbol < of.size(); ++symbol) {
        BOOST_REQUIRE_EQUAL(made[symbol] > 0, of[symbol] > 0);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(counts_that_grow_as_fibonaccis_numbers_are_limited_at_little_cost) {
  counts of = {1, 1};
  while (of.size() < 40) {
    of.push_back(of[of.size() - 1] + of[of.size() - 2]);
  }
  const lengths made = chosen(of, codec::code_bits_max);
  BOOST_TEST(*std::max_element(made.begin(), made.end()) == codec::code_bits_max);
  BOOST_TEST(written_bits(of, made) < least_bits(of) * 101 / 100);
}

BOOST_AUTO_TEST_CASE(a_code_has_two_symbols_at_the_least) {
  const auto none = codec::make_prefix_code(std::array<std::uint32_t, 30>{}, codec::code_bits_max);
  BOOST_TEST((none.bits[0] == 1 && none.bits[1] == 1));
  std::array<std::uint32_t, 30> one{};
  one[7] = 5;
  const auto made = codec::make_prefix_code(one, codec::code_bits_max);
  BOOST_TEST(made.bits[7] == 1);
  BOOST_TEST(made.bits[0] + made.bits[1] == 4);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::codec_prefix_code_tests
