#include "ingest/parsed_block.hpp"

#include "support/check_result.hpp"
#include "support/raw_event.hpp"

#include <algorithm>
#include <string>

namespace spillway::ingest::parsed_block_tests {
namespace {

using test::to_line;
using test::to_lines;

struct fixture {
  intake::block block;
  block_input input;
  parsed_block parsed;
  record::record_reader reader{{test::test_start + std::chrono::hours{24}, std::nullopt, 1}, {}};

  void parse(const std::string& text, intake::block_kind kind = intake::block_kind::lines) {
    block.kind = kind;
    block.text = text;
    parse_block(block, input, reader, parsed);
    // Every event's line is whole, and they stand end to end.
    std::size_t at = 0;
    for (const parsed_event& each : parsed.events) {
      BOOST_TEST(each.begin == at);
      at += each.bytes;
    }
    BOOST_TEST(at == parsed.text.size());
    BOOST_TEST(parsed.received == static_cast<std::int64_t>(parsed.events.size()) + parsed.rejected);
    BOOST_TEST(static_cast<std::int64_t>(parsed.rejects.size()) ==
               std::min(parsed.rejected, std::max<std::int64_t>(input.rejects_max, 0)));
  }
};

BOOST_FIXTURE_TEST_SUITE(ingest_parsed_block, fixture)

BOOST_AUTO_TEST_CASE(each_line_is_an_event_or_a_reject) {
  parse(to_lines(2) + "bad\n" + to_lines(1, {}, std::chrono::seconds{1}, "last"));
  BOOST_TEST(parsed.received == 4);
  BOOST_TEST(parsed.events.size() == 3U);
  BOOST_REQUIRE(parsed.rejects.size() == 1U);
  BOOST_TEST(parsed.rejects[0].text == "bad");
  BOOST_TEST(parsed.rejects[0].text_bytes == 3U);
  BOOST_TEST(parsed.rejects[0].line == 3U);
  BOOST_TEST(parsed.text.ends_with("\n"));
  BOOST_TEST(parsed.events[0].facts.project == 1);
  BOOST_CHECK(parsed.events[1].facts.uploaded_at == test::test_start + std::chrono::seconds{1});
}

BOOST_AUTO_TEST_CASE(blank_lines_are_not_counted_but_passed) {
  parse("\n \t\r\n" + to_lines(1) + "\nbad\n\n");
  BOOST_TEST(parsed.received == 2);
  BOOST_TEST(parsed.rejects.at(0).line == 5U);
}

BOOST_AUTO_TEST_CASE(the_last_line_needs_no_end) {
  std::string lines = to_lines(2);
  lines.pop_back();
  parse(lines);
  BOOST_TEST(parsed.events.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_reject_says_where_its_flaw_is_in_the_member) {
  block.first_line = 101;
  block.input_byte = 50'000;
  block.member_byte = 3'000;
  block.member = "x.json";
  const std::string first = to_lines(1);
  parse(first + "{\"app\":1,}\n");
  BOOST_REQUIRE(parsed.rejects.size() == 1U);
  BOOST_TEST(parsed.rejects[0].place == "x.json");
  BOOST_TEST(parsed.rejects[0].line == 102U);
  BOOST_TEST(parsed.rejects[0].byte >= 3'000 + first.size());
  BOOST_TEST(parsed.rejects[0].byte <= 3'000 + first.size() + 10);
}

BOOST_AUTO_TEST_CASE(an_applied_event_is_kept_as_it_came) {
  std::string line = to_line({1, "a", "", test::test_start, "device-1", "$identify", 0});
  line.pop_back();
  parse(line + "\n");
  BOOST_REQUIRE(parsed.events.size() == 1U);
  BOOST_CHECK(parsed.events[0].facts.kind == record::event_kind::applied);
  BOOST_TEST(parsed.text == line);
}

BOOST_AUTO_TEST_CASE(the_events_of_a_body_are_counted_one_by_one) {
  const std::string body =
      "{\"api_key\":\"k\",\"events\":[\n"
      "{\"event_type\":\"view\",\"device_id\":\"device-1\",\"time\":1579960800000},\n"
      "{\"device_id\":\"device-1\"}]}";
  block.first_line = 7;
  parse(body, intake::block_kind::request);
  BOOST_TEST(parsed.received == 2);
  BOOST_REQUIRE(parsed.rejects.size() == 1U);
  BOOST_TEST(parsed.rejects[0].line == 9U);
  BOOST_TEST(parsed.rejects[0].text ==
             R"({"client_upload_time":"2020-01-25T14:00:00.000000Z","events":[{"device_id":"device-1"}]})");
  BOOST_TEST(parsed.rejects[0].byte == body.find("{\"device_id\":\"device-1\"}"));
}

BOOST_AUTO_TEST_CASE(every_reject_of_a_body_says_its_own_line) {
  block.first_line = 7;
  parse("{\"events\":[\n1,2,\n\n{}\n]}", intake::block_kind::request);
  BOOST_REQUIRE(parsed.rejects.size() == 3U);
  BOOST_TEST(parsed.rejects[0].line == 8U);
  BOOST_TEST(parsed.rejects[1].line == 8U);
  BOOST_TEST(parsed.rejects[2].line == 10U);
  // Counted from the front each time, these would take a minute.
  std::string many = "{\"events\":[0";
  for (int i = 1; i < 20'000; ++i) {
    many += ",\n" + std::string(1'000, ' ') + '0';
  }
  parse(many + "]}", intake::block_kind::request);
  BOOST_REQUIRE(parsed.rejects.size() == 20'000U);
  BOOST_TEST(parsed.rejects.back().line == 20'006U);
  BOOST_TEST(parsed.rejects.back().byte == many.size() - 1);
}

// As `spillway rejects --text` prints them.
BOOST_AUTO_TEST_CASE(lines_and_bodies_may_stand_in_one_input) {
  const std::string body =
      R"({"events":[{"event_type":"view","device_id":"device-1","time":1579960800000},{"a":"\ud800"}]})";
  for (const auto kind : {intake::block_kind::lines, intake::block_kind::requests}) {
    parse(to_lines(1) + body + "\n" + to_lines(1) + "{\"events\":[],\"event_type\":\"v\"}\nbad\n", kind);
    BOOST_TEST(parsed.received == 6);
    BOOST_TEST(parsed.events.size() == 3U);
    BOOST_REQUIRE(parsed.rejects.size() == 3U);
    BOOST_TEST(parsed.rejects[0].line == 2U);
    BOOST_TEST(parsed.rejects[0].reason == "a lone surrogate");
    BOOST_TEST(parsed.rejects[1].reason == "neither device_id nor user_id");
    BOOST_TEST(parsed.rejects[2].reason == "not an object");
  }
}

BOOST_AUTO_TEST_CASE(a_body_a_line_may_be_bad_by_itself) {
  const std::string body = R"({"api_key":"k","events":[{"event_type":"view","device_id":"device-1","time":1579960800000}]})";
  parse(body + "\n\n{\"events\":3}\n" + body + "\n{\"events\":[{},]}\n", intake::block_kind::requests);
  BOOST_TEST(parsed.received == 4);
  BOOST_TEST(parsed.events.size() == 2U);
  BOOST_TEST(parsed.rejects.at(0).line == 3U);
  BOOST_TEST(parsed.rejects.at(1).line == 5U);
}

BOOST_AUTO_TEST_CASE(rejects_that_are_not_kept_are_counted) {
  input.rejects_max = 2;
  parse("bad\nworse\nworst\n" + to_lines(1));
  BOOST_TEST(parsed.rejected == 3);
  BOOST_TEST(parsed.rejects.at(1).text == "worse");
  input.rejects_max = -1'000;
  for (const auto kind : {intake::block_kind::lines, intake::block_kind::overlong}) {
    parse("bad\n", kind);
    BOOST_TEST(parsed.rejected == 1);
    BOOST_TEST(parsed.rejects.empty());
    input.rejects_max = 0;
  }
}

BOOST_AUTO_TEST_CASE(an_overlong_line_is_one_reject) {
  block.first_line = 3;
  block.overlong_bytes = 9'000'000;
  parse(std::string(100'000, 'x'), intake::block_kind::overlong);
  BOOST_TEST(parsed.received == 1);
  BOOST_REQUIRE(parsed.rejects.size() == 1U);
  BOOST_TEST(parsed.rejects[0].line == 3U);
  BOOST_TEST(parsed.rejects[0].text_bytes == 9'000'000U);
  BOOST_TEST(parsed.rejects[0].reason == "longer than 4 MiB");
  BOOST_TEST(parsed.rejects[0].text.size() == store::reject_text_bytes_max);
}

BOOST_AUTO_TEST_CASE(a_line_that_is_too_long_for_a_body_too_says_so) {
  block.overlong_bytes = record::body_bytes_max + 1;
  parse("x", intake::block_kind::overlong);
  BOOST_TEST(parsed.rejects.at(0).reason == "longer than 32 MiB");
  BOOST_TEST(parsed.rejects.at(0).byte == record::body_bytes_max);
}

BOOST_AUTO_TEST_CASE(a_block_is_used_again) {
  parse(to_lines(5) + "bad\n");
  const std::string first = parsed.text;
  block.end = {7, {1, 2}, 3, 4};
  parse("bad\n" + to_lines(1));
  BOOST_TEST(parsed.received == 2);
  BOOST_TEST(parsed.events.size() == 1U);
  BOOST_TEST(parsed.rejects.size() == 1U);
  BOOST_TEST(first.starts_with(parsed.text));
  BOOST_TEST(parsed.end.raw_bytes == 7U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::ingest::parsed_block_tests
