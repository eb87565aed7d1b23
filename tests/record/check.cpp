#include "record/check.hpp"

#include "reading.hpp"

#include <regex>
#include <set>
#include <string>
#include <string_view>

namespace spillway::record_check_tests {
namespace {

using namespace std::chrono_literals;
using namespace spillway::record;
using spillway::base::instant;
using spillway::test::at;
using spillway::test::default_rules;
using spillway::test::event_with;
using spillway::test::take;
using spillway::test::take_with;
using spillway::test::taken_line;

constexpr auto documented = spillway::model::record_form::documented;
constexpr std::string_view uuid_text = "bf0b9b2a-304d-11e6-934f-22000b56058f";

std::string quoted_time(std::string_view text) { return std::string("\"").append(text).append("\""); }

// An event with these times and no other.
taken_line take_times(std::string_view times) {
  return take(R"({"event_type":"view","device_id":"d",)" + std::string(times) + "}");
}

duplicate_key key_of(const taken_line& taken) {
  BOOST_REQUIRE_MESSAGE(taken.is_taken(), taken.reason());
  BOOST_REQUIRE(taken.facts->key.has_value());
  return *taken.facts->key;
}
duplicate_key key_with(std::string_view more) { return key_of(take_with(more)); }

}  // namespace

BOOST_AUTO_TEST_SUITE(record_check)

// ---- times ----

// "Keys that the form lacks are dropped": whatever is in them.
BOOST_AUTO_TEST_CASE(the_type_of_a_column_that_the_form_lacks_matters_to_nobody) {
  for (const char* more : {R"(,"plan":"x")", R"(,"$insert_key":{},"app":"42")", R"(,"user_creation_time":"never")",
                           R"(,"source_id":{},"data_type":[],"partner_id":{})"}) {
    BOOST_TEST(take_with(more).reason() == "taken");
    BOOST_TEST(take(event_with(more), spillway::model::record_form::observed).reason() != "taken");
  }
  BOOST_TEST(take_with(R"(,"plan":"x","app":true)").reason() == "app is a boolean, not an integer");
}

BOOST_AUTO_TEST_CASE(the_upload_time_decides_the_hour) {
  const auto taken = take_times(
      R"("server_upload_time":"2020-01-25T17:00:05.000000","server_received_time":"2020-01-25T16:59:59.000000")");
  BOOST_REQUIRE(taken.is_taken());
  BOOST_CHECK(taken.facts->uploaded_at == at("2020-01-25T17:00:05"));
}

BOOST_AUTO_TEST_CASE(without_an_upload_time_the_received_time_is_taken_and_written) {
  for (const bool is_null : {false, true}) {
    const auto taken = take_times(std::string(is_null ? R"("server_upload_time":null,)" : "") +
                                  R"("server_received_time":"2020-01-25T16:59:59.5")");
    BOOST_REQUIRE(taken.is_taken());
    BOOST_CHECK(taken.facts->uploaded_at == at("2020-01-25T16:59:59.5"));
    BOOST_TEST(taken["server_upload_time"] == (is_null ? "null" : quoted_time("2020-01-25T16:59:59.500000")));
  }
}

BOOST_AUTO_TEST_CASE(an_event_with_neither_server_time_is_rejected) {
  for (const char* times :
       {R"("client_event_time":"2020-01-25T16:00:00")", R"("server_upload_time":null)",
        R"("server_upload_time":null,"server_received_time":null,"event_time":"2020-01-25T16:00:00")"}) {
    BOOST_TEST(take_times(times).reason() == "neither server_upload_time nor server_received_time");
  }
}

BOOST_AUTO_TEST_CASE(an_upload_time_may_be_an_hour_ahead_and_no_more) {
  BOOST_TEST(take_times(R"("server_upload_time":"2020-01-25T19:00:00.000000")").reason() == "taken");
  const auto late = take_times(R"("server_upload_time":"2020-01-25T19:00:00.000001")");
  BOOST_TEST(late.reason() ==
             "server_upload_time is 2020-01-25T19:00:00Z, more than an hour after the clock (2020-01-25T18:00:00Z)");
  BOOST_TEST(late.byte() == std::string_view(R"({"event_type":"view","device_id":"d","server_upload_time":")").size());
  BOOST_TEST(take_times(R"("server_received_time":"2020-01-25T19:00:00")").reason() == "taken");
  BOOST_TEST(take_times(R"("server_received_time":"2020-01-25T19:00:01")")
                 .reason()
                 .starts_with("server_received_time is 2020-01-25T19:00:01Z, more than an hour"));
  // The clock looks at what decides the hour, and at nothing else.
  BOOST_TEST(take_times(R"("server_upload_time":"2020-01-25T17:00:00","server_received_time":"2030-01-25T17:00:00",)"
                        R"("event_time":"2040-01-25T17:00:00","client_event_time":"2050-01-25T17:00:00")")
                 .reason() == "taken");
}

BOOST_AUTO_TEST_CASE(a_time_that_was_normalised_is_still_named_where_it_stands) {
  const auto late = take_times(R"("server_upload_time":"2020-01-25T20:00:00Z")");
  BOOST_TEST(late.byte() == std::string_view(R"({"event_type":"view","device_id":"d","server_upload_time":")").size());
}

BOOST_AUTO_TEST_CASE(an_absent_client_upload_time_is_the_received_time) {
  const auto taken =
      take_times(R"("server_upload_time":"2020-01-25T17:00:05","server_received_time":"2020-01-25T17:00:00Z",)"
                 R"("client_event_time":"2020-01-25T10:00:00")");
  BOOST_TEST(taken["client_upload_time"] == quoted_time("2020-01-25T17:00:00.000000"));
  BOOST_TEST(taken["event_time"] == quoted_time("2020-01-25T10:00:00.000000"));
  // Nothing to take it from, and a null that came.
  BOOST_TEST(take_times(R"("server_upload_time":"2020-01-25T17:00:05")")["client_upload_time"] == "null");
  BOOST_TEST(
      take_times(R"("server_received_time":"2020-01-25T17:00:05","client_upload_time":null)")["client_upload_time"] ==
      "null");
}

BOOST_AUTO_TEST_CASE(clocks_a_minute_apart_move_the_event_time) {
  const instant happened = at("2020-01-25T10:00:00");
  const instant received = at("2020-01-25T17:00:00");
  for (const auto apart : {0us, 1us, 59'999'999us}) {
    BOOST_CHECK(adjusted_event_time(happened, received, received - apart) == happened);
    BOOST_CHECK(adjusted_event_time(happened, received, received + apart) == happened);
  }
  for (const auto apart : {60'000'000us, 60'000'001us, 86'400'000'000us}) {
    BOOST_CHECK(adjusted_event_time(happened, received, received - apart) == happened + apart);
    BOOST_CHECK(adjusted_event_time(happened, received, received + apart) == happened - apart);
  }
}

BOOST_AUTO_TEST_CASE(event_time_is_derived_from_the_three_times) {
  const auto event_time = [](std::string_view client_upload) {
    return take_times(R"("server_upload_time":"2020-01-25T17:05:00","server_received_time":"2020-01-25 17:00:00",)"
                      R"("client_event_time":"2020-01-25T10:00:00.000000","client_upload_time":")" +
                      std::string(client_upload) + "\"")["event_time"];
  };
  BOOST_TEST(event_time("2020-01-25T16:59:00.000001") == quoted_time("2020-01-25T10:00:00.000000"));
  BOOST_TEST(event_time("2020-01-25T16:59:00.000000") == quoted_time("2020-01-25T10:01:00.000000"));
  BOOST_TEST(event_time("2020-01-25T17:00:59.999999") == quoted_time("2020-01-25T10:00:00.000000"));
  BOOST_TEST(event_time("2020-01-25T17:01:00.000000") == quoted_time("2020-01-25T09:59:00.000000"));
  BOOST_TEST(event_time("2020-01-25T18:59:00+02:00") == quoted_time("2020-01-25T10:01:00.000000"));
}

BOOST_AUTO_TEST_CASE(without_a_received_time_clocks_are_not_compared) {
  const auto taken =
      take_times(R"("server_upload_time":"2020-01-25T17:05:00","client_event_time":"2020-01-25T10:00:00",)"
                 R"("client_upload_time":"2020-01-25T10:00:00")");
  BOOST_TEST(taken["event_time"] == quoted_time("2020-01-25T10:00:00.000000"));
  BOOST_TEST(taken["server_received_time"] == "null");
}

BOOST_AUTO_TEST_CASE(without_a_client_event_time_the_event_happened_when_it_came) {
  const auto received =
      take_times(R"("server_upload_time":"2020-01-25T17:05:00","server_received_time":"2020-01-25T17:00:00")");
  BOOST_TEST(received["client_event_time"] == "null");
  BOOST_TEST(received["event_time"] == quoted_time("2020-01-25T17:00:00.000000"));
  const auto uploaded =
      take_times(R"("server_upload_time":"2020-01-25T17:05:00","client_upload_time":"2020-01-25T10:00:00")");
  BOOST_TEST(uploaded["client_event_time"] == "null");
  BOOST_TEST(uploaded["event_time"] == quoted_time("2020-01-25T17:05:00.000000"));
}

BOOST_AUTO_TEST_CASE(an_event_time_that_came_is_kept) {
  const std::string times =
      R"("server_upload_time":"2020-01-25T17:05:00","client_event_time":"2020-01-25T10:00:00","event_time":)";
  BOOST_TEST(take_times(times + R"("2019-12-31 23:59:59.123456")")["event_time"] ==
             quoted_time("2019-12-31T23:59:59.123456"));
  BOOST_TEST(take_times(times + "null")["event_time"] == "null");
}

BOOST_AUTO_TEST_CASE(an_event_time_beyond_the_calendar_is_rejected) {
  const auto taken =
      take_times(R"("server_received_time":"2020-01-25T17:00:00","client_upload_time":"2019-01-25T17:00:00",)"
                 R"("client_event_time":"9999-12-31T23:00:00")");
  BOOST_TEST(taken.reason() == "event_time comes out beyond the years 1 to 9999");
  const auto early =
      take_times(R"("server_received_time":"2020-01-25T17:00:00","client_upload_time":"2021-01-25T17:00:00",)"
                 R"("client_event_time":"0001-01-01T01:00:00")");
  BOOST_TEST(early.reason() == "event_time comes out beyond the years 1 to 9999");
}

BOOST_AUTO_TEST_CASE(each_form_has_its_own_separator_whatever_came) {
  for (const char* came : {"2020-01-25T17:00:05.000000", "2020-01-25 17:00:05.000000"}) {
    const std::string line = event_with(",\"processed_time\":\"" + std::string(came) + "\"");
    BOOST_TEST(take(line)["processed_time"] == quoted_time("2020-01-25T17:00:05.000000"));
    BOOST_TEST(take(line, spillway::model::record_form::observed)["processed_time"] ==
               quoted_time("2020-01-25 17:00:05.000000"));
  }
}

// ---- project ----

BOOST_AUTO_TEST_CASE(the_project_is_app_or_the_default) {
  auto rules = default_rules();
  rules.default_project = 42;
  const auto project_of = [&](std::string_view more) {
    const auto taken = take(event_with(more), documented, 0, rules);
    return taken.is_taken() ? std::to_string(taken.facts->project) + " " + taken["app"] : taken.reason();
  };
  BOOST_TEST(project_of(R"(,"app":187520)") == "187520 187520");
  BOOST_TEST(project_of(R"(,"app":"187520")") == "187520 187520");
  BOOST_TEST(project_of("") == "42 42");
  BOOST_TEST(project_of(R"(,"app":null)") == "42 42");
  BOOST_TEST(project_of(R"(,"app":9007199254740991)") == "9007199254740991 9007199254740991");
  BOOST_TEST(project_of(R"(,"app":0)") == "app is 0, which is no project id");
  BOOST_TEST(project_of(R"(,"app":-1)") == "app is -1, which is no project id");
  BOOST_TEST(project_of(R"(,"app":9007199254740992)") == "app is 9007199254740992, which is no project id");
  rules.only_project = 7;
  BOOST_TEST(project_of("") == "7 7");
  BOOST_TEST(project_of(R"(,"app":7)") == "7 7");
  BOOST_TEST(project_of(R"(,"app":8)") == "app is 8, but only project 7 is taken in");
  rules.portfolios = {7};
  const std::string no_source = "project 7 is a portfolio, which gathers other projects and has no events of its own";
  BOOST_TEST(project_of(R"(,"app":7)") == no_source);
  BOOST_TEST(project_of("") == no_source);
  rules.only_project.reset();
  BOOST_TEST(project_of(R"(,"app":7)") == no_source);
  BOOST_TEST(project_of("") == "42 42");
}

// ---- ids ----

BOOST_AUTO_TEST_CASE(an_event_has_a_type_and_somebody) {
  const auto reason = [](std::string_view ids) {
    return take("{\"server_upload_time\":\"2020-01-25T17:00:05\"" + std::string(ids) + "}").reason();
  };
  for (const char* ids :
       {R"(,"device_id":"d")", R"(,"event_type":null,"device_id":"d")", R"(,"event_type":"","device_id":"d")"}) {
    BOOST_TEST(reason(ids) == "no event_type");
  }
  for (const char* ids : {R"(,"event_type":"v")", R"(,"event_type":"v","device_id":null,"user_id":null)",
                          R"(,"event_type":"v","device_id":"","user_id":"")"}) {
    BOOST_TEST(reason(ids) == "neither device_id nor user_id");
  }
  for (const char* ids : {R"(,"event_type":"v","device_id":"d")", R"(,"event_type":"v","user_id":"u")",
                          R"(,"event_type":"v","device_id":"","user_id":"u")", R"(,"event_type":1,"user_id":2)"}) {
    BOOST_TEST(reason(ids) == "taken");
  }
}

BOOST_AUTO_TEST_CASE(identify_and_groupidentify_are_applied_and_kept_verbatim) {
  for (const char* type : {"$identify", "$groupidentify", R"(\u0024identify)", R"($group\u0069dentify)"}) {
    const std::string line = R"( { "event_type" : ")" + std::string(type) +
                             R"(", "user_id":"u", "server_upload_time":"2020-01-25T17:00:05Z", "x" : 1.10 } )";
    const auto taken = take(line);
    BOOST_TEST_CONTEXT(type) {
      BOOST_REQUIRE(taken.is_taken());
      BOOST_CHECK(taken.facts->kind == event_kind::applied);
      BOOST_TEST(taken.text == line);
    }
  }
  const auto ordinary = take_with(R"(,"event_type":"$identify2")");
  BOOST_CHECK(ordinary.facts->kind == event_kind::event);
}

