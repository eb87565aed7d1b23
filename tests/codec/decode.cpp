#include "codec/decode.hpp"

#include "codec/reference.hpp"
#include "codec/segment.hpp"
#include "support/check_result.hpp"

#include <boost/test/unit_test.hpp>

namespace spillway::codec_decode_tests {
namespace {

std::string segment_of(std::string_view text, int level) {
  return codec::segment_compressor(model::compression{level}).compress(text)->deflate;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(codec_decode)

BOOST_AUTO_TEST_CASE(a_segment_cut_anywhere_is_corrupt) {
  for (const int level : {0, 1, 6}) {
    for (const std::string& text : {test::event_lines(2000, 1), test::random_bytes(300, 1), std::string("a\n")}) {
      const std::string deflate = segment_of(text, level);
      CHECK_OK(codec::inflate_segment(deflate, text.size()));
      for (std::size_t cut = 0; cut < deflate.size(); ++cut) {
        BOOST_TEST_CONTEXT("level " << level << ", cut at " << cut << " of " << deflate.size()) {
          CHECK_FAILS(codec::inflate_segment(deflate.substr(0, cut), text.size()), errc::corrupt);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(another_length_than_the_recorded_one_is_corrupt) {
  const std::string deflate = segment_of("some text\n", 6);
  CHECK_OK(codec::inflate_segment(deflate, 10));
  for (const std::uint64_t wrong : {0, 1, 9, 11, 100000}) {
    CHECK_FAILS(codec::inflate_segment(deflate, wrong), errc::corrupt);
  }
  CHECK_FAILS(codec::inflate_segment("", 1), errc::corrupt);
}

BOOST_AUTO_TEST_CASE(a_damaged_length_asks_for_no_memory) {
  CHECK_FAILS(codec::inflate_segment(segment_of("a", 6), std::uint64_t{1} << 62), errc::corrupt);
}

BOOST_AUTO_TEST_CASE(what_is_final_or_followed_by_something_is_no_segment) {
  const std::string deflate = segment_of("some text\n", 6);
  CHECK_FAILS(codec::inflate_segment(deflate + std::string("\x03\x00", 2), 10), errc::corrupt);
  CHECK_FAILS(codec::inflate_segment(deflate + "garbage", 10), errc::corrupt);
  CHECK_FAILS(codec::inflate_segment("garbage", 10), errc::corrupt);
}

BOOST_AUTO_TEST_CASE(segments_end_to_end_are_read_as_one_text) {
  const auto text = codec::inflate_segment(segment_of("first ", 6) + segment_of("second\n", 0), 13);
  REQUIRE_OK(text);
  BOOST_TEST(*text == "first second\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::codec_decode_tests
