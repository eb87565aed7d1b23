// What is no filter is refused, with the character that is wrong.
#include "record/filter.hpp"

#include "damaged_json.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace spillway::record_filter_faults_tests {
namespace {

using namespace spillway::record;

struct wrong_filter {
  std::string_view text;
  std::size_t character;  // from 1
  std::string_view what;  // what the message says behind the place
};

void check_fault(const wrong_filter& each) {
  BOOST_TEST_CONTEXT(each.text) {
    const auto whole = parse_filter(each.text);
    BOOST_REQUIRE(!whole.has_value());
    BOOST_CHECK(whole.error().code == errc::usage);
    BOOST_TEST(whole.error().text() ==
               "reading the filter: at character " + std::to_string(each.character) + ": " + std::string(each.what));
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(record_filter_faults)

BOOST_AUTO_TEST_CASE(a_text_that_is_no_filter) {
  const wrong_filter cases[] = {
      {"", 1, "a column or '(' is expected where the filter ends"},
      {"  ", 3, "a column or '(' is expected where the filter ends"},
      {"evnt_type is \"a\"", 1, "there is no column evnt_type"},
      {"App is 1", 1, "there is no column App"},
      {"event_type", 11, "an operator is expected where the filter ends"},
      {"event_type isnt \"a\"", 12, "an operator is expected here, not isnt"},
      {"event_type = \"a\"", 12, "an operator is expected here, not ="},
      {"event_type is", 14, "a value is expected where the filter ends"},
      {"event_type is purchase", 15, "a value is expected here, not purchase"},
      {"event_type is 'purchase'", 15, "a value is expected here, not '"},
      {"event_type is \"purchase", 15, "a text that starts here has no closing quote"},
      {"event_type is \"purchase\\\"", 15, "a text that starts here has no closing quote"},
      {"event_type is \"a\nb\"", 17, "a control character in quotes"},
      {"event_type is \"a\\x\"", 17, "an escape that JSON does not have"},
      {"event_type is \"é\\ud800\"", 17, "a lone surrogate"},
      {"event_type is \"é\" ond app is 1", 19, "'and', 'or' or the end is expected here, not ond"},
      {"event_type is \"a\" event_type", 19, "'and', 'or' or the end is expected here, not event_type"},
      {"event_type is \"a\" and", 22, "a column or '(' is expected where the filter ends"},
      {"event_type is \"a\")", 18, "'and', 'or' or the end is expected here, not )"},
      {"(event_type is \"a\"", 19, "'and', 'or' or ')' is expected where the filter ends"},
      {"()", 2, "a column or '(' is expected here, not )"},
      {"city is [\"a\" \"b\"]", 14, "',' or ']' is expected here, not \""},
      {"city is [\"a\",]", 14, "a value is expected here, not ]"},
      {"city is [\"a\"", 13, "',' or ']' is expected where the filter ends"},
      {"city is []", 9, "an empty list, of which nothing is one"},
      {"city is (nothing)", 10, "'none)' is expected here, not nothing"},
      {"app less than 1", 10, "a value is expected here, not than"},
      {"app less or 1", 13, "'equal' is expected here, not 1"},
      {"city does contain \"a\"", 11, "'not' is expected here, not contain"},
      {"city does not have \"a\"", 15, "'contain' is expected here, not have"},
      {"city set \"a\"", 10, "'is' is expected here, not \""},
      {"app is 01", 8, "a number is expected here, not 01"},
      {"app is 1.2.3", 8, "a number is expected here, not 1"},
      {"app is 5kg", 8, "a number is expected here, not 5kg"},
      {"app is -", 8, "a number is expected here, not -"},
      {"app is 123456789012345678901", 8, "an integer over 64 bits"},
      {"app is 1e999", 8, "a number beyond a double"},
      {"event_properties.", 18, "the name of a property is expected where the filter ends"},
      {"event_properties..a is 1", 18, "the name of a property is expected here, not ."},
      {"event_properties.é is 1", 18, "the name of a property is expected here, not é"},
      {"event_properties.a\xff is 1", 19, "invalid UTF-8"},
      {"city is \"é\" and app is \xc3", 24, "invalid UTF-8"},
      {"“city” is 1", 1, "a column or '(' is expected here, not “"},
      {"city is \x1b", 9, "a value is expected here, not \\x1b"},
  };
  for (const wrong_filter& each : cases) {
    check_fault(each);
  }
}

BOOST_AUTO_TEST_CASE(json_that_is_no_filter) {
  const wrong_filter cases[] = {
      {"{", 2, "a name in double quotes is expected where the filter ends"},
      {"{}", 2, "a name in double quotes is expected here, not }"},
      {"[]", 1, "a list without a condition"},
      {R"({"all":[]})", 8, "a list without a condition"},
      {R"({"all":1})", 8, "a list is expected here, not 1"},
      {R"({"all":[1]})", 9, "'{' or '[' is expected here, not 1"},
      {R"({"not":[]})", 2, "a condition has no \"not\""},
      {R"({"column":"app"})", 1, "a condition without \"operator\""},
      {R"({"column":"app","operator":"is"})", 1, "a condition without \"values\""},
      {R"([{"operator":"is","values":[1]}])", 2, "a condition without \"column\""},
      {R"({"column":"ap","operator":"is","values":[1]})", 11, "there is no column ap"},
      {R"({"column":1})", 11, "a column in double quotes is expected here, not 1"},
      {R"({"column":"app","column":"app"})", 17, "this stands twice in the condition"},
      {R"({"column":"app","operator":"equals"})", 28, "there is no operator equals"},
      {R"({"column":"app","operator":"IS"})", 28, "there is no operator IS"},
      {R"({"column":"app","operator":"is","values":1})", 42, "a list of values is expected here, not 1"},
      {R"({"column":"app","operator":"is","values":[TRUE]})", 43, "a value is expected here, not TRUE"},
      {R"({"column":"app","operator":"is","values":[[1]]})", 43, "a value is expected here, not ["},
      {R"({"column":"app","operator":"is","values":[1]}})", 46, "the end is expected here, not }"},
      {R"({"column":"app","operator":"is","values":[1],})", 46, "a name in double quotes is expected here, not }"},
      {R"({"column":"app" "operator":"is","values":[1]})", 17, "',' or '}' is expected here, not \""},
      {R"({"column" "app"})", 11, "':' is expected here, not \""},
      {R"({"column":"data","property":"path"})", 29, "a list of names is expected here, not \""},
      {R"({"column":"data","property":[]})", 30, "the name of a property in double quotes is expected here, not ]"},
      {R"({"values":["1"],"column":"app","operator":"is"})", 12, "app holds numbers"},
      {R"({"all":[{"column":"app","operator":"is","values":[1]}],"any":[]})", 55, "'}' is expected here, not ,"},
      {R"({"column":"city","operator":"is","values":["é", "\q"]})", 50, "an escape that JSON does not have"},
  };
  for (const wrong_filter& each : cases) {
    check_fault(each);
  }
}

BOOST_AUTO_TEST_CASE(a_condition_that_could_never_hold) {
  const wrong_filter cases[] = {
      {"user_id is 42", 12, "user_id holds texts"},
      {"user_id is [\"a\", 42]", 18, "user_id holds texts"},
      {"app is \"187520\"", 8, "app holds numbers"},
      {"paying is \"true\"", 11, "paying holds true and false"},
      {"event_time is \"yesterday\"", 15, "event_time holds times"},
      {"event_time is 1579971600000", 15, "event_time holds times"},
      {"event_time less null", 17, "a time is expected here"},
      {"event_time greater \"2020-13-01\"", 20, "event_time holds times"},
      {"event_properties is \"a\"", 21, "event_properties holds properties, and can be compared with null alone"},
      {"event_properties contains \"a\"", 18, "event_properties holds properties, for which there is no \"contains\""},
      {"city.name is \"a\"", 5, "city holds texts and has no properties"},
      {"city less \"a\"", 6, "city holds texts, for which there is no \"less\""},
      {"app contains \"1\"", 5, "app holds numbers, for which there is no \"contains\""},
      {"paying greater or equal true", 8, "paying holds true and false, for which there is no \"greater or equal\""},
      {"event_properties.price less \"10\"", 29, "a number is expected here"},
      {"event_properties.price less [1, 2]", 29, "\"less\" takes one value"},
      {"event_properties.price less []", 29, "\"less\" takes one value"},
      {"event_properties.name contains 1", 32, "a text in double quotes is expected here"},
      {"event_properties.name does not contain [\"a\", null]", 46, "a text in double quotes is expected here"},
  };
  for (const wrong_filter& each : cases) {
    check_fault(each);
  }
}

BOOST_AUTO_TEST_CASE(a_hint_says_what_may_have_been_meant) {
  const struct {
    std::string_view text;
    std::string_view hint;
  } cases[] = {
      {"evnt_type is \"a\"", "write event_type"},
      {"insert_id is \"a\"", "write $insert_id"},
      {"App is 1", "write app"},
      {"eventType is \"a\"", "write event_type"},
      {"event_propertis.a is 1", "write event_properties"},
      {"os_nam is \"a\"", "write os_name"},
      {"user_id is 42", "compare it with texts in double quotes, or with null"},
      {"event_properties is 1", "name a property, as event_properties.NAME"},
      {"city = \"a\"",
       "write one of: is, is not, contains, does not contain, less, less or equal, greater, greater or equal, "
       "set is, set is not"},
  };
  for (const auto& each : cases) {
    BOOST_TEST_CONTEXT(each.text) { BOOST_TEST(parse_filter(each.text).error().hint == each.hint); }
  }
  const std::string far = parse_filter("total_price greater 1").error().hint;
  BOOST_TEST(
      far.starts_with("a property stands below its column, as event_properties.total_price; the columns are "
                      "$insert_id, $insert_key, "));
  BOOST_TEST(far.ends_with(", uuid, version_name"));
}

BOOST_AUTO_TEST_CASE(damaged_json_is_read_or_refused_and_nothing_else) {
  test::damager damage;
  std::size_t refused = 0;
  for (int i = 0; i < 2000; ++i) {
    refused += parse_filter(damage.next()).has_value() ? 0 : 1;
  }
  BOOST_TEST(refused == 2000U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::record_filter_faults_tests
