#include "record/json.hpp"

#include "damaged_json.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::record_json_ahead_tests {
namespace {

using spillway::record::json_parser;
using spillway::record::member;
using spillway::record::spacing;
using spillway::test::damager;

// What a parser says of a text, to be compared.
std::string verdict_of(json_parser& parser, std::string_view text) {
  const auto members = parser.parse_object(text);
  if (!members) {
    return members.error().reason + " at " + std::to_string(members.error().byte);
  }
  std::string said = parser.spacing() == spacing::spaced ? "spaced" : "compact";
  for (const member& each : *members) {
    said += '|' + std::string(each.key) + '=' + std::string(each.value.text) + '#' +
            std::to_string(static_cast<int>(each.value.kind));
  }
  return said;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(record_json_ahead)

BOOST_AUTO_TEST_CASE(lines_that_were_looked_over_are_judged_as_by_themselves) {
  damager damage;
  json_parser ahead;
  json_parser alone;
  std::size_t taken = 0;
  for (int round = 0; round < 3'000; ++round) {
    std::string text;
    for (std::size_t lines = damage.below(6) + 1; lines > 0; --lines) {
      // Where a fault of UTF-8, of quotes or of control characters stands, all lines go the other way: most rounds
      // none.
      text += (damage.below(6) == 0 ? damage.next() : damage.seed) + (damage.below(8) == 0 ? "\r\n" : "\n");
    }
    ahead.look_ahead(text);
    for (const std::string_view line : lines_of(text)) {
      const std::string said = verdict_of(ahead, line);
      BOOST_REQUIRE_EQUAL(said, verdict_of(alone, line));
      taken += said.find(" at ") == std::string::npos ? 1 : 0;
    }
  }
  BOOST_TEST(taken > 5000U);
}

BOOST_AUTO_TEST_CASE(a_line_ends_where_it_ends_whatever_comes_behind) {
  const std::string text =
      "{\"a\":1\n,\"b\":2}\n{\"a\":12\n3}\n{\"c\":[\n]}\n{}\n\\\n\"\\\\\"\n{\"d\":nul\nl}\n{\"e\":[\n1,2]}\n{\"e\":"
      "\n1}";
  json_parser ahead;
  json_parser alone;
  ahead.look_ahead(text);
  for (const std::string_view line : lines_of(text)) {
    BOOST_TEST(verdict_of(ahead, line) == verdict_of(alone, line));
  }
  // Lines may be left out; an earlier one, or another text, has its own pass.
  ahead.look_ahead(text);
  BOOST_TEST(verdict_of(ahead, lines_of(text)[6]) == "compact");
  BOOST_TEST(verdict_of(ahead, lines_of(text)[0]) == verdict_of(alone, lines_of(text)[0]));
  BOOST_TEST(verdict_of(ahead, "{\"x\":1}") == "compact|x=1#3");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::record_json_ahead_tests
