#include "base/bytes.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <random>
#include <string>
#include <string_view>

namespace spillway::base_bytes_tests {
namespace {

using spillway::base::append_number;
using spillway::base::from_base64;
using spillway::base::human_bytes;
using spillway::base::printable;
using spillway::base::read_number;
using spillway::base::to_base64;
using spillway::base::to_hex;
using namespace std::string_view_literals;

}  // namespace

BOOST_AUTO_TEST_SUITE(base_bytes)

BOOST_AUTO_TEST_CASE(hexadecimal_is_lower_case_and_keeps_zeros) {
  const unsigned char bytes[] = {0x00, 0x0f, 0xa0, 0xff, 0x7f};
  BOOST_TEST(to_hex(bytes) == "000fa0ff7f");
  BOOST_TEST(to_hex(std::span<const unsigned char>{}) == "");
  BOOST_TEST(to_hex(std::uint32_t{0}) == "00000000");
  BOOST_TEST(to_hex(std::uint32_t{0x0a1b2c3d}) == "0a1b2c3d");
  BOOST_TEST(to_hex(std::uint32_t{0xffffffff}) == "ffffffff");
}

// RFC 4648, section 10.
BOOST_AUTO_TEST_CASE(base64_goes_both_ways) {
  const std::pair<std::string_view, std::string_view> rows[] = {{"", ""},
                                                                {"f", "Zg=="},
                                                                {"fo", "Zm8="},
                                                                {"foo", "Zm9v"},
                                                                {"foob", "Zm9vYg=="},
                                                                {"fooba", "Zm9vYmE="},
                                                                {"foobar", "Zm9vYmFy"},
                                                                {"\xfb\xff\x00"sv, "+/8A"}};
  for (const auto& [bytes, text] : rows) {
    BOOST_TEST(to_base64({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()}) == text);
    const auto back = from_base64(text);
    BOOST_TEST_CONTEXT(text) { BOOST_TEST((back && *back == bytes)); }
  }
  for (const char* text :
       {"Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zm9vY", "=", "====", "Zg==Zg==", "Z\n==", "Zm9-", "Zm 9"}) {
    BOOST_TEST_CONTEXT(text) { BOOST_TEST(!from_base64(text)); }
  }
}

BOOST_AUTO_TEST_CASE(numbers_in_blobs_are_little_endian_and_unaligned) {
  std::string blob = "x";
  append_number(blob, std::uint32_t{0x01020304});
  append_number(blob, std::int64_t{-2});
  append_number(blob, std::uint8_t{9});
  BOOST_TEST(blob == "x\x04\x03\x02\x01\xfe\xff\xff\xff\xff\xff\xff\xff\x09"sv);
  BOOST_TEST(read_number<std::uint32_t>(blob.data() + 1) == 0x01020304u);
  BOOST_TEST(read_number<std::int64_t>(blob.data() + 5) == -2);
  BOOST_TEST(read_number<std::uint8_t>(blob.data() + 13) == 9);
}

BOOST_AUTO_TEST_CASE(printable_shows_text_and_names_what_could_move_a_terminal) {
  const struct {
    std::string_view text, shown;
  } rows[] = {
      {"", ""},
      {"plain text, 100 %", "plain text, 100 %"},
      {"žluťoučký 東京 🎧", "žluťoučký 東京 🎧"},
      {"a\tb\r\nc", "a\\x09b\\x0d\\x0ac"},
      {"\x1b[31mred", "\\x1b[31mred"},
      {"nul\0inside"sv, "nul\\x00inside"},
      {"delete\x7f", "delete\\x7f"},
      // U+009B alone starts a control sequence on many terminals.
      {"\xc2\x9b"
       "31m",
       "\\xc2\\x9b31m"},
      {"\xc2\xa0", "\xc2\xa0"},
      // Every byte of a mark that turns the direction of text around, so that what is shown stays UTF-8.
      {"a\u202etxt.exe", "a\\xe2\\x80\\xaetxt.exe"},
      {"\u202a\u2069", "\\xe2\\x80\\xaa\\xe2\\x81\\xa9"},
      {"\u2029\u202f\u2065\u206a", "\u2029\u202f\u2065\u206a"},
      // Bytes that are no UTF-8: alone, cut off, overlong, a surrogate, above U+10FFFF.
      {"\x80", "\\x80"},
      {"caf\xc3", "caf\\xc3"},
      {"\xc3(", "\\xc3("},
      {"\xc0\xaf", "\\xc0\\xaf"},
      {"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
      {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
      {"\xf0\x9f\x8e", "\\xf0\\x9f\\x8e"},
  };
  for (const auto& row : rows) {
    BOOST_TEST(printable(row.text, 100) == row.shown);
  }
}

BOOST_AUTO_TEST_CASE(printable_cuts_long_text_between_characters) {
  BOOST_TEST(printable("abcdef", 6) == "abcdef");
  BOOST_TEST(printable("abcdefg", 6) == "abcdef...");
  BOOST_TEST(printable("東京都", 9) == "東京都");
  BOOST_TEST(printable("東京都", 7) == "東京...");
  BOOST_TEST(printable("東京都", 6) == "東京...");
  BOOST_TEST(printable("ab\n", 5) == "ab...");
  BOOST_TEST(printable("x", 0) == "...");
  BOOST_TEST(printable("", 0) == "");
}

BOOST_AUTO_TEST_CASE(printable_never_passes_its_length_nor_lets_a_control_byte_through) {
  std::mt19937 random(11);
  for (int round = 0; round < 3000; ++round) {
    std::string text(random() % 40, '\0');
    for (char& c : text) {
      c = static_cast<char>(random() % 3 == 0 ? 0xe2 : random() % 256);
    }
    const std::size_t bytes_max = random() % 50;
    const std::string shown = printable(text, bytes_max);
    BOOST_REQUIRE_LE(shown.size(), bytes_max + 3);
    for (const char c : shown) {
      BOOST_REQUIRE(static_cast<unsigned char>(c) >= 0x20 && c != '\x7f');
    }
  }
}

BOOST_AUTO_TEST_CASE(sizes_are_decimal_and_short) {
  const struct {
    std::uint64_t bytes;
    std::string_view shown;
  } rows[] = {{0, "0 B"},
              {999, "999 B"},
              {1000, "1.0 kB"},
              {1024, "1.0 kB"},
              {1500, "1.5 kB"},
              {999'900, "999.9 kB"},
              // Rounded up, it is the next unit.
              {999'999, "1.0 MB"},
              {12'300'000, "12.3 MB"},
              {4'000'000'000, "4.0 GB"},
              {999'999'999'999'999, "1.0 PB"},
              {std::numeric_limits<std::uint64_t>::max(), "18446.7 PB"}};
  for (const auto& row : rows) {
    BOOST_TEST(human_bytes(row.bytes) == row.shown);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::base_bytes_tests