BOOST_AUTO_TEST_CASE(a_group_needs_nobody_and_an_identify_does) {
  const std::string times = R"(,"server_upload_time":"2020-01-25T17:00:05"})";
  BOOST_TEST(take(R"({"event_type":"$groupidentify")" + times).reason() == "taken");
  BOOST_TEST(take(R"({"event_type":"$identify")" + times).reason() == "neither device_id nor user_id");
}

// ---- what makes two events one ----

BOOST_AUTO_TEST_CASE(a_key_is_of_project_device_and_insert_id) {
  const auto key = key_with(R"(,"$insert_id":"i")");
  BOOST_CHECK(key == key_with(R"(,"$insert_id":"i","user_id":"u","event_properties":{"a":1},"event_type":"other")"));
  BOOST_CHECK(key == key_with(R"(,"$insert_id":"i","uuid":")" + std::string(uuid_text) + "\""));
  BOOST_CHECK(key != key_with(R"(,"$insert_id":"i","app":2)"));
  BOOST_CHECK(key != key_with(R"(,"$insert_id":"i","device_id":"e")"));
  BOOST_CHECK(key != key_with(R"(,"$insert_id":"j")"));
  BOOST_CHECK(key != key_with(R"(,"$insert_id":"I")"));
  // Where one part ends and the next begins is part of the key.
  BOOST_CHECK(key_with(R"(,"device_id":"ab","$insert_id":"c")") != key_with(R"(,"device_id":"a","$insert_id":"bc")"));
}

