#include "record/record_reader.hpp"

#include "reading.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::record_record_reader_tests {
namespace {

using namespace std::string_literals;
using namespace spillway::record;
using spillway::model::record_form;
using spillway::test::default_rules;
using spillway::test::event_with;
using spillway::test::fixture;
using spillway::test::take;
using spillway::test::take_with;
using spillway::test::taken_line;
using spillway::test::without_gaps;

// The texts of JSONTestSuite whose names start with `first`, by name.
std::map<std::string, std::string> suite(char first) {
  std::map<std::string, std::string> texts;
  const std::filesystem::path folder = "json/test_parsing";
  for (const auto& each : std::filesystem::directory_iterator(std::filesystem::path(SPILLWAY_FIXTURES) / folder)) {
    const std::string name = each.path().filename();
    if (name[0] == first) {
      texts[name] = fixture(folder / name);
    }
  }
  return texts;
}

// The text as the value of one event property.
std::string embedded(std::string_view text) {
  return event_with(",\"event_properties\":{\"p\":" + std::string(text) + "}");
}

// The same on one line, as a file of events would have it.
std::string on_one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

// A failed line leaves nothing behind, a taken one is one line of JSON with exactly the form's keys in their order.
void check_outcome(const taken_line& taken, record_form form, std::string_view line) {
  if (!taken.is_taken()) {
    BOOST_REQUIRE_MESSAGE(taken.text.empty(), line);
    BOOST_REQUIRE_MESSAGE(!taken.reason().empty() && taken.byte() <= line.size(), line);
    return;
  }
  if (taken.facts->kind == event_kind::applied) {
    BOOST_REQUIRE_EQUAL(taken.text, line);
    return;
  }
  BOOST_REQUIRE(taken.text.ends_with("}\n"));
  boost::json::parse_options options;
  options.max_depth = depth_max;
  boost::json::error_code error;
  const boost::json::value parsed = boost::json::parse(taken.text, error, {}, options);
  if (error == boost::json::error::exponent_overflow) {
    return;  // 0e99999999999 is a number, whatever Boost says
  }
  BOOST_REQUIRE_MESSAGE(!error, line << "\n" << taken.text);
  std::vector<std::string> keys;
  for (const auto& [key, value] : parsed.as_object()) {
    keys.emplace_back(key);
  }
  std::vector<std::string> wanted;
  for (const column each : columns_of(form)) {
    wanted.emplace_back(info_of(each).name);
  }
  BOOST_REQUIRE_MESSAGE(keys == wanted, line << "\n" << taken.text);
  BOOST_REQUIRE_EQUAL(std::ranges::count(taken.text, '\n'), 1);
}

std::string nested(int levels) {
  return std::string(static_cast<std::size_t>(levels), '[') + std::string(static_cast<std::size_t>(levels), ']');
}

}  // namespace

BOOST_AUTO_TEST_SUITE(record_record_reader)

// ---- JSONTestSuite ----

BOOST_AUTO_TEST_CASE(what_json_test_suite_wants_taken_comes_out_byte_for_byte) {
  const auto texts = suite('y');
  BOOST_TEST(texts.size() == 95U);
  for (const auto& [name, text] : texts) {
    const std::string value = on_one_line(text);
    for (const record_form form : {record_form::documented, record_form::observed}) {
      const taken_line taken = take(embedded(value), form);
      BOOST_TEST_CONTEXT(name) {
        BOOST_REQUIRE_EQUAL(taken.reason(), "taken");
        BOOST_TEST(taken["event_properties"] == "{\"p\":" + without_gaps(value) + "}");
        check_outcome(taken, form, embedded(value));
      }
    }
  }
}

