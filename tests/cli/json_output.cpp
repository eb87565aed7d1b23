#include "cli/json_output.hpp"

#include "base/bytes.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

namespace spillway::cli_json_output_tests {
namespace {

namespace json = boost::json;
using spillway::cli::json_hour;
using spillway::cli::json_text;
using spillway::cli::json_time;

std::string utf8(unsigned code) {
  std::string text;
  const auto add = [&text](unsigned byte) { text += static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xc0 | code >> 6);
    add(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    add(0xe0 | code >> 12);
    add(0x80 | (code >> 6 & 0x3f));
    add(0x80 | (code & 0x3f));
  } else {
    add(0xf0 | code >> 18);
    add(0x80 | (code >> 12 & 0x3f));
    add(0x80 | (code >> 6 & 0x3f));
    add(0x80 | (code & 0x3f));
  }
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cli_json_output)

BOOST_AUTO_TEST_CASE(every_character_is_read_back_and_none_commands_the_terminal) {
  std::string all;
  for (unsigned code = 0; code < 0x11000; ++code) {
    if (code < 0xd800 || code > 0xdfff) {
      all += utf8(code);
    }
  }
  all += utf8(0x10ffff);
  const std::string text = json_text(json::string(all));
  BOOST_TEST((json::parse(text) == json::string(all)));
  BOOST_TEST((spillway::base::printable(text, text.size() * 2) == text));
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_utf8_become_replacement_characters) {
  const std::string mark = "\xef\xbf\xbd";
  BOOST_TEST(json_text(json::string("a\xff"
                                    "b")) == "\"a" + mark + "b\"");
  BOOST_TEST(json_text(json::string("\xc3")) == "\"" + mark + "\"");
  BOOST_TEST(json_text(json::string("\xc0\x80")) == "\"" + mark + mark + "\"");
  BOOST_TEST(json_text(json::string("\xed\xa0\x80")) == "\"" + mark + mark + mark + "\"");
  BOOST_TEST(json_text(json::string("\xe2\x80")) == "\"" + mark + mark + "\"");
  BOOST_TEST(json_text(json::string("\xe2\x80z")) == "\"" + mark + mark + "z\"");
  BOOST_TEST(json_text(json::string("\x80\xc3\xbc")) == "\"" + mark + "ü\"");
}

BOOST_AUTO_TEST_CASE(hidden_characters_are_escaped) {
  BOOST_TEST(json_text(json::string("\x1b[2J\x7f\xc2\x9b\xe2\x80\xae\xe2\x81\xa6")) ==
             "\"\\u001b[2J\\u007f\\u009b\\u202e\\u2066\"");
}

BOOST_AUTO_TEST_CASE(times_and_hours_are_written_as_documented) {
  const auto when = spillway::base::parse_timestamp("2020-01-25T17:00:00");
  BOOST_TEST(json_text(json_time(when)) == "\"2020-01-25T17:00:00Z\"");
  BOOST_TEST(json_text(json_hour(spillway::model::hour_of(*when))) == "\"2020-01-25_17\"");
  BOOST_TEST(json_text(json_time(std::nullopt)) == "null");
  BOOST_TEST(json_text(json_hour(std::nullopt)) == "null");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::cli_json_output_tests
