#include "record/json.hpp"

#include "damaged_json.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace spillway::record_json_tests {
namespace {

using namespace std::string_literals;
using spillway::record::depth_max;
using spillway::record::json_parser;
using spillway::record::member;
using spillway::record::spacing;
using spillway::record::value;
using spillway::record::value_kind;
using spillway::test::damager;

struct case_of_flaw {
  std::string text;
  std::string reason;
  std::uint64_t byte;
};

void check_object_flaw(const case_of_flaw& each) {
  json_parser parser;
  const auto members = parser.parse_object(each.text);
  BOOST_TEST_CONTEXT(each.text) {
    BOOST_REQUIRE(!members);
    BOOST_TEST(members.error().reason == each.reason);
    BOOST_TEST(members.error().byte == each.byte);
  }
}

// `levels` containers, the outermost an object: {"a":[[...]]} or {"a":{"a":...}}.
std::string nested(int levels, bool in_arrays) {
  std::string open = "{\"a\":";
  std::string close;
  for (int i = 1; i < levels; ++i) {
    open += in_arrays ? "[" : "{\"a\":";
    close += in_arrays ? "]" : "}";
  }
  return open + "1" + close + "}";
}

enum class opinion { good, bad, none };

opinion boost_of(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = 1000;
  boost::json::error_code error;
  boost::json::parse(text, error, {}, options);
  if (error == boost::json::error::exponent_overflow) {
    return opinion::none;  // 0e99999999999 is a number; Boost stops there
  }
  return error ? opinion::bad : opinion::good;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(record_json)

BOOST_AUTO_TEST_CASE(members_are_views_in_their_order_with_their_kinds) {
  const std::string text = R"({"s":"a\"b","n":-1.10e5,"t":true,"f":false,"z":null,"o":{"x":[1]},"l":[{}],"":"" })";
  json_parser parser;
  const auto members = parser.parse_object(text);
  BOOST_REQUIRE(members.has_value());
  const std::vector<std::tuple<std::string, std::string, value_kind>> wanted = {
      {"s", R"(a\"b)", value_kind::string}, {"n", "-1.10e5", value_kind::number},
      {"t", "true", value_kind::boolean},   {"f", "false", value_kind::boolean},
      {"z", "null", value_kind::null},      {"o", R"({"x":[1]})", value_kind::object},
      {"l", "[{}]", value_kind::array},     {"", "", value_kind::string}};
  BOOST_REQUIRE_EQUAL(members->size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const member& found = (*members)[i];
    BOOST_TEST(found.key == std::get<0>(wanted[i]));
    BOOST_TEST(found.value.text == std::get<1>(wanted[i]));
    BOOST_CHECK(found.value.kind == std::get<2>(wanted[i]));
    BOOST_TEST((found.key.data() > text.data() && found.key.data() < text.data() + text.size()));
  }
}

BOOST_AUTO_TEST_CASE(repeated_keys_all_stay) {
  json_parser parser;
  const auto members = parser.parse_object(R"({"a":1,"b":2,"a":3})");
  BOOST_REQUIRE(members.has_value());
  BOOST_REQUIRE_EQUAL(members->size(), 3U);
  BOOST_TEST((*members)[0].value.text == "1");
  BOOST_TEST((*members)[2].value.text == "3");
}

BOOST_AUTO_TEST_CASE(empty_containers_have_nothing_in_them) {
  json_parser parser;
  for (const char* text : {"{}", " { } ", "{\n}"}) {
    const auto members = parser.parse_object(text);
    BOOST_TEST_CONTEXT(text) { BOOST_TEST((members.has_value() && members->empty())); }
  }
  for (const char* text : {"[]", "\t[ ]\r\n"}) {
    const auto elements = parser.parse_array(text);
    BOOST_TEST_CONTEXT(text) { BOOST_TEST((elements.has_value() && elements->empty())); }
  }
}

BOOST_AUTO_TEST_CASE(an_array_gives_its_elements) {
  json_parser parser;
  const auto elements = parser.parse_array(R"([ {"a": 1} , "x" ,2,[3], null])");
  BOOST_REQUIRE(elements.has_value());
  std::string texts;
  for (const value& each : *elements) {
    texts += std::string(each.text) + "|";
  }
  BOOST_TEST(texts == R"({"a": 1}|x|2|[3]|null|)");
  BOOST_TEST(!parser.parse_array("{}"));
  BOOST_TEST(!parser.parse_array("[1,]"));
  BOOST_TEST(!parser.parse_object("[]"));
}