BOOST_AUTO_TEST_CASE(a_key_does_not_depend_on_how_json_writes_a_character) {
  BOOST_CHECK(key_with(R"(,"device_id":"\u0064/\ud83d\ude00","$insert_id":"caf\u00e9")") ==
              key_with(",\"device_id\":\"d\\/\xf0\x9f\x98\x80\",\"$insert_id\":\"caf\xc3\xa9\""));
  BOOST_CHECK(key_with(R"(,"$insert_id":"\\u0041")") != key_with(R"(,"$insert_id":"A")"));
  BOOST_CHECK(key_with(R"(,"$insert_id":"12")") == key_with(R"(,"$insert_id":12)"));
}

BOOST_AUTO_TEST_CASE(without_an_insert_id_the_uuid_is_the_key) {
  const auto key = key_with(R"(,"uuid":"bf0b9b2a-304d-11e6-934f-22000b56058f")");
  BOOST_CHECK(key == key_with(R"(,"uuid":"BF0B9B2A-304D-11E6-934F-22000B56058F","device_id":"e")"));
  BOOST_CHECK(key == key_with(R"(,"uuid":"bf0b9b2a-304d-11e6-934f-22000b56058f","$insert_id":"")"));
  BOOST_CHECK(key == key_with(R"(,"uuid":"bf0b9b2a-304d-11e6-934f-22000b56058f","$insert_id":null)"));
  BOOST_CHECK(key != key_with(R"(,"uuid":"bf0b9b2a-304d-11e6-934f-22000b56058f","app":2)"));
  BOOST_CHECK(key != key_with(R"(,"uuid":"bf0b9b2a-304d-11e6-934f-22000b560580")"));
  BOOST_TEST(take_with(R"(,"uuid":"BF0B9B2A-304D-11E6-934F-22000B56058F")")["uuid"] ==
             R"("BF0B9B2A-304D-11E6-934F-22000B56058F")");
}

