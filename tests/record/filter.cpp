#include "record/filter.hpp"

#include "support/check_result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace spillway::record_filter_tests {
namespace {

using namespace spillway::record;

filter parsed(std::string_view text) {
  auto whole = parse_filter(text);
  BOOST_REQUIRE_MESSAGE(whole.has_value(), text << ": " << whole.error().text());
  return std::move(*whole);
}

// The one spelling of what a text means.
std::string text_of(std::string_view text) { return to_text(parsed(text)); }
std::string json_of(std::string_view text) { return to_json(parsed(text)); }

std::string repeated(std::string_view piece, std::size_t times) {
  std::string out;
  for (; times > 0; --times) {
    out += piece;
  }
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(record_filter)

BOOST_AUTO_TEST_CASE(a_condition_is_a_column_an_operator_and_values) {
  const filter whole = parsed(R"(event_properties.cart."total price" greater or equal 10.50)");
  BOOST_CHECK(whole.is == filter::shape::condition);
  BOOST_CHECK(whole.condition.which == column::event_properties);
  BOOST_TEST(whole.condition.property == (std::vector<std::string>{"cart", "total price"}),
             boost::test_tools::per_element());
  BOOST_CHECK(whole.condition.comparison == filter_operator::greater_or_equal);
  BOOST_REQUIRE(whole.condition.values.size() == 1U);
  BOOST_CHECK(whole.condition.values[0] == (filter_value{value_kind::number, "10.50"}));
}

BOOST_AUTO_TEST_CASE(both_forms_say_the_same) {
  const struct {
    std::string_view text;
    std::string_view json;
  } cases[] = {
      {R"(event_type is "purchase")", R"({"column":"event_type","operator":"is","values":["purchase"]})"},
      {R"(country is not ["CZ", "SK", null])", R"({"column":"country","operator":"is not","values":["CZ","SK",null]})"},
      {R"(city contains "br")", R"({"column":"city","operator":"contains","values":["br"]})"},
      {R"(city does not contain "br")", R"({"column":"city","operator":"does not contain","values":["br"]})"},
      {"event_properties.a.b less 1",
       R"({"column":"event_properties","property":["a","b"],"operator":"less","values":[1]})"},
      {"amplitude_id less or equal -1", R"({"column":"amplitude_id","operator":"less or equal","values":[-1]})"},
      {R"(event_time greater "2020-01-25")", R"({"column":"event_time","operator":"greater","values":["2020-01-25"]})"},
      {"location_lat greater or equal 1.50e1",
       R"({"column":"location_lat","operator":"greater or equal","values":[1.50e1]})"},
      {R"(groups.company set is ["A", "B"])",
       R"({"column":"groups","property":["company"],"operator":"set is","values":["A","B"]})"},
      {"user_properties.tags set is not []",
       R"({"column":"user_properties","property":["tags"],"operator":"set is not","values":[]})"},
      {"paying is true and is_attribution_event is not [false, null]",
       R"({"all":[{"column":"paying","operator":"is","values":[true]},)"
       R"({"column":"is_attribution_event","operator":"is not","values":[false,null]}]})"},
      {R"(event_properties."my \"key\"\\ \u0001é" is "\u000a")",
       R"({"column":"event_properties","property":["my \"key\"\\ \u0001é"],"operator":"is","values":["\u000a"]})"},
      {R"(event_properties."" is 1)", R"({"column":"event_properties","property":[""],"operator":"is","values":[1]})"},
      {R"(app is 1 or (app is 2 and (city is "a" or city is "b")))",
       R"({"any":[{"column":"app","operator":"is","values":[1]},{"all":[{"column":"app","operator":"is","values":[2]},)"
       R"({"any":[{"column":"city","operator":"is","values":["a"]},{"column":"city","operator":"is","values":["b"]}]}]}]})"},
  };
  for (const auto& each : cases) {
    BOOST_TEST_CONTEXT(each.text) {
      BOOST_CHECK(parsed(each.text) == parsed(each.json));
      BOOST_TEST(json_of(each.text) == each.json);
      BOOST_TEST(text_of(each.json) == each.text);
      BOOST_TEST(text_of(each.text) == each.text);
      BOOST_TEST(json_of(each.json) == each.json);
    }
  }
}

BOOST_AUTO_TEST_CASE(text_may_be_written_in_other_ways) {
  const struct {
    std::string_view written;
    std::string_view canonical;
  } cases[] = {
      {" \t\n app\r\n is  1 ", "app is 1"},
      {"app IS NOT 1 AND paying Is TRUE", "app is not 1 and paying is true"},
      {"city Does NOT Contain \"x\"", "city does not contain \"x\""},
      {R"(city is ["a"])", R"(city is "a")"},
      {R"(city is["a","b"])", R"(city is ["a", "b"])"},
      {R"(city is "\u0061\/\u00e9\ud83d\ude00")", "city is \"a/é😀\""},
      {"user_id is (none)", "user_id is null"},
      {"user_id is not ( NONE )", "user_id is not null"},
      {R"(event_properties."price" is 1)", "event_properties.price is 1"},
      {"event_properties . price is 1", "event_properties.price is 1"},
      {"event_properties.is is 1", "event_properties.is is 1"},
      {"user_properties.$utm-source is 1", "user_properties.$utm-source is 1"},
      {"$insert_id is null", "$insert_id is null"},
      {"((app is 1))", "app is 1"},
      {"(app is 1 and app is 2) and app is 3", "app is 1 and app is 2 and app is 3"},
      {"app is 1 or (app is 2 or app is 3)", "app is 1 or app is 2 or app is 3"},
      {"app is 1 or app is 2 and app is 3 or app is 4", "app is 1 or (app is 2 and app is 3) or app is 4"},
      {"(app is 1 or app is 2) and app is 3", "(app is 1 or app is 2) and app is 3"},
      {"(app is 1)and(app is 2)", "app is 1 and app is 2"},
  };
  for (const auto& each : cases) {
    BOOST_TEST_CONTEXT(each.written) { BOOST_TEST(text_of(each.written) == each.canonical); }
  }
}