BOOST_AUTO_TEST_CASE(an_outline_passes_over_what_stands_inside) {
  json_parser parser;
  const std::string deep = nested(200, false);
  const std::string text =
      R"({"a":{"x":"\ud83d","y":18446744073709551616},"b":[1 2 {:} 7e999],"c":1,"d":)" + deep + " }";
  BOOST_TEST(!parser.parse_object(text));
  const auto members = parser.outline_object(text);
  BOOST_REQUIRE_MESSAGE(members.has_value(), members.error().reason);
  BOOST_REQUIRE_EQUAL(members->size(), 4U);
  BOOST_TEST((*members)[0].value.text == R"({"x":"\ud83d","y":18446744073709551616})");
  BOOST_TEST((*members)[1].value.text == "[1 2 {:} 7e999]");
  BOOST_CHECK((*members)[1].value.kind == value_kind::array);
  BOOST_TEST((*members)[2].value.text == "1");
  BOOST_TEST((*members)[3].value.text == deep);
  const auto elements = parser.outline_array(R"([{"a":"]}"} , [{}],"x",{1}])");
  BOOST_REQUIRE(elements.has_value());
  std::string texts;
  for (const value& each : *elements) {
    texts += std::string(each.text) + "|";
  }
  BOOST_TEST(texts == R"({"a":"]}"}|[{}]|x|{1}|)");
}

BOOST_AUTO_TEST_CASE(an_outline_is_checked_itself) {
  json_parser parser;
  for (const char* text :
       {"", "[]", "{", R"({"a":[})", R"({"a":{]})", R"({"a":[1})", R"({"a":[]]})", R"({"a":[]} {})", R"({"a":"\x"})",
        R"({"a":18446744073709551616})", R"({"a" []})", R"({"a":[] "b":1})", R"({"a":{"b})", "{\"a\":[\"\xff\"]}"}) {
    BOOST_TEST_CONTEXT(text) { BOOST_TEST(!parser.outline_object(text)); }
  }
  for (const char* text : {"", "{}", "[", "[1 2]", "[{} {}]", "[{},]", "[{]}]"}) {
    BOOST_TEST_CONTEXT(text) { BOOST_TEST(!parser.outline_array(text)); }
  }
  const auto open = parser.outline_object(R"({"a":[[1,2], {"b":1})");
  BOOST_REQUIRE(!open);
  BOOST_TEST(open.error().reason == "a comma or a closing bracket is missing");
  BOOST_TEST(open.error().byte == 20U);
}

BOOST_AUTO_TEST_CASE(a_gap_anywhere_makes_a_text_spaced) {
  json_parser parser;
  for (const char* text : {R"({"a":1,"b":[true,{"c":"x y"}],"d":{},"e":[]})", "{}", R"({"a":" \t "})"}) {
    BOOST_REQUIRE(parser.parse_object(text).has_value());
    BOOST_TEST_CONTEXT(text) { BOOST_CHECK(parser.spacing() == spacing::compact); }
  }
  for (const char* text :
       {R"({ "a":1})", R"({"a" :1})", R"({"a": 1})", R"({"a":1 })", R"({"a":1, "b":2})", R"({"a":1 ,"b":2})",
        R"({"a":"x" })", R"({"a":"x" ,"b":2})", R"({"a":[ ]})", R"({"a":{ }})", R"({"a":[1 ]})", R"({"a":[1] })",
        R"({"a":[[1, 2]]})", R"({"a":{"b": {}}})", R"({"a":null })", "{\"a\":\t1}", "{\"a\":\r1}", "{\"a\":\n1}"}) {
    BOOST_REQUIRE(parser.parse_object(text).has_value());
    BOOST_TEST_CONTEXT(text) { BOOST_CHECK(parser.spacing() == spacing::spaced); }
  }
}

BOOST_AUTO_TEST_CASE(sixty_four_levels_are_taken_and_sixty_five_are_not) {
  static_assert(depth_max == 64);
  json_parser parser;
  for (const bool in_arrays : {false, true}) {
    BOOST_TEST(parser.parse_object(nested(64, in_arrays)).has_value());
    const auto deeper = parser.parse_object(nested(65, in_arrays));
    BOOST_REQUIRE(!deeper);
    BOOST_TEST(deeper.error().reason == "nested too deeply");
    BOOST_TEST(deeper.error().byte == (in_arrays ? 5U + 63U : 64U * 5U));
  }
  BOOST_TEST(parser.parse_array(std::string(64, '[') + std::string(64, ']')).has_value());
  BOOST_TEST(!parser.parse_array(std::string(65, '[') + std::string(65, ']')));
}

