#include "intake/input.hpp"

#include "record/record_reader.hpp"

#include "reading.hpp"
#include "zip_writer.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::intake_input_tests {
namespace {

using namespace spillway::intake;
using namespace spillway::test;
using base::hash128_of;

constexpr std::uint64_t mib = std::uint64_t{1} << 20;
constexpr std::string_view bom = "\xef\xbb\xbf";
const std::string body = R"({"api_key":"k","events":[{"event_type":"v"}]})";

block_kind kind_of(std::string_view bytes) {
  const read_blocks read = read_text(bytes);
  BOOST_REQUIRE_MESSAGE(!read.failed && read.blocks.size() == 1, bytes);
  BOOST_TEST(read.blocks[0].text == bytes);
  return read.blocks[0].kind;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(intake_input)

// ---- what an input is ----

BOOST_AUTO_TEST_CASE(json_lines_are_recognised) {
  for (const char* text :
       {"{\"a\":1}\n", "{\"a\":1}", "[]\n", "x\n", "\n\n{\"a\":1}\n", "{\"events\":{}}\n",
        "{\"events\":[}\n{\"events\":[]}\n", "[{\"events\":[]}]", "{\"event_type\":\"v\",\"events\":[]}\n",
        "{\"event_type\":\"v\",\n\"events\":[]}", " \n", "{"}) {
    BOOST_TEST_CONTEXT(text) { BOOST_CHECK(kind_of(text) == block_kind::lines); }
  }
}

BOOST_AUTO_TEST_CASE(bodies_on_lines_of_their_own_are_recognised) {
  for (const std::string& text : {body + "\n", R"({"events":[{"a":"\ud83d"}]})" + ("\n" + body),
                                  body + "\n" + body + "\n", "\n " + body + " \r\n" + body, body + "\nx\n"}) {
    BOOST_TEST_CONTEXT(text) { BOOST_CHECK(kind_of(text) == block_kind::requests); }
  }
}

BOOST_AUTO_TEST_CASE(a_body_over_many_lines_or_without_an_end_of_line_is_recognised) {
  for (const std::string& text :
       {body, std::string("{\n  \"events\": [\n    {}\n  ]\n}\n"), std::string("\n\n{\n\"events\":[]}"),
        std::string("{\"api_key\":\"k\",\n\"events\":[]}\n\n"),
        std::string("{\n\"events\":[\n{\"a\":18446744073709551616}]}")}) {
    BOOST_TEST_CONTEXT(text) { BOOST_CHECK(kind_of(text) == block_kind::request); }
  }
}

BOOST_AUTO_TEST_CASE(bodies_on_lines_of_their_own_may_be_larger_than_a_block) {
  const std::string large = R"({"api_key":")" + std::string(300'000, 'k') + R"(","events":[]})" + "\n";
  std::string text;
  for (int i = 0; i < 4; ++i) {
    text += large;
  }
  const read_blocks read = read_text(text + body);
  BOOST_TEST((read.text() == text + body));
  BOOST_TEST(read.blocks.size() == 5U);
  for (const block& each : read.blocks) {
    BOOST_CHECK(each.kind == block_kind::requests);
    BOOST_TEST(each.text.size() <= large.size());
  }
}

BOOST_AUTO_TEST_CASE(a_bad_first_line_does_not_make_a_body_of_what_follows) {
  BOOST_CHECK(kind_of("{\"a\":\n" + body + "\n") == block_kind::lines);
  BOOST_CHECK(kind_of("{\"a\":1}\n" + body + "\n") == block_kind::lines);
  BOOST_CHECK(kind_of("# a comment\n" + body + "\n") == block_kind::lines);
}

BOOST_AUTO_TEST_CASE(a_body_of_many_lines_is_one_block_up_to_32_mib) {
  const std::string front = "{\n\"events\":[\n";
  const auto of_size = [&](std::uint64_t bytes) {
    return front + std::string(bytes - front.size() - 3, '\n') + "]}\n";
  };
  const read_blocks fits = read_text(of_size(record::body_bytes_max));
  BOOST_REQUIRE_EQUAL(fits.blocks.size(), 1U);
  BOOST_CHECK(fits.blocks[0].kind == block_kind::request);
  BOOST_TEST(fits.blocks[0].text.size() == record::body_bytes_max);
  const std::string too_large = of_size(record::body_bytes_max + 1'000'000);
  const read_blocks larger = read_text(too_large);
  BOOST_REQUIRE_EQUAL(larger.blocks.size(), 1U);
  BOOST_CHECK(larger.blocks[0].kind == block_kind::overlong);
  BOOST_TEST(larger.blocks[0].overlong_bytes == too_large.size());
  BOOST_TEST(larger.end.lines == lines_in(too_large));
  BOOST_TEST(larger.end.text_bytes == too_large.size());
  const read_blocks grown = read_text(too_large + "{}\n", too_large.size());
  BOOST_TEST(grown.text() == "{}\n");
  BOOST_CHECK(grown.blocks[0].kind == block_kind::lines);
  BOOST_TEST(grown.blocks[0].first_line == lines_in(too_large) + 1);
  // A first line that is cut is not the front of a body.
  std::string cut = "{\"a\":{\n";
  while (cut.size() <= record::body_bytes_max) {
    cut += "{\"b\":\"" + std::string(100'000, 'b') + "\"}\n";
  }
  BOOST_CHECK(read_text(cut).blocks.at(0).kind == block_kind::lines);
}

BOOST_AUTO_TEST_CASE(a_byte_order_mark_is_passed_over) {
  const std::string text = "{\"a\":1}\n{\"b\":2}\n";
  for (const std::string& raw : {std::string(bom) + text, gzipped(std::string(bom) + text),
                                 zip_writer().add("a", std::string(bom) + text).finish()}) {
    const read_blocks read = read_text(raw);
    BOOST_REQUIRE_EQUAL(read.blocks.size(), 1U);
    BOOST_TEST(read.blocks[0].text == text);
    BOOST_TEST(read.blocks[0].input_byte == 3U);
    BOOST_TEST(read.blocks[0].first_line == 1U);
    BOOST_TEST(read.end.text_bytes == text.size() + 3);
    const read_blocks rest = read_text(raw, 3 + 8);
    BOOST_REQUIRE_EQUAL(rest.blocks.size(), 1U);
    BOOST_TEST(rest.blocks[0].text == "{\"b\":2}\n");
    BOOST_TEST(rest.blocks[0].input_byte == 11U);
    BOOST_TEST(rest.blocks[0].first_line == 2U);
  }
  BOOST_CHECK(read_text(std::string(bom) + body).blocks.at(0).kind == block_kind::request);
  BOOST_CHECK(read_text(std::string(bom) + body + "\n").blocks.at(0).kind == block_kind::requests);
  BOOST_TEST(read_text(bom).blocks.empty());
  // Only the first is one.
  BOOST_TEST(read_text("{}\n" + std::string(bom) + "{}\n").text() == "{}\n" + std::string(bom) + "{}\n");
}

BOOST_AUTO_TEST_CASE(an_empty_input_has_no_block_and_an_end) {
  for (const std::string& raw :
       {std::string(), gzipped(""), zip_writer().finish(), zip_writer().add("a", "").add("b", gzipped("")).finish()}) {
    const read_blocks read = read_text(raw);
    BOOST_TEST(!read.failed);
    BOOST_TEST(read.blocks.empty());
    BOOST_TEST(read.end.text_bytes == 0U);
    BOOST_TEST(read.end.lines == 0U);
    BOOST_TEST(read.end.raw_bytes == raw.size());
    BOOST_CHECK(read.end.raw_hash == hash128_of(raw));
  }
}

BOOST_AUTO_TEST_CASE(plain_gzip_and_zip_give_the_same_lines) {
  const std::string text = "{\"a\":1}\n\n{\"b\":2}\nbad\n{\"c\":3}";
  const std::string half = text.substr(0, 12);
  for (const std::string& raw : {text, gzipped(text), gzipped(half) + gzipped("") + gzipped(text.substr(12)),
                                 zip_writer().add("a", gzipped(half) + gzipped(text.substr(12))).finish(),
                                 zip_writer().add("a", text).finish()}) {
    const read_blocks read = read_text(raw);
    BOOST_REQUIRE_EQUAL(read.blocks.size(), 1U);
    BOOST_TEST(read.blocks[0].text == text);
    BOOST_CHECK(read.blocks[0].kind == block_kind::lines);
    BOOST_TEST(read.end.lines == 5U);
  }
}

BOOST_AUTO_TEST_CASE(each_member_of_a_zip_is_recognised_for_itself) {
  const std::string raw = zip_writer()
                              .add("a", gzipped("{\"a\":1}\n"))
                              .add("b", body + "\n")
                              .add("c", "")
                              .add("d", "{\n\"events\":[]}")
                              .add("e", "{}")
                              .finish();
  const read_blocks read = read_text(raw);
  BOOST_REQUIRE(!read.failed);
  BOOST_REQUIRE_EQUAL(read.blocks.size(), 4U);
  const block_kind kinds[] = {block_kind::lines, block_kind::requests, block_kind::request, block_kind::lines};
  const char* names[] = {"a", "b", "d", "e"};
  std::uint64_t at = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const block& each = read.blocks[i];
    BOOST_TEST(each.member == names[i]);
    BOOST_CHECK(each.kind == kinds[i]);
    BOOST_TEST(each.input_byte == at);
    BOOST_TEST(each.member_byte == 0U);
    BOOST_TEST(each.first_line == 1U);
    at += each.text.size();
  }
  BOOST_TEST(read.end.text_bytes == at);
  BOOST_TEST(read.end.lines == 5U);
}

// ---- lines and blocks ----

BOOST_AUTO_TEST_CASE(blocks_are_filled_and_end_at_line_ends) {
  std::string text;
  while (text.size() < 5 * mib) {
    text.append(1000, 'x').append("\n");
  }
  const read_blocks read = read_text(text);
  check_blocks(read, text, 0, text);
  for (std::size_t i = 0; i + 1 < read.blocks.size(); ++i) {
    BOOST_TEST(read.blocks[i].text.size() <= block_bytes);
    BOOST_TEST(read.blocks[i].text.size() > block_bytes - 1001);
  }
}

BOOST_AUTO_TEST_CASE(a_line_of_4_mib_is_whole_wherever_it_stands) {
  for (const std::uint64_t before : {std::uint64_t{0}, std::uint64_t{1}, mib - 1, mib, mib + 1, 3 * mib / 2}) {
    std::string text = before == 0 ? "" : std::string(before - 1, 'a') + "\n";
    text.append(4 * mib, 'x').append("\nthe next\n");
    check_blocks(read_text(text), text, 0, text);
  }
}

BOOST_AUTO_TEST_CASE(a_line_far_over_4_mib_is_passed_over_and_its_front_kept) {
  for (const bool at_end : {false, true}) {
    for (const bool has_end : {false, true}) {
      if (!at_end && !has_end) {
        continue;
      }
      const std::string before = "first\n";
      const std::string line = std::string(7 * mib + 13, 'x') + (has_end ? "\n" : "");
      const std::string text = before + line + (at_end ? "" : "last\n");
      for (const std::string& raw : {text, gzipped(text)}) {
        const read_blocks read = read_text(raw);
        BOOST_REQUIRE(!read.failed);
        BOOST_REQUIRE_EQUAL(read.blocks.size(), at_end ? 2U : 3U);
        BOOST_TEST(read.blocks[0].text == before);
        const block& overlong = read.blocks[1];
        BOOST_CHECK(overlong.kind == block_kind::overlong);
        BOOST_TEST(overlong.text == std::string(64 * 1024, 'x'));
        BOOST_TEST(overlong.overlong_bytes == 7 * mib + 13);
        BOOST_TEST(overlong.first_line == 2U);
        BOOST_TEST(overlong.input_byte == before.size());
        BOOST_TEST(overlong.end.text_bytes == before.size() + line.size());
        BOOST_TEST(overlong.end.lines == 2U);
        if (!at_end) {
          BOOST_TEST(read.blocks[2].text == "last\n");
          BOOST_CHECK(read.blocks[2].kind == block_kind::lines);
          BOOST_TEST(read.blocks[2].first_line == 3U);
          BOOST_TEST(read.blocks[2].input_byte == before.size() + line.size());
          BOOST_TEST(read.blocks[2].overlong_bytes == 0U);
          const read_blocks rest = read_text(raw, overlong.end.text_bytes);
          BOOST_TEST(rest.text() == "last\n");
          BOOST_TEST(rest.blocks.at(0).first_line == 3U);
        }
        BOOST_TEST(read.end.text_bytes == text.size());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_body_on_one_line_may_be_longer_than_a_line_of_events) {
  const std::string large = R"({"events":[],"x":")" + std::string(6 * mib, 'x') + "\"}\n";
  const std::string text = body + "\n" + large + body + "\n";
  const read_blocks read = read_text(text);
  check_blocks(read, text, 0, text);
  for (const block& each : read.blocks) {
    BOOST_CHECK(each.kind == block_kind::requests);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::intake_input_tests