BOOST_AUTO_TEST_CASE(json_may_be_written_in_other_ways) {
  const struct {
    std::string_view written;
    std::string_view canonical;
  } cases[] = {
      {R"( { "values" : [ 1 , 2 ] , "operator" : "is" , "column" : "app" } )", "app is [1, 2]"},
      {R"([{"column":"app","operator":"is","values":[1]}])", "app is 1"},
      {R"([{"column":"app","operator":"is","values":[1]},{"column":"app","operator":"is","values":[2]}])",
       "app is 1 and app is 2"},
      {R"({"any":[{"column":"app","operator":"is","values":[1]}]})", "app is 1"},
      {R"({"all":[{"column":"app","operator":"is","values":[1]},[{"column":"app","operator":"is","values":[2]}]]})",
       "app is 1 and app is 2"},
      {R"({"\u0063olumn":"\u0061pp","operator":"\u0069s","values":[1]})", "app is 1"},
  };
  for (const auto& each : cases) {
    BOOST_TEST_CONTEXT(each.written) { BOOST_TEST(text_of(each.written) == each.canonical); }
  }
}

BOOST_AUTO_TEST_CASE(every_column_can_be_named) {
  for (const column_info& each : column_infos) {
    const std::string text = std::string(each.name) + " is null";
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(text_of(text) == text);
      BOOST_TEST(text_of(json_of(text)) == text);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_filter_may_be_as_large_as_its_limits_and_no_larger) {
  const auto conditions = [](std::size_t count) { return "app is 1" + repeated(" or app is 1", count - 1); };
  CHECK_OK(parse_filter(conditions(filter_conditions_max)));
  CHECK_OK(parse_filter(json_of(conditions(filter_conditions_max))));
  CHECK_FAILS(parse_filter(conditions(filter_conditions_max + 1)), errc::usage);

  const auto values = [](std::size_t count) { return "app is [1" + repeated(",1", count - 1) + "]"; };
  CHECK_OK(parse_filter(values(filter_values_max)));
  CHECK_FAILS(parse_filter(values(filter_values_max + 1)), errc::usage);
  CHECK_FAILS(parse_filter(values(filter_values_max) + " and app is 1"), errc::usage);

  const auto parentheses = [](std::size_t count) { return repeated("(", count) + "app is 1" + repeated(")", count); };
  CHECK_OK(parse_filter(parentheses(filter_depth_max)));
  CHECK_FAILS(parse_filter(parentheses(filter_depth_max + 1)), errc::usage);
  CHECK_FAILS(parse_filter(repeated("(", 1'000'000)), errc::usage);

  const auto lists = [](std::size_t count) {
    return repeated("[", count) + R"({"column":"app","operator":"is","values":[1]})" + repeated("]", count);
  };
  CHECK_OK(parse_filter(lists(filter_depth_max)));
  CHECK_FAILS(parse_filter(lists(filter_depth_max + 1)), errc::usage);
  CHECK_FAILS(parse_filter(repeated("[", 1'000'000)), errc::usage);
  CHECK_FAILS(parse_filter(repeated("{\"all\":[", 100'000)), errc::usage);

  const auto path = [](std::size_t count) { return "event_properties" + repeated(".a", count) + " is 1"; };
  CHECK_OK(parse_filter(path(filter_path_max)));
  CHECK_FAILS(parse_filter(path(filter_path_max + 1)), errc::usage);

  const auto text = [](std::size_t bytes) { return "city is \"" + std::string(bytes, 'x') + "\""; };
  CHECK_OK(parse_filter(text(filter_bytes_max - 100)));
  CHECK_FAILS(parse_filter(text(filter_bytes_max - 10)), errc::usage);  // the text would do; its JSON is too long
  CHECK_FAILS(parse_filter(text(filter_bytes_max)), errc::usage);
}

BOOST_AUTO_TEST_CASE(what_nests_without_parentheses_counts_too) {
  // `and` and `or` by turns: each pair of parentheses has two of them in each other.
  const auto turns = [](std::size_t count) {
    return repeated("app is 1 or app is 2 and (", count) + "app is 3" + repeated(")", count);
  };
  const filter deepest = parsed(turns(filter_depth_max / 2));
  BOOST_CHECK(parsed(to_text(deepest)) == deepest);
  BOOST_CHECK(parsed(to_json(deepest)) == deepest);
  CHECK_FAILS(parse_filter(turns(filter_depth_max / 2 + 1)), errc::usage);
}

BOOST_AUTO_TEST_CASE(a_column_that_a_form_lacks_is_told) {
  const filter whole = parsed("app is 1 and (city is null or plan.branch is \"main\")");
  BOOST_CHECK(find_missing_column(whole, model::record_form::documented) == column::plan);
  BOOST_CHECK(!find_missing_column(whole, model::record_form::observed));
  BOOST_CHECK(!find_missing_column(parsed("app is 1"), model::record_form::documented));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::record_filter_tests