// Every one of them stays wrong as the value of a property, also those that close or open brackets: what they close
// is then missing at the end.
BOOST_AUTO_TEST_CASE(what_json_test_suite_wants_refused_is_rejected) {
  const auto texts = suite('n');
  BOOST_TEST(texts.size() == 188U);
  for (const auto& [name, text] : texts) {
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST(!take(embedded(text)).is_taken());
      BOOST_TEST(!take(text).is_taken());
      check_outcome(take(embedded(text)), record_form::documented, embedded(text));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_json_test_suite_leaves_open_is_decided) {
  const std::map<std::string, std::string> decisions = {
      {"i_number_double_huge_neg_exp.json", "taken"},
      {"i_number_huge_exp.json", "rejected"},
      {"i_number_neg_int_huge_exp.json", "rejected"},
      {"i_number_pos_double_huge_exp.json", "rejected"},
      {"i_number_real_neg_overflow.json", "rejected"},
      {"i_number_real_pos_overflow.json", "rejected"},
      {"i_number_real_underflow.json", "taken"},
      {"i_number_too_big_neg_int.json", "rejected"},
      {"i_number_too_big_pos_int.json", "rejected"},
      {"i_number_very_big_negative_int.json", "rejected"},
      {"i_object_key_lone_2nd_surrogate.json", "rejected"},
      {"i_string_1st_surrogate_but_2nd_missing.json", "rejected"},
      {"i_string_1st_valid_surrogate_2nd_invalid.json", "rejected"},
      {"i_string_UTF-16LE_with_BOM.json", "rejected"},
      {"i_string_UTF-8_invalid_sequence.json", "rejected"},
      {"i_string_UTF8_surrogate_U+D800.json", "rejected"},
      {"i_string_incomplete_surrogate_and_escape_valid.json", "rejected"},
      {"i_string_incomplete_surrogate_pair.json", "rejected"},
      {"i_string_incomplete_surrogates_escape_valid.json", "rejected"},
      {"i_string_invalid_lonely_surrogate.json", "rejected"},
      {"i_string_invalid_surrogate.json", "rejected"},
      {"i_string_invalid_utf-8.json", "rejected"},
      {"i_string_inverted_surrogates_U+1D11E.json", "rejected"},
      {"i_string_iso_latin_1.json", "rejected"},
      {"i_string_lone_second_surrogate.json", "rejected"},
      {"i_string_lone_utf8_continuation_byte.json", "rejected"},
      {"i_string_not_in_unicode_range.json", "rejected"},
      {"i_string_overlong_sequence_2_bytes.json", "rejected"},
      {"i_string_overlong_sequence_6_bytes.json", "rejected"},
      {"i_string_overlong_sequence_6_bytes_null.json", "rejected"},
      {"i_string_truncated-utf-8.json", "rejected"},
      {"i_string_utf16BE_no_BOM.json", "rejected"},
      {"i_string_utf16LE_no_BOM.json", "rejected"},
      {"i_structure_500_nested_arrays.json", "rejected"},
      {"i_structure_UTF-8_BOM_empty_object.json", "rejected"},
  };
  const auto texts = suite('i');
  BOOST_TEST(texts.size() == decisions.size());
  for (const auto& [name, text] : texts) {
    BOOST_TEST_CONTEXT(name) {
      BOOST_TEST((take(embedded(text)).is_taken() ? "taken" : "rejected") == decisions.at(name));
    }
  }
}

// ---- columns by name ----

BOOST_AUTO_TEST_CASE(an_escaped_name_is_a_column_too) {
  BOOST_TEST(take_with(R"(,"\u0061pp":187520)")["app"] == "187520");
  BOOST_TEST(take_with(R"(,"\u0024insert_id":"i","c\u0069ty":"Brno")")["city"] == R"("Brno")");
  BOOST_TEST(take_with(R"(,"city":"Brno","cit\u0079":"Praha")")["city"] == R"("Praha")");
  BOOST_TEST(take_with(R"(,"cit\u0079":"Praha","city":"Brno")")["city"] == R"("Brno")");
  // Escaped twice, it is another name.
  BOOST_TEST(take_with(R"(,"\\u0061pp":187520)")["app"] == "1");
}

BOOST_AUTO_TEST_CASE(the_line_before_does_not_show) {
  record_reader reader(default_rules(), {});
  const std::string lines[] = {event_with(R"(,"city":"Brno","country":"CZ")"),
                               event_with(R"(,"country":"CZ","city":"Brno")"),
                               event_with(""),
                               event_with(R"(,"x":1,"city":"Praha")"),
                               "{\"event_type\"",
                               event_with(R"(, "city" : "Brno")"),
                               event_with(R"(,"city":"Brno","country":"CZ","region":"JM")")};
  for (int round = 0; round < 2; ++round) {
    for (const std::string& line : lines) {
      std::string text;
      const auto facts = reader.take_line(line, {7}, text);
      const taken_line alone = take(line, record_form::documented, 7);
      BOOST_TEST(facts.has_value() == alone.is_taken());
      BOOST_TEST(text == alone.text);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_project_has_its_own_form) {
  record_reader reader(default_rules(), {record_form::documented, {{2, record_form::observed}}});
  std::string text;
  BOOST_REQUIRE(reader.take_line(event_with(R"(,"app":1)"), {}, text).has_value());
  BOOST_REQUIRE(reader.take_line(event_with(R"(,"app":2)"), {}, text).has_value());
  const std::size_t second = text.find('\n') + 1;
  BOOST_TEST(text.starts_with("{\"server_received_time\":"));
  BOOST_TEST(text.substr(second).starts_with("{\"$insert_id\":"));
}

BOOST_AUTO_TEST_CASE(keys_that_the_form_lacks_are_counted) {
  record_reader reader(default_rules(), {record_form::documented, {{2, record_form::observed}}});
  std::string text;
  BOOST_REQUIRE(reader.take_line(event_with(R"(,"plan":{},"mystery":1,"partner_id":null)"), {}, text).has_value());
  BOOST_REQUIRE(reader.take_line(event_with(R"(,"plan":{},"mystery":1,"mystery":2)"), {}, text).has_value());
  // In the observed form these are columns.
  BOOST_REQUIRE(reader.take_line(event_with(R"(,"app":2,"plan":{},"partner_id":"p")"), {}, text).has_value());
  const dropped_keys dropped = reader.dropped();
  const std::map<std::string, std::uint64_t, std::less<>> wanted = {{"mystery", 3}, {"partner_id", 1}, {"plan", 2}};
  BOOST_CHECK(dropped.counts() == wanted);
}

// An applied line is kept as it came, and a rejected one with its reason: nothing of them is dropped.
BOOST_AUTO_TEST_CASE(keys_of_lines_that_are_not_encoded_are_not_counted) {
  record_reader reader(default_rules(), {});
  std::string text;
  BOOST_REQUIRE(
      reader.take_line(event_with(R"(,"event_type":"$identify","mystery":1,"plan":{})"), {}, text).has_value());
  BOOST_REQUIRE(!reader.take_line(event_with(R"(,"event_type":null,"mystery":1,"plan":{})"), {}, text));
  BOOST_TEST(reader.dropped().counts().empty());
}

// ---- rejects ----

BOOST_AUTO_TEST_CASE(invalid_utf_8_is_rejected_at_its_byte) {
  const std::string front = R"({"event_type":"v)";
  const taken_line taken =
      take(front + "\xc3\xa9\xff" + R"(","device_id":"d","server_upload_time":"2020-01-25T17:00:05"})");
  BOOST_TEST(taken.reason() == "invalid UTF-8");
  BOOST_TEST(taken.byte() == front.size() + 2);
}

BOOST_AUTO_TEST_CASE(hostile_lines_are_rejected_with_a_reason) {
  const struct {
    std::string line;
    std::string reason;
  } table[] = {
      {"", "no JSON in it"},
      {"[]", "not an object"},
      {"null", "not an object"},
      {"{}", "no event_type"},
      {"\xef\xbb\xbf" + event_with(""), "not an object"},
      {event_with(",\"city\":\xef\xbb\xbf\"Brno\""), "not a JSON value"},
      {event_with("") + "x", "something behind the JSON value"},
      {event_with("") + event_with(""), "something behind the JSON value"},
      {event_with("") + ",", "something behind the JSON value"},
      {event_with("") + "\0"s, "something behind the JSON value"},
      {event_with(R"(,"city":"\ud800")"), "a lone surrogate"},
      {event_with(R"(,"x":{"\udc00":1})"), "a lone surrogate"},
      {event_with(",\"city\":\"\xed\xa0\x80\""), "invalid UTF-8"},
      {event_with(",\"city\":\"a\0b\""s), "a control character in a string"},
      {event_with(",\"city\":\"a\tb\""), "a control character in a string"},
      {event_with(R"(,"event_properties":{"p":1E400})"), "a number beyond a double"},
      {event_with(R"(,"mystery":[-1E400])"), "a number beyond a double"},
      {event_with(R"(,"event_properties":{"p":18446744073709551616})"), "an integer over 64 bits"},
      {event_with(R"(,"event_properties":{"p":-9223372036854775809})"), "an integer over 64 bits"},
      {event_with(R"(,"amplitude_id":9223372036854775808)"), "amplitude_id is a number that is no integer of 64 bits"},
      {event_with(R"(,"event_properties":{"p":NaN})"), "not a JSON value"},
      {event_with(",\"city\":'Brno'"), "not a JSON value"},
      {event_with(",\"city\":\"Brno\" // no comment"), "a comma or a closing bracket is missing"},
  };
  for (const auto& each : table) {
    BOOST_TEST_CONTEXT(each.line) { BOOST_TEST(take(each.line).reason() == each.reason); }
  }
}

BOOST_AUTO_TEST_CASE(white_space_around_a_line_is_allowed) {
  const std::string alone = take_with("").text;
  for (const std::string& line : {" " + event_with(""), event_with("") + "\r", "\t" + event_with("") + " \r"}) {
    const taken_line taken = take(line);
    BOOST_REQUIRE(taken.is_taken());
    BOOST_TEST(taken.text.size() == alone.size());
  }
}

BOOST_AUTO_TEST_CASE(an_event_may_be_64_levels_deep) {
  // The event is level 1, its event_properties level 2.
  BOOST_TEST(take(embedded(nested(62))).reason() == "taken");
  BOOST_TEST(take(embedded(nested(63))).reason() == "nested too deeply");
  BOOST_TEST(take_with(",\"mystery\":" + nested(64)).reason() == "nested too deeply");
}

BOOST_AUTO_TEST_CASE(a_line_may_have_4_mib) {
  const std::string front = event_with(R"(,"event_properties":{"p":")");
  const std::string open = front.substr(0, front.size() - 1);
  const std::string close = "\"}}";
  const std::string largest = open + std::string(line_bytes_max - open.size() - close.size(), 'x') + close;
  BOOST_REQUIRE_EQUAL(largest.size(), line_bytes_max);
  BOOST_TEST(take(largest).reason() == "taken");
  const taken_line longer = take(largest + " ");
  BOOST_TEST(longer.reason() == "longer than 4 MiB");
  BOOST_TEST(longer.byte() == line_bytes_max);
}

// ---- real records ----

BOOST_AUTO_TEST_CASE(real_records_come_out_of_the_observed_form_as_they_went_in) {
  auto rules = default_rules();
  rules.now = spillway::test::at("2023-08-27T00:00:00");
  const std::string text = fixture("events/observed-434735.jsonl");
  std::size_t lines = 0;
  for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const taken_line taken =
        take(std::string_view(text).substr(begin, end - begin), record_form::observed, begin, rules);
    BOOST_REQUIRE_EQUAL(taken.reason(), "taken");
    BOOST_TEST(taken.text == text.substr(begin, end - begin + 1));
    BOOST_TEST(taken.facts->project == 434735);
    ++lines;
  }
  BOOST_TEST(lines == 6U);
}

