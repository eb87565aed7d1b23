#include "record/json_text.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace spillway::record_json_text_tests {
namespace {

using namespace std::string_literals;
using namespace spillway::record;

std::string compact(std::string_view text) {
  std::string out;
  append_compact(text, out);
  return out;
}

std::string in_quotes(std::string_view text) {
  std::string out;
  append_quoted(text, out);
  return out;
}

std::string fault_of(std::string_view number) {
  const number_shape shape = scan_number(number);
  BOOST_REQUIRE_EQUAL(shape.bytes, number.size());
  const char* fault = number_fault(number, shape);
  return fault == nullptr ? "" : fault;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(record_json_text)

BOOST_AUTO_TEST_CASE(white_space_is_the_four_bytes_of_json) {
  for (int c = 0; c < 256; ++c) {
    BOOST_TEST(is_json_space(static_cast<char>(c)) == (c == ' ' || c == '\t' || c == '\n' || c == '\r'));
  }
}

BOOST_AUTO_TEST_CASE(right_escapes_have_no_fault) {
  for (const char* inside : {"", "plain", R"(\"\\\/\b\f\n\r\t)", R"(\u0000\uFFFF\ufdd0)", R"(\ud800\udc00)",
                             R"(\uDBFF\uDFFF)", R"(\\u)", R"(\\ud800)", R"(\ud83d\ude00\ud83d\ude00)", R"(\u0041\\)"}) {
    const escape_fault fault = check_escapes(inside);
    BOOST_TEST_CONTEXT(inside) { BOOST_TEST((fault.reason == nullptr)); }
  }
}

BOOST_AUTO_TEST_CASE(the_first_wrong_escape_is_named) {
  constexpr std::string_view unknown = "an escape that JSON does not have";
  constexpr std::string_view digits = "\\u without four hexadecimal digits";
  constexpr std::string_view lone = "a lone surrogate";
  const struct {
    std::string inside;
    std::size_t at;
    std::string_view reason;
  } table[] = {
      {R"(\x)", 0, unknown},        {R"(ab\0)", 2, unknown},
      {R"(\n\U0041)", 2, unknown},  {R"(\ )", 0, unknown},
      {"\\\0"s, 0, unknown},        {R"(\\\)", 2, unknown},
      {"\\\xc3\xa9", 0, unknown},   {R"(\u)", 0, digits},
      {R"(\u12)", 0, digits},       {R"(\u123)", 0, digits},
      {R"(a\u123g)", 1, digits},    {R"(\u-123)", 0, digits},
      {R"(\u 123)", 0, digits},     {R"(\ud800)", 0, lone},
      {R"(\udfff)", 0, lone},       {R"(\ud800x)", 0, lone},
      {R"(\ud800\n)", 0, lone},     {R"(\ud800\u)", 0, lone},
      {R"(\ud800\udc0)", 0, lone},  {R"(\ud800\ud800)", 0, lone},
      {R"(\ud800\u0041)", 0, lone}, {R"(\ud800\udc00\udc00)", 12, lone},
      {R"(\u0041\ud800)", 6, lone}, {R"(\ud800\\udc00)", 0, lone},
  };
  for (const auto& each : table) {
    const escape_fault fault = check_escapes(each.inside);
    BOOST_TEST_CONTEXT(each.inside) {
      BOOST_REQUIRE(fault.reason != nullptr);
      BOOST_TEST(fault.reason == each.reason);
      BOOST_TEST(fault.at == each.at);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_number_is_scanned_to_its_end) {
  const struct {
    std::string_view text;
    number_shape wanted;
  } table[] = {
      {"0", {1, 1, true, false}},        {"-0", {2, 1, true, false}},
      {"42,", {2, 2, true, false}},      {"1.10", {4, 1, false, false}},
      {"-12.5e3}", {7, 2, false, true}}, {"1e5", {3, 1, false, true}},
      {"1E+05 ", {5, 1, false, true}},   {"0e-0", {4, 1, false, true}},
      {"0x10", {1, 1, true, false}},     {"9007199254740993", {16, 16, true, false}},
  };
  for (const auto& each : table) {
    const number_shape shape = scan_number(each.text);
    BOOST_TEST_CONTEXT(each.text) {
      BOOST_TEST(shape.bytes == each.wanted.bytes);
      BOOST_TEST(shape.integer_digits == each.wanted.integer_digits);
      BOOST_TEST(shape.is_integer == each.wanted.is_integer);
      BOOST_TEST(shape.has_exponent == each.wanted.has_exponent);
    }
  }
  for (const char* text :
       {"", "-", "+1", "01", "-01", "00", ".5", "1.", "1.e5", "1e", "1e+", "1E-", "-.5", "a", "--1", "Infinity"}) {
    BOOST_TEST_CONTEXT(text) { BOOST_TEST(scan_number(text).bytes == 0U); }
  }
}

BOOST_AUTO_TEST_CASE(numbers_that_lose_their_value_have_a_fault) {
  for (const char* number :
       {"0", "-0", "999999999999999999", "9223372036854775807", "18446744073709551615", "-9223372036854775808", "1e308",
        "1.7976931348623157e308", "-1.7976931348623157E+308", "1e-400", "0e999999999", "0.1", "123e-500"}) {
    BOOST_TEST_CONTEXT(number) { BOOST_TEST(fault_of(number) == ""); }
  }
  for (const char* number : {"18446744073709551616", "-9223372036854775809", "100000000000000000000000000"}) {
    BOOST_TEST_CONTEXT(number) { BOOST_TEST(fault_of(number) == "an integer over 64 bits"); }
  }
  const std::string many_digits = std::string(400, '9');
  for (const std::string& number :
       {"1e309"s, "-1E400"s, "1.8e308"s, "0.1e99999999999"s, many_digits + ".0", many_digits + "e1",
        std::string(309, '9') + ".5", "10.0e9223372036854775807"s, "10e9223372036854775807"s}) {
    BOOST_TEST_CONTEXT(number) { BOOST_TEST(fault_of(number) == "a number beyond a double"); }
  }
  // A long number with a negative exponent may be small, or still too large.
  BOOST_TEST(fault_of(many_digits + "e-200") == "");
  BOOST_TEST(fault_of(many_digits + "e-1") == "a number beyond a double");
  BOOST_TEST(fault_of("0." + std::string(400, '0') + "1e+5") == "");
  BOOST_TEST(fault_of("-0." + std::string(400, '0') + "1e800") == "a number beyond a double");
  BOOST_TEST(fault_of("1e-99999999999999999999") == "");
}

BOOST_AUTO_TEST_CASE(the_powers_of_a_numbers_digits) {
  const struct {
    const char* number;
    std::int64_t first;
    std::int64_t last;
  } table[] = {{"1", 0, 0},     {"-120", 2, 1},   {"1200e-2", 1, 0},   {"0.050", -2, -2},      {"10.01", 1, -2},
               {"4.2e1", 1, 0}, {"0.5E+1", 0, 0}, {"1e300", 300, 300}, {"1e-400", -400, -400}, {"0012.5", 1, -1}};
  for (const auto& each : table) {
    const auto powers = digits_of(each.number);
    BOOST_TEST_CONTEXT(each.number) {
      BOOST_REQUIRE(powers.has_value());
      BOOST_TEST(powers->first == each.first);
      BOOST_TEST(powers->last == each.last);
    }
  }
  for (const char* zero : {"0", "-0.000", "0e5", "0.0e-99999999999999999999"}) {
    BOOST_TEST(!digits_of(zero).has_value());
  }
  BOOST_TEST(digits_of("1e99999999999999999999")->first > 1'000'000);
  BOOST_TEST(digits_of("1e-99999999999999999999")->first < -1'000'000);
}

BOOST_AUTO_TEST_CASE(white_space_goes_outside_of_strings_only) {
  BOOST_TEST(compact("{ \"a b\" :\t[ 1 ,\r\n2 ] , \"c\\\" \\\\\" : \" x \" }") ==
             "{\"a b\":[1,2],\"c\\\" \\\\\":\" x \"}");
  BOOST_TEST(compact("  1.10  ") == "1.10");
  BOOST_TEST(compact("") == "");
  BOOST_TEST(compact("\"\\\\\" ") == "\"\\\\\"");
}

BOOST_AUTO_TEST_CASE(escapes_stand_for_characters) {
  BOOST_TEST(unescape("plain \xc3\xa9") == "plain \xc3\xa9");
  BOOST_TEST(unescape(R"(\"\\\/\b\f\n\r\t)") == "\"\\/\b\f\n\r\t");
  BOOST_TEST(unescape(R"(\u0041\u00e9\u20AC\uD83D\uDE00\uffff)") ==
             "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xef\xbf\xbf");
  BOOST_TEST(unescape(R"(\u0000)") == "\0"s);
  BOOST_TEST(unescape(R"(\u007f\u0080\u07ff\u0800)") == "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80");
  BOOST_TEST(unescape(R"(\ud800\udc00\udbff\udfff)") == "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
  BOOST_TEST(unescape(R"(\\u0041)") == R"(\u0041)");
}

BOOST_AUTO_TEST_CASE(a_quoted_text_reads_back_as_it_was) {
  std::string all;
  for (char c = 0; c < 127; ++c) {
    all += c;
  }
  all += "\x7f\xc3\xa9\xf0\x9f\x98\x80";
  BOOST_TEST(boost::json::parse(in_quotes(all)).as_string() == all);
  const std::string twice = in_quotes(all);
  BOOST_TEST(unescape(std::string_view(twice).substr(1, twice.size() - 2)) == all);
  BOOST_TEST(in_quotes("a\"b\\c\n\x1f") == R"("a\"b\\c\u000a\u001f")");
  BOOST_TEST(in_quotes("") == "\"\"");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::record_json_text_tests
