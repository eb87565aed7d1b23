#include "codec/line_matcher.hpp"

#include "codec/reference.hpp"

#include <boost/test/unit_test.hpp>

namespace spillway::codec_line_matcher_tests {
using codec::token;

// Reads a token from its layout, apart from the code under test: the match's length and distance from RFC 1951's tables.
std::size_t distance_of(token each) {
  const std::size_t symbol = (each >> 9 & 511) - 256;
  const std::size_t extra = each >> 18;
  return symbol < 4 ? symbol + 1 : ((2 + symbol % 2) << (symbol / 2 - 1)) + 1 + extra;
}

struct expanded {
  std::string text;
  std::size_t tokens = 0;
  std::size_t matches = 0;
  std::size_t most_tokens = 0;  // of one part
  std::size_t farthest = 0;
};

void expand(token each, expanded& made) {
  const std::size_t first = each & 511;
  if (first < 256) {
    made.text += static_cast<char>(first);
    if ((each >> 9 & 511) < 256) {
      made.text += static_cast<char>(each >> 9 & 511);
    }
    return;
  }
  const std::size_t distance = distance_of(each);
  BOOST_REQUIRE_LE(distance, made.text.size());
  for (std::size_t left = first - 256 + 3; left > 0; --left) {
    made.text += made.text[made.text.size() - distance];
  }
  ++made.matches;
  made.farthest = std::max(made.farthest, distance);
}

expanded match(codec::line_matcher& matcher, const std::string& text) {
  // At the end of its memory: a look beyond is an error for the address sanitizer.
  const std::vector<char> exactly(text.begin(), text.end());
  expanded made;
  matcher.start({exactly.data(), exactly.size()});
  for (auto part = matcher.next(); !part.tokens.empty(); part = matcher.next()) {
    const std::size_t before = made.text.size();
    for (const token each : part.tokens) {
      expand(each, made);
    }
    BOOST_REQUIRE((made.text.substr(before) == part.text));
    made.tokens += part.tokens.size();
    made.most_tokens = std::max(made.most_tokens, part.tokens.size());
  }
  return made;
}

BOOST_AUTO_TEST_SUITE(codec_line_matcher)

BOOST_AUTO_TEST_CASE(tokens_stand_for_the_text) {
  codec::line_matcher matcher;
  for (const auto& [name, text] : test::sample_texts()) {
    BOOST_TEST_CONTEXT(name) {
      const expanded made = match(matcher, text);
      BOOST_TEST((made.text == text));
      BOOST_TEST(made.farthest <= codec::match_distance_max);
      BOOST_TEST(made.most_tokens <= codec::line_matcher::tokens_max + 2'048);
    }
  }
}

BOOST_AUTO_TEST_CASE(texts_of_every_small_size_come_back) {
  codec::line_matcher matcher;
  const std::string line = R"({"a":"b","c":"a","b":"c"},)" + std::string("\n");
  const std::string lines = line + line + line + line + line + line;
  for (std::size_t bytes = 0; bytes <= lines.size(); ++bytes) {
    const std::string text = lines.substr(0, bytes);
    BOOST_REQUIRE((match(matcher, text).text == text));
  }
}

BOOST_AUTO_TEST_CASE(a_line_like_the_one_above_is_a_match_between_values) {
  codec::line_matcher matcher;
  std::string text;
  for (int i = 100; i < 200; ++i) {
    text +=
        R"({"device_carrier":null,"event_id":)" + std::to_string(i * 7919 % 1000) + R"(,"event_type":"click"})" + "\n";
  }
  const expanded made = match(matcher, text);
  BOOST_TEST((made.text == text));
  BOOST_TEST(made.tokens < 100 * 6U);
}

BOOST_AUTO_TEST_CASE(what_lies_32_kib_back_is_found_and_what_lies_farther_is_not) {
  codec::line_matcher matcher;
  const std::string line = R"({"event_type":"a name that is nowhere else"})";
  const auto matches_across = [&](std::size_t distance) {
    const std::string between(distance - line.size(), '\x01');
    const expanded made = match(matcher, line + between + line + std::string(64, '\x02'));
    return made.farthest == distance;
  };
  BOOST_TEST(matches_across(codec::match_distance_max));
  BOOST_TEST(!matches_across(codec::match_distance_max + 1));
}

BOOST_AUTO_TEST_CASE(runs_of_every_length_come_back) {
  codec::line_matcher matcher;
  for (std::size_t bytes = 1; bytes < 3'000; bytes += 1 + bytes / 300) {
    const std::string text = "\"" + std::string(bytes, 'a') + "\"";
    BOOST_REQUIRE((match(matcher, text).text == text));
  }
}

// Neither a place to begin at nor a match: the steps are cut.
BOOST_AUTO_TEST_CASE(a_text_without_any_mark_comes_back) {
  codec::line_matcher matcher;
  std::string text = test::random_bytes(1 << 20, 3);
  for (char& each : text) {
    each = static_cast<char>('A' + (each & 31));
  }
  const expanded made = match(matcher, text);
  BOOST_TEST((made.text == text));
  BOOST_TEST(made.most_tokens <= codec::line_matcher::tokens_max + 2'048);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::codec_line_matcher_tests
