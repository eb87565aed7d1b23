#include "codec/deflate_block.hpp"

#include "codec/decode.hpp"
#include "codec/reference.hpp"
#include "support/check_result.hpp"

#include <boost/test/unit_test.hpp>

namespace spillway::codec_deflate_block_tests {

std::string blocks_of(const std::string& text) {
  std::string room(text.size() * 2 + codec::block_room_bytes + 4'096, '\0');
  codec::bit_writer out(room.data());
  codec::line_matcher matcher;
  matcher.start(text);
  for (auto part = matcher.next(); !part.tokens.empty(); part = matcher.next()) {
    out = codec::write_block(out, part);
  }
  out = codec::write_flush(out);
  room.resize(static_cast<std::size_t>(out.at() - room.data()));
  return room;
}

void check_comes_back(const std::string& text) {
  const std::string blocks = blocks_of(text);
  const auto of_zlib = test::zlib_inflate(blocks + std::string("\x03\x00", 2), test::format::raw);
  BOOST_REQUIRE_EQUAL(of_zlib.outcome, Z_STREAM_END);
  BOOST_REQUIRE((of_zlib.text == text));
  const auto of_isal = codec::inflate_segment(blocks, text.size());
  REQUIRE_OK(of_isal);
  BOOST_REQUIRE((*of_isal == text));
}

BOOST_AUTO_TEST_SUITE(codec_deflate_block)

BOOST_AUTO_TEST_CASE(two_readers_get_the_text_back) {
  for (const auto& [name, text] : test::sample_texts()) {
    BOOST_TEST_CONTEXT(name) { check_comes_back(text); }
  }
}

BOOST_AUTO_TEST_CASE(two_thousand_small_mixtures_come_back) {
  for (unsigned seed = 1; seed <= 2'000; ++seed) {
    check_comes_back(test::mixed_text(seed * 37 % 2'500, seed));
  }
}

// The fewest symbols that a code can have, and lengths of codes that are all alike.
BOOST_AUTO_TEST_CASE(texts_of_few_and_of_all_bytes_come_back) {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) {
    all += static_cast<char>(byte);
    check_comes_back(std::string(1, static_cast<char>(byte)));
    check_comes_back(std::string(1'000, static_cast<char>(byte)));
  }
  check_comes_back(all);
  check_comes_back(all + all + all);
}

// A byte that the sample of many tokens misses has a code all the same.
BOOST_AUTO_TEST_CASE(rare_bytes_among_many_come_back) {
  std::string text = test::random_bytes(200'000, 7);
  for (std::size_t at = 0; at < text.size(); ++at) {
    text[at] = at % 9'973 == 5'000 ? text[at] : static_cast<char>('a' + (text[at] & 3));
  }
  check_comes_back(text);
}

BOOST_AUTO_TEST_CASE(what_does_not_compress_is_stored_in_pieces_of_64_kib) {
  const std::string noise = test::random_bytes(200'000, 8);
  const std::string blocks = blocks_of(noise);
  BOOST_TEST(blocks.size() <= noise.size() + 2 * 5 + 4 * 5);
  BOOST_TEST(blocks.substr(0, 5) == std::string("\x00\xff\xff\x00\x00", 5));
  BOOST_TEST((blocks.substr(5, 65'535) == noise.substr(0, 65'535)));
}

BOOST_AUTO_TEST_CASE(a_flush_is_an_empty_stored_block) {
  BOOST_TEST(blocks_of("") == std::string("\x00\x00\x00\xff\xff", 5));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::codec_deflate_block_tests
