#include "codec/member_header.hpp"

#include "codec/stitch.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace spillway::codec_member_header_tests {
using spillway::codec::member_header;

namespace {

constexpr char check_flag = 0x02;
constexpr char extra_flag = 0x04;
constexpr char name_flag = 0x08;
constexpr char comment_flag = 0x10;

// A header with every optional field that `flags` asks for, rightly checked.
std::string header_with(char flags) {
  std::string bytes("\x1f\x8b\x08\0\x01\x02\x03\x04\0\x03", 10);
  bytes[3] = flags;
  if ((flags & extra_flag) != 0) {
    bytes += std::string("\x05\0abc\0e", 7);
  }
  if ((flags & name_flag) != 0) {
    bytes += std::string("events.jsonl\0", 13);
  }
  if ((flags & comment_flag) != 0) {
    bytes += std::string("\0", 1);
  }
  if ((flags & check_flag) != 0) {
    const std::uint32_t crc32 = spillway::codec::crc32_of(bytes);
    bytes += static_cast<char>(crc32 & 0xff);
    bytes += static_cast<char>(crc32 >> 8 & 0xff);
  }
  return bytes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(codec_member_header)

BOOST_AUTO_TEST_CASE(every_combination_of_fields_is_read_to_its_end_in_one_piece_and_byte_by_byte) {
  for (char flags = 0; flags < 0x20; ++flags) {
    BOOST_TEST_CONTEXT("flags " << int{flags}) {
      const std::string bytes = header_with(flags);
      member_header whole;
      BOOST_TEST(whole.untouched());
      BOOST_TEST(whole.read(bytes + "body") == bytes.size());
      BOOST_TEST(whole.complete());
      BOOST_TEST(whole.trouble() == "");

      member_header slow;
      for (std::size_t at = 0; at < bytes.size(); ++at) {
        BOOST_TEST(!slow.complete());
        BOOST_TEST(slow.read({bytes.data() + at, 1}) == 1U);
        BOOST_TEST(!slow.untouched());
      }
      BOOST_TEST(slow.complete());
      BOOST_TEST(slow.trouble() == "");
    }
  }
}

BOOST_AUTO_TEST_CASE(an_extra_field_may_have_no_bytes) {
  const std::string bytes("\x1f\x8b\x08\x0c\0\0\0\0\0\x03\0\0n\0", 14);
  member_header header;
  BOOST_TEST(header.read(bytes + "body") == bytes.size());
  BOOST_TEST(header.complete());
}

BOOST_AUTO_TEST_CASE(a_wrong_header_is_named_and_stops_at_the_wrong_byte) {
  struct row {
    std::size_t at;
    char byte;
    std::string_view wanted;
  };
  for (const auto& [at, byte, wanted] : {row{0, 'P', "this is no gzip member"}, row{1, 'P', "this is no gzip member"},
                                         row{2, 7, "the gzip member is not compressed with DEFLATE"},
                                         row{3, 0x20, "the gzip header has flags that no standard knows"}}) {
    std::string bytes = header_with(0);
    bytes[at] = byte;
    member_header header;
    BOOST_TEST(header.read(bytes) == at);
    BOOST_TEST(header.trouble() == wanted);
    BOOST_TEST(!header.complete());
  }
}

BOOST_AUTO_TEST_CASE(a_changed_byte_is_found_by_the_headers_own_check) {
  std::string bytes = header_with(check_flag | name_flag);
  bytes[12] = 'X';
  member_header header;
  header.read(bytes);
  BOOST_TEST(header.trouble() == "the gzip header's CRC is wrong");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::codec_member_header_tests