BOOST_AUTO_TEST_CASE(without_both_nothing_is_a_duplicate) {
  for (const char* more : {"", R"(,"$insert_id":"")", R"(,"$insert_id":null,"uuid":null)"}) {
    const auto taken = take_with(more);
    BOOST_REQUIRE(taken.is_taken());
    BOOST_TEST(!taken.facts->key.has_value());
  }
}

// ---- uuid ----

BOOST_AUTO_TEST_CASE(a_derived_uuid_is_of_version_5_and_stable) {
  // Computed once with Python's hashlib from the bytes that key_of and derived_uuid document.
  BOOST_TEST(take_with(R"(,"app":187520,"$insert_id":"i-1")")["uuid"] == R"("98277821-e106-5d39-937a-c0adc6ccb2c4")");
  BOOST_TEST(take_with(R"(,"app":187520,"$insert_id":"\u0069-1","city":"Brno")")["uuid"] ==
             R"("98277821-e106-5d39-937a-c0adc6ccb2c4")");
  const std::regex version_5(R"("[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")");
  for (const char* more : {"", R"(,"$insert_id":"x")", R"(,"app":3)"}) {
    BOOST_TEST(std::regex_match(take_with(more)["uuid"], version_5));
  }
}

BOOST_AUTO_TEST_CASE(with_an_insert_id_the_uuid_is_of_project_device_insert_id_and_upload_alone) {
  const std::string uuid = take_with(R"(,"$insert_id":"i")")["uuid"];
  BOOST_TEST(take(event_with(R"(,"$insert_id":"i","city":"Brno")"), documented, 999)["uuid"] == uuid);
  BOOST_TEST(take_with(R"(,"$insert_id":"i","app":2)")["uuid"] != uuid);
  BOOST_TEST(take_with(R"(,"$insert_id":"i","device_id":"e")")["uuid"] != uuid);
  BOOST_TEST(take_with(R"(,"$insert_id":"j")")["uuid"] != uuid);
  BOOST_TEST(take_with(R"(,"$insert_id":"i","server_upload_time":"2020-01-25T17:00:05Z")")["uuid"] == uuid);
  // A week apart they are of two events.
  BOOST_TEST(take_with(R"(,"$insert_id":"i","server_upload_time":"2020-01-17T17:00:05.000000")")["uuid"] != uuid);
}

BOOST_AUTO_TEST_CASE(without_one_the_uuid_is_of_project_line_input_and_place) {
  const std::string line = event_with("");
  std::set<std::string> uuids;
  uuids.insert(take(line, documented, 0)["uuid"]);
  uuids.insert(take(line, documented, 0)["uuid"]);
  BOOST_TEST(uuids.size() == 1U);
  uuids.insert(take(line, documented, 1)["uuid"]);
  uuids.insert(take(line, documented, line.size() + 1)["uuid"]);
  uuids.insert(take(event_with(R"(,"city":"Brno")"), documented, 0)["uuid"]);
  auto rules = default_rules();
  rules.default_project = 2;
  uuids.insert(take(line, documented, 0, rules)["uuid"]);
  BOOST_TEST(uuids.size() == 5U);
  record_reader reader(default_rules(), {});
  for (const input_place& place : {input_place{0, {1, 2}}, {0, {1, 3}}, {0, {2, 2}}, {7, {1, 2}}}) {
    std::string text;
    const auto facts = reader.take_line(line, place, text);
    uuids.insert(taken_line{facts, text}["uuid"]);
  }
  BOOST_TEST(uuids.size() == 9U);
  BOOST_TEST(take_with(R"(,"uuid":null)")["uuid"] == "null");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::record_check_tests