BOOST_AUTO_TEST_CASE(a_flaw_says_what_and_where) {
  const case_of_flaw table[] = {
      {"", "no JSON in it", 0},
      {" \t\r\n", "no JSON in it", 0},
      {"[]", "not an object", 0},
      {"  7", "not an object", 2},
      {R"({"a":1} x)", "something behind the JSON value", 8},
      {R"({"a":1}{})", "something behind the JSON value", 7},
      {R"({"a":1}})", "something behind the JSON value", 7},
      {R"({"a":1)", "a comma or a closing bracket is missing", 6},
      {R"({"a":1 "b":2})", "a comma or a closing bracket is missing", 7},
      {R"({"a":[1})", "a comma or a closing bracket is missing", 7},
      {R"({"a":1,})", "a key is missing", 7},
      {R"({,"a":1})", "a key is missing", 1},
      {R"({a:1})", "a key is missing", 1},
      {R"({"a" 1})", "a colon is missing", 5},
      {R"({"a"})", "a colon is missing", 4},
      {R"({"a"::1})", "not a JSON value", 5},
      {R"({"a":})", "not a JSON value", 5},
      {R"({"a":nul})", "not a JSON value", 5},
      {R"({"a":nulls})", "not a JSON value", 5},
      {R"({"a":True})", "not a JSON value", 5},
      {R"({"a":'x'})", "not a JSON value", 5},
      {R"({"a":01})", "not a JSON value", 5},
      {R"({"a":+1})", "not a JSON value", 5},
      {R"({"a":1.})", "not a JSON value", 5},
      {R"({"a":.5})", "not a JSON value", 5},
      {R"({"a":-})", "not a JSON value", 5},
      {R"({"a":NaN})", "not a JSON value", 5},
      {R"({"a":-Infinity})", "not a JSON value", 5},
      {R"({"a":1"b"})", "not a JSON value", 5},
      {R"({"a":"b"c})", "a comma or a closing bracket is missing", 8},
      {R"({"a":"b)", "a string without an end", 7},
      {R"({"a":"\x"})", "an escape that JSON does not have", 6},
      {R"({"a":"\u12g4"})", "\\u without four hexadecimal digits", 6},
      {R"({"a":"xy\ud800"})", "a lone surrogate", 8},
      {R"({"a":"\udc00"})", "a lone surrogate", 6},
      {R"({"a":"\ud800\u0041"})", "a lone surrogate", 6},
      {R"({"\ud800":1})", "a lone surrogate", 2},
      {R"({"a":18446744073709551616})", "an integer over 64 bits", 5},
      {R"({"a":[-9223372036854775809]})", "an integer over 64 bits", 6},
      {R"({"a":1E400})", "a number beyond a double", 5},
      {R"({"a":-1e400})", "a number beyond a double", 5},
      {"{\"a\":\f1}", "not a JSON value", 5},
      {"{\"a\":\v1}", "not a JSON value", 5},
      {"{\"a\":1\0}"s, "not a JSON value", 5},
      {"\xef\xbb\xbf{\"a\":1}", "not an object", 0},
      {"{\xef\xbb\xbf\"a\":1}", "a key is missing", 1},
      {"{\"a\":\xef\xbb\xbf"
       "1}",
       "not a JSON value", 5},
  };
  for (const case_of_flaw& each : table) {
    check_object_flaw(each);
  }
}

BOOST_AUTO_TEST_CASE(a_control_character_in_a_string_is_named_where_it_stands) {
  check_object_flaw({"{\"a\":\"x\x01y\"}", "a control character in a string", 7});
  check_object_flaw({"{\"a\":\"x\ty\"}", "a control character in a string", 7});
  check_object_flaw({"{\"a\":\"x\ny\"}", "a control character in a string", 7});
  check_object_flaw({"{\"a\":\"\x1f\"}", "a control character in a string", 6});
  check_object_flaw({"{\"a\":\"\0\"}"s, "a control character in a string", 6});
  // White space outside of strings is none, however much comes before.
  check_object_flaw({"{\n\t\"a\":\"x\ty\"}", "a control character in a string", 9});
  check_object_flaw({"{\"a\":\"\\\"\",\n\"b\":\"\r\"}", "a control character in a string", 16});
}

