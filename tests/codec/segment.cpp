#include "codec/segment.hpp"

#include "base/hashes.hpp"
#include "codec/decode.hpp"
#include "codec/reference.hpp"
#include "codec/stitch.hpp"
#include "support/check_result.hpp"

#include <boost/test/unit_test.hpp>

#include <fmt/format.h>
#include <zlib.h>

#include <random>

namespace spillway::codec_segment_tests {
using codec::segment_compressor;

BOOST_AUTO_TEST_SUITE(codec_segment)

BOOST_AUTO_TEST_CASE(every_text_comes_back_from_every_engine) {
  const auto samples = test::sample_texts();
  for (int level = 0; level <= 9; ++level) {
    segment_compressor compressor(model::compression{level});
    for (const auto& [name, text] : samples) {
      BOOST_TEST_CONTEXT("level " << level << ", " << name) {
        const auto made = compressor.compress(text);
        REQUIRE_OK(made);
        BOOST_TEST(made->text_bytes == text.size());
        BOOST_TEST(made->text_crc32 == test::zlib_crc32(text));
        const auto back = codec::inflate_segment(made->deflate, text.size());
        REQUIRE_OK(back);
        BOOST_TEST((*back == text));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_longest_text_is_taken_and_one_byte_more_is_not) {
  const std::string noise = test::random_bytes(codec::segment_text_bytes_max, 5);
  const std::string some = test::event_lines(1 << 20, 5);
  const std::string lines = some + some + some + some + some + some + some + some;
  for (const int level : {0, 6}) {
    segment_compressor compressor(model::compression{level});
    for (const std::string& text : {noise, lines}) {
      const auto made = compressor.compress(text);
      REQUIRE_OK(made);
      const auto back = codec::inflate_segment(made->deflate, text.size());
      REQUIRE_OK(back);
      BOOST_TEST((*back == text));
    }
    CHECK_FAILS(compressor.compress(std::string(codec::segment_text_bytes_max + 1, 'a')), errc::too_large);
    CHECK_OK(compressor.compress("a"));
  }
}

// Seen once in some thousand deliveries, with a library that hashed its own address: an object of other bytes.
BOOST_AUTO_TEST_CASE(where_a_compressor_lies_in_memory_does_not_show) {
  const std::string word = "0123456789abcdefghijklmnopqrstuv";
  std::vector<std::unique_ptr<char[]>> between;
  std::vector<segment_compressor> compressors;
  std::string first;
  for (int i = 0; i < 600; ++i) {
    between.push_back(std::make_unique_for_overwrite<char[]>(1 << 16));
    compressors.emplace_back(model::compression{0});
    const auto made = compressors.back().compress(word + word);
    REQUIRE_OK(made);
    first = i == 0 ? made->deflate : first;
    BOOST_REQUIRE((made->deflate == first));
  }
}

BOOST_AUTO_TEST_CASE(the_same_text_gives_the_same_bytes_whatever_went_before) {
  const std::string text = test::event_lines(200000, 8);
  for (const int level : {0, 1, 6, 9}) {
    segment_compressor used(model::compression{level});
    CHECK_OK(used.compress(test::random_bytes(300000, 9)));
    CHECK_OK(used.compress(test::event_lines(77777, 8)));
    for (int repeat = 0; repeat < 3; ++repeat) {
      segment_compressor fresh(model::compression{level});
      BOOST_TEST((used.compress(text)->deflate == fresh.compress(text)->deflate));
      CHECK_OK(used.compress("x"));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_segment_ends_on_a_full_flush_and_is_not_final) {
  for (const int level : {0, 1, 6}) {
    segment_compressor compressor(model::compression{level});
    for (const auto& [name, text] : test::sample_texts()) {
      if (text.empty()) {
        continue;
      }
      const std::string deflate = compressor.compress(text)->deflate;
      BOOST_TEST(deflate.ends_with(std::string_view("\0\0\xff\xff", 4)), "level " << level << ", " << name);
      // Alone it wants more input (Z_BUF_ERROR); with an empty final block it is complete.
      BOOST_TEST(test::zlib_inflate(deflate, test::format::raw).outcome == Z_BUF_ERROR);
      const auto ended = test::zlib_inflate(deflate + std::string("\x03\x00", 2), test::format::raw);
      BOOST_TEST(ended.outcome == Z_STREAM_END);
      BOOST_TEST(ended.unused_bytes == 0U);
      BOOST_TEST((ended.text == text));
    }
  }
}

BOOST_AUTO_TEST_CASE(empty_text_gives_no_bytes) {
  for (const int level : {0, 6}) {
    const auto made = segment_compressor(model::compression{level}).compress("");
    REQUIRE_OK(made);
    BOOST_TEST(made->deflate.empty());
    BOOST_TEST(made->text_bytes == 0U);
    BOOST_TEST(made->text_crc32 == 0U);
  }
}

BOOST_AUTO_TEST_CASE(the_bytes_of_a_short_line_are_these) {
  const std::string_view wanted("\x4a\xe4\x02\x00\x00\x00\xff\xff", 8);
  BOOST_TEST(segment_compressor(model::compression{6}).compress("a\n")->deflate == wanted);
}

// Each draw is a statement of its own: compilers choose in which order the parts of an expression are drawn.
std::string lines_of_every_compiler(std::size_t bytes) {
  std::mt19937 random(6);
  std::string text;
  while (text.size() < bytes) {
    const auto device = random() % 1'000;
    const auto event = random();
    const auto minute = 10 + random() % 50;
    const auto noise = static_cast<char>(random());
    text += fmt::format(R"({{"device_id":"d{}","event_id":{},"event_time":"2020-01-25T17:{}:00","text":"a b {}"}})",
                        device, event, minute, noise);
    text += '\n';
  }
  return text;
}

// On every machine and from every compiler. Other bytes are another engine: engine_name counts up.
BOOST_AUTO_TEST_CASE(the_bytes_of_lines_1_are_these) {
  segment_compressor compressor(model::compression{0});
  const auto sha256 = [&](std::string_view text) {
    return base::sha256_hex(base::sha256_of(compressor.compress(text)->deflate));
  };
  BOOST_TEST(sha256("a\n") == "074a3e8f8cd7c36800fd5be0c59937b7ddd60c9f2b6ecab0474e2ab3f8ff6654");
  BOOST_TEST(sha256(lines_of_every_compiler(20'000)) ==
             "4f3c0cdbf7711eb0dec35e16e8e72c98c37dd773deab6477444ee587d2f3ff95");
  BOOST_TEST(sha256(lines_of_every_compiler(3'000'000)) ==
             "8ee774a0a418504a6a7f3675f6f89f363d7c7e3b0987486a11fd8e4a701b5415");
}

BOOST_AUTO_TEST_CASE(noise_grows_by_less_than_a_thousandth_and_events_shrink) {
  const std::string noise = test::random_bytes(1 << 20, 6);
  const std::string events = test::event_lines(1 << 20, 6);
  for (const int level : {0, 1, 6, 9}) {
    segment_compressor compressor(model::compression{level});
    BOOST_TEST(compressor.compress(noise)->deflate.size() < noise.size() + noise.size() / 1000);
    BOOST_TEST(compressor.compress(events)->deflate.size() < events.size() / 4);
  }
}

BOOST_AUTO_TEST_CASE(a_compressor_can_be_moved) {
  segment_compressor first(model::compression{6});
  const std::string deflate = first.compress("a\n")->deflate;
  segment_compressor second = std::move(first);
  BOOST_TEST(second.compress("a\n")->deflate == deflate);
  first = segment_compressor(model::compression{0});
  CHECK_OK(first.compress("a\n"));
}

BOOST_AUTO_TEST_CASE(an_engine_is_named_with_its_version_and_level) {
  BOOST_TEST(codec::engine_name(model::compression{6}) == std::string("zlib-") + ZLIB_VERSION + "/6");
  BOOST_TEST(codec::engine_name(model::compression{0}) == "lines-1");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::codec_segment_tests
