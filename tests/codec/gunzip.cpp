#include "codec/gunzip.hpp"

#include "codec/reference.hpp"
#include "support/check_result.hpp"

#include <boost/test/unit_test.hpp>

namespace spillway::codec_gunzip_tests {
using codec::gunzip;

namespace {

// Reads all of `compressed`, giving `piece_bytes` at a time and taking `room_bytes` at a time.
result<std::string> unpack(gunzip& stream, std::string_view compressed, std::size_t piece_bytes,
                           std::size_t room_bytes) {
  std::string text;
  std::string room(room_bytes, '\0');
  while (!compressed.empty()) {
    std::string_view piece = compressed.substr(0, piece_bytes);
    compressed.remove_prefix(piece.size());
    for (;;) {
      SPILLWAY_TRY_ASSIGN(const gunzip::progress step, stream.inflate(piece, room));
      text.append(room, 0, step.produced);
      piece.remove_prefix(step.consumed);
      if (step.produced < room.size()) {
        break;
      }
    }
    if (!piece.empty()) {
      return failure{errc::bug, "unpacking", "there was room, and not all was consumed", {}};
    }
  }
  SPILLWAY_TRY(stream.finish());
  return text;
}

result<std::string> unpack(std::string_view compressed, codec::gunzip_limits limits = {}) {
  gunzip stream(limits);
  return unpack(stream, compressed, 1 << 16, 1 << 17);
}

failure failure_of(std::string_view compressed, codec::gunzip_limits limits = {}) {
  const auto text = unpack(compressed, limits);
  BOOST_REQUIRE(!text);
  return text.error();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(codec_gunzip)

BOOST_AUTO_TEST_CASE(what_zlib_packed_comes_back) {
  for (const auto& [name, text] : test::sample_texts()) {
    for (const int level : {0, 1, 6, 9}) {
      BOOST_TEST_CONTEXT(name << ", level " << level) {
        const auto back = unpack(test::zlib_gzip(text, level));
        REQUIRE_OK(back);
        BOOST_TEST((*back == text));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(pieces_and_rooms_of_any_size_give_the_same) {
  const std::string text = test::mixed_text(80000, 7);
  const std::string compressed = test::zlib_gzip(text) + test::zlib_gzip("") + test::zlib_gzip(text, 1);
  for (const std::size_t piece_bytes : {std::size_t{1}, std::size_t{7}, std::size_t{1000}, compressed.size()}) {
    for (const std::size_t room_bytes : {std::size_t{3}, std::size_t{4096}, std::size_t{1} << 20}) {
      BOOST_TEST_CONTEXT(piece_bytes << " bytes in, " << room_bytes << " bytes out") {
        gunzip stream;
        const auto back = unpack(stream, compressed, piece_bytes, room_bytes);
        REQUIRE_OK(back);
        BOOST_TEST((*back == text + text));
        BOOST_TEST(stream.members() == 3U);
        BOOST_TEST(stream.consumed_bytes() == compressed.size());
        BOOST_TEST(stream.text_bytes() == 2 * text.size());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(members_of_every_short_length_are_read_byte_by_byte) {
  // Where a body ends within ISA-L's 8 bytes of read-ahead differs from length to length.
  std::string compressed;
  std::string text;
  for (std::size_t bytes = 0; bytes < 300; ++bytes) {
    for (const int level : {0, 1, 9}) {
      const std::string piece = test::mixed_text(bytes, static_cast<unsigned>(bytes));
      compressed += test::zlib_gzip(piece, level);
      text += piece;
    }
  }
  for (const std::size_t piece_bytes :
       {std::size_t{1}, std::size_t{5}, std::size_t{8}, std::size_t{9}, compressed.size()}) {
    gunzip stream;
    const auto back = unpack(stream, compressed, piece_bytes, 64);
    REQUIRE_OK(back);
    BOOST_TEST((*back == text));
    BOOST_TEST(stream.members() == 900U);
  }
}

BOOST_AUTO_TEST_CASE(a_file_cut_anywhere_is_corrupt) {
  for (const int level : {0, 1, 6}) {
    const std::string text = test::event_lines(700, 1) + test::random_bytes(100, 1);
    const std::string first = test::zlib_gzip("first");
    const std::string compressed = first + test::zlib_gzip(text, level);
    for (std::size_t cut = 0; cut < compressed.size(); ++cut) {
      if (cut == first.size()) {
        continue;
      }
      for (const std::size_t piece_bytes : {std::size_t{1}, compressed.size()}) {
        gunzip stream;
        const auto back = unpack(stream, std::string_view(compressed).substr(0, cut), piece_bytes, 4096);
        BOOST_TEST_CONTEXT("cut at " << cut << " of " << compressed.size() << ", level " << level) {
          CHECK_FAILS(back, errc::corrupt);
          BOOST_TEST(back.error().cause.find("cut short") != std::string::npos);
          BOOST_TEST(back.error().cause.ends_with("(at byte " + std::to_string(cut) + ")"), back.error().cause);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_flipped_bit_is_found_or_means_nothing) {
  const std::string text = test::event_lines(1500, 1) + test::random_bytes(100, 1);
  for (const int level : {0, 1, 6}) {
    const std::string whole = test::zlib_gzip(text, level);
    std::size_t unnoticed = 0;
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
      std::string flipped = whole;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      const auto back = unpack(flipped);
      unnoticed += back ? 1 : 0;
      BOOST_CHECK_MESSAGE(!back || *back == text, "level " << level << ", bit " << bit);
    }
    // The text flag; time, XFL and OS; at most 7 bits that fill up the last byte of a block.
    BOOST_TEST(unnoticed <= 1U + 6 * 8 + 7);
  }
}

BOOST_AUTO_TEST_CASE(wrong_crc_and_wrong_length_are_told_apart_and_placed) {
  const std::string whole = test::zlib_gzip("some text");
  std::string wrong = whole;
  wrong[whole.size() - 8] = static_cast<char>(wrong[whole.size() - 8] ^ 1);
  const failure crc = failure_of(wrong);
  BOOST_TEST((crc.code == errc::corrupt));
  BOOST_TEST(crc.cause.starts_with("the CRC-32 of member 1 is "), crc.cause);
  BOOST_TEST(crc.cause.ends_with("(at byte " + std::to_string(whole.size()) + ")"), crc.cause);

  wrong = whole + whole;
  wrong[wrong.size() - 4] = 8;
  const failure length = failure_of(wrong);
  BOOST_TEST((length.code == errc::corrupt));
  BOOST_TEST(length.cause ==
             "the text of member 2 has 9 bytes, and 8 stands behind it (at byte " + std::to_string(wrong.size()) + ")");
}

BOOST_AUTO_TEST_CASE(zero_bytes_behind_the_last_member_are_padding_and_nothing_else_is) {
  const std::string whole = test::zlib_gzip("text\n");
  gunzip stream;
  const auto padded = unpack(stream, whole + std::string(700, '\0'), 3, 100);
  REQUIRE_OK(padded);
  BOOST_TEST(*padded == "text\n");
  BOOST_TEST(stream.members() == 1U);

  const std::string at = std::to_string(whole.size());
  const failure garbage = failure_of(whole + "garbage");
  BOOST_TEST((garbage.code == errc::corrupt));
  BOOST_TEST(garbage.cause == "this is no gzip member, but something behind the last one (at byte " + at + ")");
  CHECK_FAILS(unpack(whole + std::string("\0\0x", 3)), errc::corrupt);
  CHECK_FAILS(unpack(whole + std::string(3, '\0') + whole), errc::corrupt);
  CHECK_FAILS(unpack(std::string(3, '\0') + whole), errc::corrupt);
}

BOOST_AUTO_TEST_CASE(what_is_no_gzip_is_corrupt) {
  CHECK_FAILS(unpack(""), errc::corrupt);
  CHECK_FAILS(unpack("{\"app\":1}\n"), errc::corrupt);
  CHECK_FAILS(unpack("PK\x03\x04"), errc::corrupt);
  BOOST_TEST(failure_of("{}").cause == "this is no gzip member (at byte 0)");
}

// ISA-L then gives back more bytes than it was given.
BOOST_AUTO_TEST_CASE(damage_near_the_start_of_a_body_is_corrupt) {
  const std::string header("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
  const std::string body("\x4a\x00\xff\x4a\x00\x00\x4c\x06\xff\0\0\0\0\0\0\0\0", 17);
  for (std::size_t piece_bytes = 1; piece_bytes < 30; ++piece_bytes) {
    gunzip stream;
    CHECK_FAILS(unpack(stream, header + body, piece_bytes, 1000), errc::corrupt);
    BOOST_TEST(stream.consumed_bytes() <= header.size() + body.size());
  }
}

BOOST_AUTO_TEST_CASE(a_gzip_in_a_gzip_is_not_unpacked) {
  const std::string inner = test::zlib_gzip("text");
  const auto back = unpack(test::zlib_gzip(inner));
  REQUIRE_OK(back);
  BOOST_TEST((*back == inner));
}

BOOST_AUTO_TEST_CASE(a_bomb_is_refused_after_the_first_mib_and_reading_it_takes_no_memory) {
  const std::string bomb = test::zlib_gzip(std::string(16 << 20, '\0'), 9);
  gunzip stream;
  std::string room(1 << 16, '\0');
  std::string_view rest = bomb;
  std::uint64_t produced = 0;
  for (;;) {
    const auto step = stream.inflate(rest, room);
    if (!step) {
      BOOST_TEST((step.error().code == errc::too_large));
      BOOST_TEST(step.error().cause.starts_with("its text is more than 200 times as long as the gzip"));
      break;
    }
    BOOST_REQUIRE(step->produced > 0);
    rest.remove_prefix(step->consumed);
    produced += step->produced;
  }
  BOOST_TEST(produced >= std::uint64_t{1} << 20);
  BOOST_TEST(produced < std::uint64_t{3} << 20);
}

BOOST_AUTO_TEST_CASE(a_bomb_of_many_small_members_is_refused) {
  const std::string member = test::zlib_gzip(std::string(1 << 19, '\0'), 9);
  std::string bomb;
  for (int times = 0; times < 8; ++times) {
    bomb += member;
  }
  CHECK_FAILS(unpack(bomb), errc::too_large);
}

BOOST_AUTO_TEST_CASE(up_to_its_limits_a_text_is_taken) {
  const std::string zeros(1 << 20, '\0');
  CHECK_OK(unpack(test::zlib_gzip(zeros, 9)));
  CHECK_FAILS(unpack(test::zlib_gzip(zeros + '\0', 9)), errc::too_large);
  CHECK_OK(unpack(test::zlib_gzip(zeros + '\0', 9), {.ratio_max = 2000}));
  CHECK_OK(unpack(test::zlib_gzip("12345"), {.text_bytes_max = 5}));
  CHECK_FAILS(unpack(test::zlib_gzip("123456"), {.text_bytes_max = 5}), errc::too_large);
  CHECK_FAILS(unpack(test::zlib_gzip("123") + test::zlib_gzip("456"), {.text_bytes_max = 5}), errc::too_large);
  CHECK_OK(unpack(test::zlib_gzip(""), {.text_bytes_max = 0}));
  CHECK_FAILS(unpack(test::zlib_gzip("1"), {.text_bytes_max = 0}), errc::too_large);
}

BOOST_AUTO_TEST_CASE(a_failure_stays) {
  gunzip stream;
  std::string room(100, '\0');
  const auto first = stream.inflate("nonsense", room);
  BOOST_REQUIRE(!first);
  const auto second = stream.inflate(test::zlib_gzip("text"), room);
  BOOST_REQUIRE(!second);
  BOOST_TEST(second.error().text() == first.error().text());
  CHECK_FAILS(stream.finish(), errc::corrupt);
}

BOOST_AUTO_TEST_CASE(without_room_only_what_makes_no_text_is_taken) {
  gunzip stream;
  const std::string compressed = test::zlib_gzip("text");
  const auto none = stream.inflate(compressed, {});
  REQUIRE_OK(none);
  BOOST_TEST(none->consumed == 10U);
  BOOST_TEST(none->produced == 0U);
  std::string room(4, '\0');
  const auto all = stream.inflate(std::string_view(compressed).substr(none->consumed), room);
  REQUIRE_OK(all);
  BOOST_TEST(room == "text");
}

BOOST_AUTO_TEST_CASE(gzip_is_known_by_its_first_three_bytes) {
  BOOST_TEST(codec::looks_like_gzip(test::zlib_gzip("")));
  BOOST_TEST(codec::looks_like_gzip("\x1f\x8b\x08"));
  BOOST_TEST(!codec::looks_like_gzip("\x1f\x8b"));
  BOOST_TEST(!codec::looks_like_gzip("{\"a\":1}"));
  BOOST_TEST(!codec::looks_like_gzip(""));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::codec_gunzip_tests
