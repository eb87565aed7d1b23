#include "codec/stitch.hpp"

#include "codec/gunzip.hpp"
#include "codec/reference.hpp"
#include "codec/segment.hpp"
#include "support/check_result.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

namespace spillway::codec_stitch_tests {
namespace {

struct object {
  std::string gzip = std::string(codec::gzip_header());
  std::string text;
  codec::text_totals totals;

  void add(const std::string& piece, int level) {
    const auto made = codec::segment_compressor(model::compression{level}).compress(piece);
    REQUIRE_OK(made);
    gzip += made->deflate;
    text += piece;
    totals.append(made->text_bytes, made->text_crc32);
  }
  void end() { gzip += codec::gzip_trailer(totals); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(codec_stitch)

BOOST_AUTO_TEST_CASE(segments_of_all_engines_make_one_member_that_zlib_reads) {
  object made;
  std::mt19937 random(3);
  for (int piece = 0; piece < 60; ++piece) {
    made.add(test::mixed_text(random() % 40000, static_cast<unsigned>(random())), piece % 10);
  }
  made.add(test::event_lines(1 << 20, 4), 0);
  made.add("", 6);
  made.end();
  const auto read = test::zlib_inflate(made.gzip, test::format::gzip);
  BOOST_TEST(read.outcome == Z_STREAM_END);
  BOOST_TEST(read.unused_bytes == 0U);
  BOOST_TEST((read.text == made.text));
  BOOST_TEST(made.totals.bytes == made.text.size());
  BOOST_TEST(made.totals.crc32 == test::zlib_crc32(made.text));

  codec::gunzip stream;
  std::string out(made.text.size() + 1, '\0');
  const auto step = stream.inflate(made.gzip, out);
  REQUIRE_OK(step);
  CHECK_OK(stream.finish());
  BOOST_TEST(stream.members() == 1U);
}

BOOST_AUTO_TEST_CASE(an_object_without_segments_is_an_empty_file) {
  object made;
  made.end();
  BOOST_TEST(made.gzip.size() == codec::gzip_header_bytes + codec::gzip_trailer_bytes);
  const auto read = test::zlib_inflate(made.gzip, test::format::gzip);
  BOOST_TEST(read.outcome == Z_STREAM_END);
  BOOST_TEST(read.text.empty());
}

BOOST_AUTO_TEST_CASE(header_and_trailer_have_these_bytes) {
  BOOST_TEST(codec::gzip_header() == std::string_view("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10));
  const codec::text_totals totals{(std::uint64_t{1} << 32) + 0x100000, 0xd4c3b2a1};
  BOOST_TEST(codec::gzip_trailer(totals) == std::string_view("\x03\x00\xa1\xb2\xc3\xd4\x00\x00\x10\x00", 10));
  BOOST_TEST(codec::gzip_trailer(totals).size() == codec::gzip_trailer_bytes);
}

BOOST_AUTO_TEST_CASE(totals_of_more_than_4_gib_are_combined) {
  // 5 GiB of zeros: one MiB after another, and in five steps of a GiB that was itself made by doubling.
  const std::string zeros(1 << 20, '\0');
  const std::uint32_t one = codec::crc32_of(zeros);
  codec::text_totals doubled{zeros.size(), one};
  for (int times = 0; times < 10; ++times) {
    doubled.append(doubled.bytes, doubled.crc32);
  }
  codec::text_totals one_by_one;
  for (int piece = 0; piece < 5 * 1024; ++piece) {
    one_by_one.append(zeros.size(), one);
  }
  codec::text_totals by_gib;
  for (int gib = 0; gib < 5; ++gib) {
    by_gib.append(doubled.bytes, doubled.crc32);
  }
  BOOST_TEST(one_by_one.bytes == std::uint64_t{5} << 30);
  BOOST_TEST(one_by_one.crc32 == by_gib.crc32);
}

BOOST_AUTO_TEST_CASE(a_crc_goes_on_from_its_seed) {
  BOOST_TEST(codec::crc32_of("123456789") == 0xcbf43926U);  // the check value of CRC-32/ISO-HDLC
  BOOST_TEST(codec::crc32_of("6789", codec::crc32_of("12345")) == 0xcbf43926U);
  BOOST_TEST(codec::crc32_of("") == 0U);
  BOOST_TEST(codec::crc32_of("", 7) == 7U);
  const std::string text = test::mixed_text(100001, 2);
  BOOST_TEST(codec::crc32_of(text) == test::zlib_crc32(text));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::codec_stitch_tests