// ---- damage ----

BOOST_AUTO_TEST_CASE(random_damage_is_rejected_or_yields_a_whole_record) {
  const std::string seed = event_with(
      R"(,"app":187520,"$insert_id":"i-\u00e9",)"
      R"("user_id":"u", "event_properties":{"a":[1.5e3,null,{"b":"c\"d"}], "e":true},)"
      R"("amplitude_id":45975551903,"client_event_time":"2020-01-25 16:59:58.583000",)"
      R"("server_received_time":"2020-01-25T17:00:00",)"
      R"("client_upload_time":"2020-01-25T16:50:00Z","uuid":"bf0b9b2a-304d-11e6-934f-22000b56058f",)"
      R"("paying":"true","session_id":"-1",)"
      "\"location_lat\":49.1,\"groups\":{\"g\":[\"\xc3\xa9\"]},\"amplitude_attribution_ids\":[ ],\"city\":null");
  const std::string_view pieces[] = {"\"",        "\\",         "{",       "}",           "[",
                                     "]",         ",",          ":",       " ",           "\t",
                                     "0",         "-",          "e",       ".",           "\xc3",
                                     "\xff",      "\x01",       "null",    "true",        "{}",
                                     "\"\"",      "\\u",        "\\udc00", "\"city\":",   "\"event_time\":",
                                     "$identify", "9999-12-31", "1E400",   "\xef\xbb\xbf"};
  std::mt19937 random(17);
  const auto below = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  record_reader readers[] = {record_reader(default_rules(), {record_form::documented, {}}),
                             record_reader(default_rules(), {record_form::observed, {}})};
  int taken_count = 0;
  for (int round = 0; round < 10'000; ++round) {
    std::string line = seed;
    for (std::size_t changes = below(3) + 1; changes > 0; --changes) {
      const std::size_t place = below(line.size());
      switch (below(4)) {
        case 0: line.erase(place, below(5) + 1); break;
        case 1: line.insert(place, pieces[below(std::size(pieces))]); break;
        case 2: line.replace(place, 1, pieces[below(std::size(pieces))]); break;
        default: line[place] = static_cast<char>(below(256)); break;
      }
    }
    const record_form form = round % 2 == 0 ? record_form::documented : record_form::observed;
    std::string text;
    auto facts = readers[round % 2].take_line(line, {}, text);
    taken_count += facts.has_value() ? 1 : 0;
    check_outcome({std::move(facts), std::move(text)}, form, line);
  }
  BOOST_TEST(taken_count > 500);
}

BOOST_AUTO_TEST_CASE(an_event_cut_anywhere_is_rejected) {
  const std::string line = event_with(R"(,"app":187520,"event_properties":{"a":[1,"\u00e9"]},"paying":true)");
  for (std::size_t bytes = 0; bytes < line.size(); ++bytes) {
    BOOST_TEST(!take(line.substr(0, bytes)).is_taken());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::record_record_reader_tests