BOOST_AUTO_TEST_CASE(the_first_byte_that_is_no_utf_8_is_named) {
  const std::string_view wrong[] = {"\xff",
                                    "\x80",
                                    "\xc3",
                                    "\xc0\xaf",
                                    "\xe0\x80\xaf",
                                    "\xed\xa0\x80",
                                    "\xf5\x80\x80\x80",
                                    "\xf4\x90\x80\x80",
                                    "\xe2\x82",
                                    "\xf0\x9f\x98",
                                    "\xfc\x83\xbf\xbf\xbf\xbf",
                                    "\x80\x80\x80\x80\x80\x80\x80\x80"};
  for (const std::string_view bytes : wrong) {
    for (const char* before :
         {"", "x", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80\xc3\xa9", "abcdefgh"}) {
      for (std::size_t padding = 0; padding < 70; ++padding) {
        const std::string front = "{\"a\":\"" + std::string(padding, '.') + before;
        check_object_flaw({front + std::string(bytes) + "\"}", "invalid UTF-8", front.size()});
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(numbers_at_the_limits_are_taken) {
  json_parser parser;
  for (const char* number :
       {"18446744073709551615", "-9223372036854775808", "9223372036854775808", "1e308", "1.7976931348623157e308", "-0",
        "0.0", "1e-400", "-0.0e-99999", "5e-324", "123456789012345678.9012345678901234567890"}) {
    const std::string text = "{\"a\":" + std::string(number) + "}";
    const auto members = parser.parse_object(text);
    BOOST_TEST_CONTEXT(number) {
      BOOST_REQUIRE(members.has_value());
      BOOST_TEST((*members)[0].value.text == number);
    }
  }
}

BOOST_AUTO_TEST_CASE(strings_are_found_at_every_place_of_a_block_of_64_bytes) {
  json_parser parser;
  for (std::size_t padding = 0; padding < 140; ++padding) {
    for (const char* inside : {R"(\\)", R"(\")", R"(\\\")", R"(\\\\)", R"({"b":[1]})", R"(\u00e9)"}) {
      const bool has_quotes = inside[0] == '{';
      const std::string string = std::string(padding, 'x') + (has_quotes ? R"({\"b\":[1]})" : inside);
      const std::string text = "{\"k\":\"" + string + "\",\"n\":1}";
      const auto members = parser.parse_object(text);
      BOOST_REQUIRE_MESSAGE(members.has_value(), text);
      BOOST_REQUIRE_EQUAL(members->size(), 2U);
      BOOST_TEST((*members)[0].value.text == string);
      BOOST_TEST((*members)[1].value.text == "1");
    }
  }
}

BOOST_AUTO_TEST_CASE(nothing_behind_a_text_is_looked_at) {
  json_parser parser;
  for (std::size_t padding = 0; padding < 130; ++padding) {
    const std::string text = "{\"k\":\"" + std::string(padding, 'x') + "\",\"n\":1}";
    // Exactly as many bytes as the text has, so that a sanitizer sees a read behind them.
    const auto exact = std::make_unique<char[]>(text.size());
    std::copy(text.begin(), text.end(), exact.get());
    BOOST_TEST(parser.parse_object({exact.get(), text.size()}).has_value());
    BOOST_TEST(!parser.parse_object({exact.get(), text.size() - 1}));
    // What would complete a text is not part of it.
    BOOST_TEST(!parser.parse_object(std::string_view(text).substr(0, text.size() - 2)));
  }
}

BOOST_AUTO_TEST_CASE(a_parser_is_used_again_after_any_text) {
  json_parser parser;
  const std::string large = "{\"k\":\"" + std::string(300'000, 'x') + "\"}";
  for (int round = 0; round < 3; ++round) {
    BOOST_TEST(parser.parse_object(large).has_value());
    BOOST_TEST(!parser.parse_object("{\"a\":\"\\x\"}"));
    BOOST_TEST(!parser.parse_object(""));
    const auto small = parser.parse_object("{\"a\":1}");
    BOOST_REQUIRE(small.has_value());
    BOOST_TEST(small->size() == 1U);
    BOOST_CHECK(parser.spacing() == spacing::compact);
  }
  json_parser moved = std::move(parser);
  BOOST_TEST(moved.parse_object("{}").has_value());
}

// Boost.JSON is the second opinion. The two differ on purpose about depth and about numbers that lose digits.
BOOST_AUTO_TEST_CASE(random_damage_is_judged_as_another_parser_judges_it) {
  damager damage;
  json_parser parser;
  int taken = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::string text = damage.next();
    const auto members = parser.parse_object(text);
    const bool is_object = !text.empty() && text[text.find_first_not_of(" \n") % text.size()] == '{';
    if (members) {
      ++taken;
      BOOST_REQUIRE_MESSAGE(boost_of(text) != opinion::bad, text);
    } else if (is_object && boost_of(text) == opinion::good) {
      const std::string& reason = members.error().reason;
      BOOST_REQUIRE_MESSAGE(reason == "an integer over 64 bits" || reason == "a number beyond a double",
                            reason << ": " << text);
    } else {
      BOOST_REQUIRE_LE(members.error().byte, text.size());
    }
  }
  BOOST_TEST(taken > 1000);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::record_json_tests
