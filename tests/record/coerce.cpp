#include "record/coerce.hpp"

#include "reading.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace spillway::record_coerce_tests {
namespace {

using namespace spillway::record;
using spillway::test::at;
using spillway::test::event_with;
using spillway::test::take;
using spillway::test::take_with;

struct coerced {
  std::string text;  // "rejected: ..." or the value as JSON
  spillway::base::instant when;
};

coerced coerce_value(column which, std::string_view json) {
  json_parser parser;
  const std::string line = "{\"x\":" + std::string(json) + "}";
  const auto members = parser.parse_object(line);
  BOOST_REQUIRE_MESSAGE(members.has_value(), line);
  columns event;
  event[which] = (*members)[0].value;
  coerced made;
  if (const auto wrong = coerce(event, which, made.when)) {
    made.text = "rejected: " + *wrong;
    return made;
  }
  const value& held = event[which];
  made.text = held.kind == value_kind::string ? '"' + std::string(held.text) + '"' : std::string(held.text);
  return made;
}

struct row {
  const char* json;
  const char* wanted;
};

void check_table(column which, const std::vector<row>& table) {
  for (const row& each : table) {
    BOOST_TEST_CONTEXT(info_of(which).name << ": " << each.json) {
      BOOST_TEST(coerce_value(which, each.json).text == each.wanted);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(record_coerce)

BOOST_AUTO_TEST_CASE(strings_take_scalars) {
  check_table(column::city, {{R"("Brno")", R"("Brno")"},
                             {R"("\u017e \" \n")", R"("\u017e \" \n")"},
                             {R"("")", R"("")"},
                             {"1.10", R"("1.10")"},
                             {"1e5", R"("1e5")"},
                             {"9007199254740993", R"("9007199254740993")"},
                             {"true", R"("true")"},
                             {"{}", "rejected: an object, not a string"},
                             {"[1]", "rejected: an array, not a string"}});
}

BOOST_AUTO_TEST_CASE(integers_take_what_is_whole_and_fits_64_bits) {
  check_table(column::session_id, {{"42", "42"},
                                   {"-1", "-1"},
                                   {"-0", "-0"},
                                   {"9223372036854775807", "9223372036854775807"},
                                   {"-9223372036854775808", "-9223372036854775808"},
                                   {R"("42")", "42"},
                                   {R"("-1")", "-1"},
                                   {R"("9007199254740993")", "9007199254740993"},
                                   {"42.0", "42"},
                                   {"4.2e1", "42"},
                                   {"1E3", "1000"},
                                   {"9007199254740992.0", "9007199254740992"},
                                   {"9223372036854775808", "rejected: a number that is no integer of 64 bits"},
                                   {"18446744073709551615", "rejected: a number that is no integer of 64 bits"},
                                   {"42.5", "rejected: a number that is no integer of 64 bits"},
                                   {"1e300", "rejected: a number that is no integer of 64 bits"},
                                   {R"("9223372036854775808")", "rejected: a string, not an integer"},
                                   {R"("042")", "rejected: a string, not an integer"},
                                   {R"("+42")", "rejected: a string, not an integer"},
                                   {R"(" 42")", "rejected: a string, not an integer"},
                                   {R"("42 ")", "rejected: a string, not an integer"},
                                   {R"("42.0")", "rejected: a string, not an integer"},
                                   {R"("0x2a")", "rejected: a string, not an integer"},
                                   {R"("")", "rejected: a string, not an integer"},
                                   {"true", "rejected: a boolean, not an integer"},
                                   {"{}", "rejected: an object, not an integer"},
                                   {"[42]", "rejected: an array, not an integer"}});
}

// A double would lose their last digits.
BOOST_AUTO_TEST_CASE(a_whole_number_with_a_point_or_an_exponent_keeps_every_digit) {
  check_table(column::session_id, {{"9007199254740991.0", "9007199254740991"},
                                   {"9007199254740993.0", "9007199254740993"},
                                   {"-9007199254740993.0", "-9007199254740993"},
                                   {"9.007199254740993e15", "9007199254740993"},
                                   {"0.09007199254740993e17", "9007199254740993"},
                                   {"9007199254740993000e-3", "9007199254740993"},
                                   {"9223372036854775807.000", "9223372036854775807"},
                                   {"-9.223372036854775808e18", "-9223372036854775808"},
                                   {"9223372036854775808.0", "rejected: a number that is no integer of 64 bits"},
                                   {"1e18", "1000000000000000000"},
                                   {"1e19", "rejected: a number that is no integer of 64 bits"},
                                   {"9007199254740993.5", "rejected: a number that is no integer of 64 bits"}});
}

// A double would round these to whole numbers.
BOOST_AUTO_TEST_CASE(a_number_that_only_rounds_to_a_whole_one_is_no_integer) {
  for (const char* json : {"1e-400", "-1e-400", "42.00000000000000000001", "0.99999999999999999999", "1e-30"}) {
    BOOST_TEST_CONTEXT(json) {
      BOOST_TEST(coerce_value(column::session_id, json).text == "rejected: a number that is no integer of 64 bits");
    }
  }
  check_table(column::session_id,
              {{"0.000", "0"}, {"0e-400", "0"}, {"1200e-2", "12"}, {"0.5e1", "5"}, {"1.50e1", "15"}});
}

BOOST_AUTO_TEST_CASE(numbers_take_numbers_and_strings_that_are_some) {
  check_table(column::location_lat, {{"49.1950610", "49.1950610"},
                                     {"-1", "-1"},
                                     {"1e5", "1e5"},
                                     {R"("49.1950610")", "49.1950610"},
                                     {R"("1E-3")", "1E-3"},
                                     {R"("1e400")", "rejected: a string, not a number"},
                                     {R"("18446744073709551616")", "rejected: a string, not a number"},
                                     {R"("1,5")", "rejected: a string, not a number"},
                                     {R"("NaN")", "rejected: a string, not a number"},
                                     {R"("")", "rejected: a string, not a number"},
                                     {R"(" 1")", "rejected: a string, not a number"},
                                     {"false", "rejected: a boolean, not a number"},
                                     {"[1]", "rejected: an array, not a number"}});
  check_table(column::sample_rate, {{"0.1", "0.1"}, {R"("x")", "rejected: a string, not a number"}});
}

BOOST_AUTO_TEST_CASE(booleans_take_their_two_words) {
  check_table(column::paying, {{"true", "true"},
                               {"false", "false"},
                               {R"("true")", "true"},
                               {R"("false")", "false"},
                               {R"("True")", "rejected: a string, not a boolean"},
                               {"\"(none)\"", "rejected: a string, not a boolean"},
                               {R"("")", "rejected: a string, not a boolean"},
                               {"1", "rejected: a number, not a boolean"},
                               {"0", "rejected: a number, not a boolean"},
                               {"{}", "rejected: an object, not a boolean"}});
}

BOOST_AUTO_TEST_CASE(how_json_writes_a_character_does_not_matter) {
  check_table(column::session_id, {{R"("\u0034\u0032")", "42"}, {R"("4\n")", "rejected: a string, not an integer"}});
  check_table(column::location_lat, {{R"("4\u002e5")", "4.5"}});
  check_table(column::paying, {{R"("tr\u0075e")", "true"}});
  check_table(column::uuid,
              {{R"("bf0b9b2a\u002d304d-11e6-934f-22000b56058f")", R"("bf0b9b2a-304d-11e6-934f-22000b56058f")"}});
  check_table(column::event_time,
              {{R"("2015-08-10T12:00:00.000000\u0020")", "rejected: not a time like 2015-08-10T12:00:00.000000"},
               {R"("2015-08-10T14:00:00\u002B02:00")", R"("2015-08-10 12:00:00.000000")"},
               {R"("2015\u002d08-10T12:00:00.000000")", R"("2015-08-10T12:00:00.000000")"}});
}

BOOST_AUTO_TEST_CASE(times_are_normalised) {
  const struct {
    const char* json;
    const char* wanted;  // 26 characters; the 11th is either
  } table[] = {{R"("2015-08-10T12:00:00.000000")", "2015-08-10T12:00:00.000000"},
               {R"("2015-08-10 12:00:00.000000")", "2015-08-10 12:00:00.000000"},
               {R"("2015-08-10T12:00:00.123456Z")", "2015-08-10 12:00:00.123456"},
               {R"("2015-08-10T12:00:00")", "2015-08-10 12:00:00.000000"},
               {R"("2015-08-10T12:00:00Z")", "2015-08-10 12:00:00.000000"},
               {R"("2015-08-10T12:00:00.5")", "2015-08-10 12:00:00.500000"},
               {R"("2015-08-10T12:00:00.123456789")", "2015-08-10 12:00:00.123456"},
               {R"("2015-08-10T12:00:00+02:00")", "2015-08-10 10:00:00.000000"},
               {R"("2015-08-10T00:30:00+0100")", "2015-08-09 23:30:00.000000"},
               {R"("2015-08-10T12:00:00-05")", "2015-08-10 17:00:00.000000"},
               {R"("2016-12-31T23:59:60.000000")", "2017-01-01 00:00:00.000000"},
               // 26 characters, and not yet normal: the last six are no decimals.
               {R"("2015-08-10T12:00:00.1+0100")", "2015-08-10 11:00:00.100000"},
               {R"("2015-08-10T12:00:00.12345Z")", "2015-08-10 12:00:00.123450"}};
  for (const auto& each : table) {
    const coerced made = coerce_value(column::event_time, each.json);
    BOOST_TEST_CONTEXT(each.json) {
      BOOST_TEST(made.text == '"' + std::string(each.wanted) + '"');
      BOOST_TEST((made.when == at(each.wanted)));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_time_is_rejected) {
  for (const char* json : {R"("")", R"("yesterday")", R"("2015-02-30T12:00:00")", R"("2015-08-10")",
                           R"("2015-08-10T24:00:00")", R"("2015-08-10T12:00:00 ")", R"("0000-01-01T00:00:00")",
                           R"("2015-08-10t12:00:00")", R"("2015-08-10T12:00:00.")", R"("1439208000000")"}) {
    BOOST_TEST_CONTEXT(json) {
      BOOST_TEST(coerce_value(column::event_time, json).text == "rejected: not a time like 2015-08-10T12:00:00.000000");
    }
  }
  check_table(column::event_time, {{"1439208000000", "rejected: a number, not a time like 2015-08-10T12:00:00.000000"},
                                   {"true", "rejected: a boolean, not a time like 2015-08-10T12:00:00.000000"},
                                   {"{}", "rejected: an object, not a time like 2015-08-10T12:00:00.000000"}});
}

BOOST_AUTO_TEST_CASE(uuids_are_32_hexadecimal_digits_in_five_groups) {
  check_table(column::uuid, {{R"("bf0b9b2a-304d-11e6-934f-22000b56058f")", R"("bf0b9b2a-304d-11e6-934f-22000b56058f")"},
                             {R"("BF0B9B2A-304D-11E6-934F-22000B56058F")", R"("BF0B9B2A-304D-11E6-934F-22000B56058F")"},
                             {R"("bf0b9b2a304d11e6934f22000b56058f")", "rejected: not a UUID"},
                             {R"("bf0b9b2a-304d-11e6-934f-22000b56058g")", "rejected: not a UUID"},
                             {R"("{bf0b9b2a-304d-11e6-934f-22000b56058f}")", "rejected: not a UUID"},
                             {R"("bf0b9b2a-304d-11e6-934f22000b56058f-")", "rejected: not a UUID"},
                             {R"("")", "rejected: not a UUID"},
                             {"12", "rejected: not a UUID"},
                             {"[]", "rejected: not a UUID"}});
}

BOOST_AUTO_TEST_CASE(dicts_take_objects_only) {
  check_table(column::event_properties, {{R"({"a":{"b":[1]}})", R"({"a":{"b":[1]}})"},
                                         {"{}", "{}"},
                                         {"[]", "rejected: an array, not an object"},
                                         {R"("{}")", "rejected: a string, not an object"},
                                         {"1", "rejected: a number, not an object"},
                                         {"false", "rejected: a boolean, not an object"}});
}

BOOST_AUTO_TEST_CASE(attribution_ids_are_an_array_or_a_string) {
  check_table(column::amplitude_attribution_ids, {{R"(["a","b"])", R"(["a","b"])"},
                                                  {R"("a")", R"("a")"},
                                                  {"1", "rejected: a number, not an array"},
                                                  {"true", "rejected: a boolean, not an array"},
                                                  {"{}", "rejected: an object, not an array"}});
}

BOOST_AUTO_TEST_CASE(every_column_names_itself_and_its_place_when_it_is_rejected) {
  for (const column each : columns_of(spillway::model::record_form::observed)) {
    const column_info& info = info_of(each);
    const bool takes_arrays = info.type == column_type::attribution;
    const bool takes_objects = info.type == column_type::dict;
    const std::string front = ",\"" + std::string(info.name) + "\": ";
    const std::string line = event_with(front + (takes_arrays || takes_objects ? "7" : "[7]"));
    const auto taken = take(line, spillway::model::record_form::observed);  // which has all of them
    BOOST_TEST_CONTEXT(info.name) {
      BOOST_TEST(!taken.is_taken());
      BOOST_TEST(taken.reason().starts_with(std::string(info.name) + " is "));
      BOOST_TEST(taken.byte() == event_with(front).size() - 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(null_is_taken_in_every_column_that_an_event_can_do_without) {
  for (const column each : columns_of(spillway::model::record_form::observed)) {
    if (each == column::event_type || each == column::device_id || each == column::server_upload_time ||
        each == column::app) {
      continue;
    }
    const std::string name(info_of(each).name);
    const auto taken =
        spillway::test::take(event_with(",\"" + name + "\":null"), spillway::model::record_form::observed);
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST(taken.reason() == "taken");
      BOOST_TEST(taken[name] == "null");
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::record_coerce_tests
