#include "record/event_filter.hpp"

#include "reading.hpp"
#include "support/check_result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace spillway::record_event_filter_tests {
namespace {

using namespace spillway::record;
using spillway::test::take_with;

event_filter made(std::string_view text) {
  const auto wanted = parse_filter(text);
  BOOST_REQUIRE_MESSAGE(wanted.has_value(), text << ": " << wanted.error().text());
  return event_filter(*wanted);
}

bool selects(std::string_view text, std::string_view line) {
  const auto selected = made(text).matches(line);
  BOOST_REQUIRE_MESSAGE(selected.has_value(), line);
  return *selected;
}

// A line whose property `x` is this JSON; "" : it has none.
std::string with_property(std::string_view json) {
  return R"({"app":1,"event_properties":{"w":[0],)" + (json.empty() ? "" : R"("x":)" + std::string(json) + ",") +
         R"("z":0},"city":null})";
}

// One operator with its values, and which properties it selects of all below.
struct operator_case {
  std::string_view condition;
  std::vector<std::string_view> selected;
};

// Every kind of value there is.
const std::vector<std::string_view> all_values = {"",
                                                  "null",
                                                  "true",
                                                  "false",
                                                  R"("")",
                                                  R"("a")",
                                                  R"("A")",
                                                  R"("\u0061")",
                                                  R"("ab")",
                                                  "1",
                                                  "1.0",
                                                  "1e0",
                                                  "2",
                                                  "-1",
                                                  R"("1")",
                                                  R"("null")",
                                                  R"("true")",
                                                  "[]",
                                                  "[null]",
                                                  R"(["a"])",
                                                  R"(["a","b"])",
                                                  R"(["b","a","a"])",
                                                  "[1,2]",
                                                  "[1.0]",
                                                  R"([[1],{"a":1}])",
                                                  "{}",
                                                  R"({"a":1})",
                                                  R"(["a",1,true,null])"};

void check_selected(const operator_case& each) {
  for (const std::string_view json : all_values) {
    const bool wanted = std::ranges::find(each.selected, json) != each.selected.end();
    const std::string condition = "event_properties.x " + std::string(each.condition);
    BOOST_TEST(selects(condition, with_property(json)) == wanted, condition << " of " << json);
  }
}

void check_opposites(std::string_view positive, std::string_view negative, std::string_view values) {
  for (const std::string_view json : all_values) {
    const std::string line = with_property(json);
    const std::string property = "event_properties.x ";
    BOOST_TEST(selects(property + std::string(positive) + std::string(values), line) !=
                   selects(property + std::string(negative) + std::string(values), line),
               negative << values << " of " << json);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(record_event_filter)

BOOST_AUTO_TEST_CASE(is_selects_a_value_and_an_array_that_has_it) {
  const operator_case cases[] = {
      {R"(is "a")", {R"("a")", R"("\u0061")", R"(["a"])", R"(["a","b"])", R"(["b","a","a"])", R"(["a",1,true,null])"}},
      {R"(is ["ab", "b"])", {R"("ab")", R"(["a","b"])", R"(["b","a","a"])"}},
      {R"(is "")", {R"("")"}},
      {"is 1", {"1", "1.0", "1e0", "[1,2]", "[1.0]", R"(["a",1,true,null])"}},
      {"is 10e-1", {"1", "1.0", "1e0", "[1,2]", "[1.0]", R"(["a",1,true,null])"}},
      {R"(is "1")", {R"("1")"}},
      {"is true", {"true", R"(["a",1,true,null])"}},
      {"is false", {"false"}},
      {R"(is "true")", {R"("true")"}},
      {"is null", {"", "null", "[null]", R"(["a",1,true,null])"}},
      {R"(is "null")", {R"("null")"}},
      {R"(is [null, 2, "A"])", {"", "null", "[null]", "2", "[1,2]", R"("A")", R"(["a",1,true,null])"}},
  };
  for (const operator_case& each : cases) {
    check_selected(each);
  }
}

BOOST_AUTO_TEST_CASE(set_is_compares_all_that_is_held) {
  const operator_case cases[] = {
      {R"(set is "a")", {R"("a")", R"("\u0061")", R"(["a"])"}},
      {R"(set is ["a", "b"])", {R"(["a","b"])", R"(["b","a","a"])"}},
      {R"(set is ["b", "a", "b"])", {R"(["a","b"])", R"(["b","a","a"])"}},
      {"set is []", {"[]"}},
      {"set is null", {"", "null", "[null]"}},
      {"set is 1", {"1", "1.0", "1e0", "[1.0]"}},
      {"set is [2, 1.0, 1]", {"[1,2]"}},
      {R"(set is [null, true, 1, "a"])", {R"(["a",1,true,null])"}},
      {R"(set is ["a", "b", "c"])", {}},
  };
  for (const operator_case& each : cases) {
    check_selected(each);
  }
}

BOOST_AUTO_TEST_CASE(contains_looks_into_strings_and_not_at_capitals) {
  const operator_case cases[] = {
      {R"(contains "a")",
       {R"("a")", R"("A")", R"("\u0061")", R"("ab")", R"(["a"])", R"(["a","b"])", R"(["b","a","a"])",
        R"(["a",1,true,null])"}},
      {R"(contains "AB")", {R"("ab")"}},
      {R"(contains ["B", "ull"])", {R"("ab")", R"("null")", R"(["a","b"])", R"(["b","a","a"])"}},
      {R"(contains "1")", {R"("1")"}},
      {R"(contains "")",
       {R"("")", R"("a")", R"("A")", R"("\u0061")", R"("ab")", R"("1")", R"("null")", R"("true")", R"(["a"])",
        R"(["a","b"])", R"(["b","a","a"])", R"(["a",1,true,null])"}},
  };
  for (const operator_case& each : cases) {
    check_selected(each);
  }
  BOOST_TEST(
      selects("event_properties.x contains \"ŘÍLIŠ\"", with_property(R"("P\u0159\u00EDli\u0161 \u017elu\u0165")")));
  BOOST_TEST(selects(R"(event_properties.x contains "\"\\")", with_property(R"("say \"\\\"")")));
}

BOOST_AUTO_TEST_CASE(less_and_greater_compare_numbers_alone) {
  const operator_case cases[] = {
      {"less 1", {"-1"}},
      {"less or equal 1", {"-1", "1", "1.0", "1e0", "[1,2]", "[1.0]", R"(["a",1,true,null])"}},
      {"greater 1", {"2", "[1,2]"}},
      {"greater 1.999", {"2", "[1,2]"}},
      {"greater or equal 1.0", {"1", "1.0", "1e0", "2", "[1,2]", "[1.0]", R"(["a",1,true,null])"}},
      {"greater or equal 3", {}},
  };
  for (const operator_case& each : cases) {
    check_selected(each);
  }
}

BOOST_AUTO_TEST_CASE(the_table_of_the_documentation_is_true) {
  // Rows and columns of docs/formats.md, "What a condition means".
  const std::string_view conditions[] = {
      R"(is "a")", R"(is not "a")", "is null", R"(set is "a")", R"(set is ["a", "b"])", R"(contains "A")", "greater 1"};
  const struct {
    std::string_view json;
    std::string_view holds;  // one letter a condition
  } rows[] = {
      {"", "-yy----"},
      {"null", "-yy----"},
      {R"("a")", "y--y-y-"},
      {R"("ab")", "-y---y-"},
      {R"(["b","a"])", "y---yy-"},
      {"[]", "-y-----"},
      {"{}", "-y-----"},
      {"2", "-y----y"},
      {R"("2")", "-y-----"},
  };
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < std::size(conditions); ++i) {
      const bool holds = selects("event_properties.x " + std::string(conditions[i]), with_property(row.json));
      BOOST_TEST(holds == (row.holds[i] == 'y'), conditions[i] << " of " << row.json);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_negation_selects_what_its_operator_does_not) {
  for (const char* values : {R"( "a")", " 1", " null", R"( ["a", "b", 2])", " true"}) {
    check_opposites("is", "is not", values);
    check_opposites("set is", "set is not", values);
  }
  check_opposites("set is", "set is not", " []");
  check_opposites("contains", "does not contain", R"( "a")");
  check_opposites("contains", "does not contain", R"( ["b", "1"])");
  BOOST_TEST(selects(R"(event_properties.x is not "a")", with_property("")));
  BOOST_TEST(selects(R"(event_properties.x does not contain "a")", with_property("null")));
  BOOST_TEST(selects(R"(event_properties.x set is not "a")", with_property("")));
}

BOOST_AUTO_TEST_CASE(integers_of_64_bits_are_told_apart) {
  const std::string line = R"({"amplitude_id":9007199254740993,"event_properties":{"x":18446744073709551615}})";
  BOOST_TEST(selects("amplitude_id is 9007199254740993", line));
  BOOST_TEST(!selects("amplitude_id is 9007199254740992", line));
  BOOST_TEST(selects("amplitude_id greater 9007199254740992", line));
  BOOST_TEST(selects("event_properties.x is 18446744073709551615.0", line));
  BOOST_TEST(selects("event_properties.x greater 18446744073709551614", line));
}

BOOST_AUTO_TEST_CASE(a_time_is_the_same_in_both_forms_and_in_any_zone) {
  for (const char separator : {'T', ' '}) {
    const std::string line = std::string(R"({"event_time":"2020-01-25)") + separator + R"(17:00:00.000000"})";
    const struct {
      std::string_view condition;
      bool wanted;
    } cases[] = {
        {R"(is "2020-01-25T17:00:00.000000")", true},
        {R"(is "2020-01-25 17:00:00")", true},
        {R"(is "2020-01-25T18:00:00+01:00")", true},
        {R"(is "2020-01-25T17:00:00.000001")", false},
        {R"(is not "2020-01-25 17:00:00Z")", false},
        {R"(is ["2020-01-24", "2020-01-25 17:00:00"])", true},
        {R"(set is "2020-01-25 17:00:00")", true},
        {R"(is null)", false},
        {R"(less "2020-01-25T17:00:00")", false},
        {R"(less or equal "2020-01-25T17:00:00")", true},
        {R"(less "2020-01-25 17:00:00.000001")", true},
        {R"(less "2020-01-26")", true},
        {R"(greater "2020-01-25")", true},
        {R"(greater "2020-01-25 17:00:00")", false},
        {R"(greater or equal "2020-01-25 17:00:00")", true},
        {R"(contains "2020-01-25")", true},
        {R"(contains "25 17:")", true},
        {R"(contains "25T17:")", true},
        {R"(does not contain "26")", true},
    };
    for (const auto& each : cases) {
      BOOST_TEST(selects("event_time " + std::string(each.condition), line) == each.wanted, each.condition << line);
    }
  }
  BOOST_TEST(!selects(R"(event_time less "2020-01-25")", R"({"event_time":null})"));
  BOOST_TEST(!selects(R"(event_time greater "2020-01-25")", R"({})"));
}

BOOST_AUTO_TEST_CASE(a_uuid_is_the_same_in_capitals) {
  const std::string line = R"({"uuid":"BF0b9b2a-304d-11e6-934f-22000b56058f","device_id":"AB"})";
  BOOST_TEST(selects(R"(uuid is "bf0B9b2a-304d-11e6-934f-22000b56058F")", line));
  BOOST_TEST(!selects(R"(device_id is "ab")", line));
}

BOOST_AUTO_TEST_CASE(a_column_of_properties_that_is_empty_is_none) {
  BOOST_TEST(selects("groups is null", R"({"groups":{}})"));
  BOOST_TEST(selects("groups is null", R"({"groups":null})"));
  BOOST_TEST(selects("groups is null", "{}"));
  BOOST_TEST(selects("groups is not null", R"({"groups":{"a":null}})"));
  BOOST_TEST(!selects("groups is null", R"({"groups":{"a":null}})"));
}

BOOST_AUTO_TEST_CASE(a_path_goes_through_objects_and_arrays_of_objects) {
  const std::string line =
      R"({"event_properties":{"cart":[{"price":5,"tags":["a"]},7,{"price":7},[{"price":9}]],"a.b":1,"a":{"b":2,"c":null},)"
      R"("e":[]},"groups":{"company":["Acme","Umbrella"]},"group_properties":{"company":{"Acme":{"plan":"gold"}}}})";
  BOOST_TEST(selects("event_properties.cart.price set is [7, 5]", line));
  BOOST_TEST(selects("event_properties.cart.tags is \"a\"", line));
  BOOST_TEST(selects("event_properties.cart.colour is null", line));
  BOOST_TEST(selects("event_properties.\"a.b\" is 1", line));
  BOOST_TEST(selects("event_properties.a.b is 2", line));
  BOOST_TEST(selects("event_properties.a.c is null", line));
  BOOST_TEST(selects("event_properties.a.b.c is null", line));
  BOOST_TEST(selects("event_properties.e set is []", line));
  BOOST_TEST(selects("event_properties.e.f is null", line));
  BOOST_TEST(selects("groups.company is \"Umbrella\"", line));
  BOOST_TEST(selects("group_properties.company.Acme.plan is \"gold\"", line));
  BOOST_TEST(!selects("group_properties.company.Umbrella.plan is \"gold\"", line));
}

BOOST_AUTO_TEST_CASE(of_a_repeated_property_the_last_counts_and_keys_are_compared_by_their_characters) {
  BOOST_TEST(selects("event_properties.x is 2", R"({"event_properties":{"x":1,"\u0078":2}})"));
  BOOST_TEST(!selects("event_properties.x is 1", R"({"event_properties":{"x":1,"\u0078":2}})"));
  BOOST_TEST(selects(R"(event_properties."\u00e9\n" is 1)", R"({"event_properties":{"é\n":1}})"));
}

BOOST_AUTO_TEST_CASE(attributions_are_an_array_or_a_string) {
  BOOST_TEST(selects(R"(amplitude_attribution_ids is "b")", R"({"amplitude_attribution_ids":["a","b"]})"));
  BOOST_TEST(selects(R"(amplitude_attribution_ids is "b")", R"({"amplitude_attribution_ids":"b"})"));
  BOOST_TEST(selects(R"(amplitude_attribution_ids is null)", R"({"amplitude_attribution_ids":null})"));
}

BOOST_AUTO_TEST_CASE(conditions_are_joined_by_and_and_or) {
  const auto of = [](int a, int b, int c) {
    return R"({"event_properties":{"a":)" + std::to_string(a) + ",\"b\":" + std::to_string(b) +
           ",\"c\":" + std::to_string(c) + "}}";
  };
  for (int bits = 0; bits < 8; ++bits) {
    const bool a = (bits & 1) != 0;
    const bool b = (bits & 2) != 0;
    const bool c = (bits & 4) != 0;
    const std::string line = of(a ? 1 : 0, b ? 1 : 0, c ? 1 : 0);
    const std::string is_a = "event_properties.a is 1";
    const std::string is_b = "event_properties.b is 1";
    const std::string is_c = "event_properties.c is 1";
    BOOST_TEST(selects(is_a + " or " + is_b + " and " + is_c, line) == (a || (b && c)));
    BOOST_TEST(selects("(" + is_a + " or " + is_b + ") and " + is_c, line) == ((a || b) && c));
    BOOST_TEST(selects(is_a + " and " + is_b + " and " + is_c, line) == (a && b && c));
    BOOST_TEST(selects(is_a + " or " + is_b + " or " + is_c, line) == (a || b || c));
  }
}

BOOST_AUTO_TEST_CASE(encoded_events_of_both_forms_are_selected_alike) {
  const std::string more = R"(,"city":"Brno \u010cern\u00e1","app":7,"event_properties":{"price":10.50},"plan":null)";
  for (const auto form : {model::record_form::documented, model::record_form::observed}) {
    const auto taken = test::take(test::event_with(more), form);
    BOOST_REQUIRE(taken.is_taken());
    const auto all =
        made(
            "event_type is \"view\" and app is 7 and city contains \"černá\" and event_properties.price is 10.5 and "
            "server_upload_time is \"2020-01-25 17:00:05\" and plan is null and user_id is null and groups is null")
            .matches(taken.text);
    BOOST_TEST((all.has_value() && *all));
  }
}

BOOST_AUTO_TEST_CASE(a_filter_is_used_for_line_after_line) {
  auto filter = made("event_properties.x is 1 and city is null");
  std::string lines;
  std::vector<bool> wanted;
  for (int i = 0; i < 100; ++i) {
    // The order of columns changes under way, and some lines have none.
    lines += i % 3 == 0 ? with_property("1") : i % 3 == 1 ? R"({"city":null,"event_properties":{"x":[2,1]}})" : "{}";
    lines += '\n';
    wanted.push_back(i % 3 != 2);
  }
  std::string_view rest = lines;
  for (const bool each : wanted) {
    const std::size_t bytes = rest.find('\n') + 1;
    BOOST_TEST(filter.matches(rest.substr(0, bytes)).value() == each);
    rest.remove_prefix(bytes);
  }
}

BOOST_AUTO_TEST_CASE(a_line_that_is_no_object_is_a_flaw) {
  auto filter = made("city is not \"a\"");
  for (const char* line : {"", "[]", "1", R"({"city":"a")", R"({"city":tru})"}) {
    BOOST_TEST(!filter.matches(line).has_value(), line);
  }
  BOOST_TEST(filter.matches("{}").value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::record_event_filter_tests
