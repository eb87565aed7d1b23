#include "record/request_body.hpp"

#include "reading.hpp"

#include <map>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace spillway::record;
using spillway::model::record_form;
using spillway::test::at;
using spillway::test::default_rules;
using spillway::test::fixture;
using spillway::test::taken_line;

struct taken_event {
  std::uint64_t byte = 0;
  taken_line taken;
  std::string line;  // what the sink was given
};

struct taken_body {
  std::string reason = "taken";  // of the body itself
  std::vector<taken_event> events;
  std::map<std::string, std::uint64_t, std::less<>> dropped;
};

taken_body take_body(std::string_view body, record_form form = record_form::observed, std::uint64_t input_byte = 0,
                     const intake_rules& rules = default_rules()) {
  record_reader reader(rules, {form, {}});
  taken_body all;
  const auto sink = [&](std::uint64_t byte, checked<event_facts> facts, std::string_view line) {
    const bool is_taken = facts.has_value();
    all.events.push_back({byte, {std::move(facts), is_taken ? std::string(line) : ""}, std::string(line)});
  };
  if (const auto taken = reader.take_request_body(body, input_byte, sink); !taken) {
    all.reason = taken.error().reason;
  }
  all.dropped = reader.dropped().counts();
  return all;
}

// A body with one event that has all it needs; `more` is behind that, `around` behind the events.
std::string body_with(std::string_view more, std::string_view around = "") {
  return R"({"api_key":"k","events":[{"event_type":"view","device_id":"device-1","time":1579971600000)" +
         std::string(more) + "}]" + std::string(around) + "}";
}

taken_line take_event(std::string_view more, std::string_view around = "") {
  taken_body body = take_body(body_with(more, around));
  BOOST_REQUIRE_EQUAL(body.reason, "taken");
  BOOST_REQUIRE_EQUAL(body.events.size(), 1U);
  return std::move(body.events[0].taken);
}

std::string properties(std::string_view more) { return take_event(more)["event_properties"]; }

// 1579971600000 ms.
constexpr std::string_view event_moment = R"("2020-01-25 17:00:00.000000")";

}  // namespace

BOOST_AUTO_TEST_SUITE(record_request_body)

// ---- bodies of real SDKs ----

BOOST_AUTO_TEST_CASE(the_python_sdk_sends_13_events_and_two_that_are_applied) {
  const taken_body body = take_body(fixture("requests/sdk-python-1.3.0.json"));
  BOOST_TEST(body.reason == "taken");
  int events = 0;
  int applied = 0;
  for (const taken_event& each : body.events) {
    BOOST_REQUIRE_EQUAL(each.taken.reason(), "taken");
    (each.taken.facts->kind == event_kind::event ? events : applied) += 1;
    // No client_upload_time: the latest `time` in the body.
    BOOST_CHECK(each.taken.facts->uploaded_at == at("2020-01-25T17:18:20"));
  }
  BOOST_TEST(events == 13);
  BOOST_TEST(applied == 2);
  const taken_line& first = body.events[0].taken;
  BOOST_TEST(first["$insert_id"] == R"("e66bfe02-f2c7-41fb-97d2-173778e1bd4c")");
  BOOST_TEST(first["client_event_time"] == event_moment);
  BOOST_TEST(first["event_time"] == event_moment);
  BOOST_TEST(first["language"] == R"("English")");
  BOOST_TEST(first["version_name"] == R"("4.2.0")");
  BOOST_TEST(first["ip_address"] == R"("203.0.113.7")");
  BOOST_TEST(first["event_properties"] == R"({"n":0,"page":"/pricing","price":19.99})");
  BOOST_TEST(first["library"] == R"("amplitude-python/1.3.0")");
  BOOST_TEST(body.events[14].taken["session_id"] == "-1");
  BOOST_TEST(body.dropped.empty());
}

BOOST_AUTO_TEST_CASE(the_node_sdk_sends_nine_events_and_two_that_are_applied) {
  auto rules = default_rules();
  rules.now = at("2026-11-22T21:00:00");
  const std::string text = fixture("requests/sdk-node-1.5.73.json");
  const taken_body body = take_body(text, record_form::documented, 0, rules);
  BOOST_TEST(body.reason == "taken");
  std::map<event_kind, int> kinds;
  for (const taken_event& each : body.events) {
    BOOST_REQUIRE_EQUAL(each.taken.reason(), "taken");
    ++kinds[each.taken.facts->kind];
    BOOST_CHECK(each.taken.facts->uploaded_at == at("2026-11-22T20:49:33.413"));
    if (each.taken.facts->kind == event_kind::applied) {
      BOOST_TEST(each.line == text.substr(each.byte, each.line.size()));
      BOOST_TEST(each.line.starts_with("{\"time\":1795380573412,"));
      BOOST_TEST(each.line.ends_with("\"library\":\"amplitude-node-ts/1.5.73\"}"));
    }
  }
  BOOST_TEST(kinds[event_kind::event] == 9);
  BOOST_TEST(kinds[event_kind::applied] == 2);
  BOOST_TEST(body.events[0].taken["client_upload_time"] == R"("2026-11-22T20:49:33.413000")");
  // Far more than a minute between the clocks would move it; but received and uploaded are one time here.
  BOOST_TEST(body.events[0].taken["event_time"] == body.events[0].taken["client_event_time"]);
  BOOST_TEST(body.events[0].taken["event_properties"].find("\"nested\":{\"a\":[1,2,{\"b\":null}]}") !=
             std::string::npos);
}

// ---- recognition ----

BOOST_AUTO_TEST_CASE(a_request_body_is_an_object_with_an_array_of_events) {
  json_parser parser;
  for (const char* text :
       {R"({"events":[]})", " {\n \"api_key\" : \"k\",\n \"events\" : [ ] }\n", R"({"events":1,"events":[]})"}) {
    BOOST_TEST_CONTEXT(text) { BOOST_TEST(is_request_body(text, parser)); }
  }
  for (const char* text : {"", "{}", "[]", R"({"events":{}})", R"({"events":null})", R"({"a":{"events":[]}})",
                           R"({"events":[)", R"({"events":[]} {"events":[]})", R"({"events":[],"events":1})"}) {
    BOOST_TEST_CONTEXT(text) { BOOST_TEST(!is_request_body(text, parser)); }
  }
  BOOST_TEST(take_body("{}").reason == "no request body: it has no array \"events\"");
  BOOST_TEST(take_body("{\"events\":[}").reason == "not a JSON value");
  BOOST_TEST(take_body(R"({"events":[]})").events.empty());
}

BOOST_AUTO_TEST_CASE(events_are_taken_one_by_one_and_each_says_where_it_stands) {
  const std::string good = R"({"event_type":"view","device_id":"device-1","time":1579971600000})";
  const std::vector<std::string> texts = {good, "7", "null", R"("a string")", "[ 1 ]", "{}", R"({"event_type":"x"})",
                                          good};
  std::string body = "{ \"events\" : [";
  std::vector<std::uint64_t> places;
  for (const std::string& text : texts) {
    body += places.empty() ? " " : " , ";
    places.push_back(body.size());
    body += text;
  }
  body += " ] }";
  const taken_body taken = take_body(body);
  BOOST_TEST(taken.reason == "taken");
  const std::string reasons[] = {"taken",
                                 "not an object",
                                 "not an object",
                                 "not an object",
                                 "not an object",
                                 "no event_type",
                                 "neither device_id nor user_id",
                                 "taken"};
  BOOST_REQUIRE_EQUAL(taken.events.size(), texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    BOOST_TEST_CONTEXT(texts[i]) {
      BOOST_TEST(taken.events[i].taken.reason() == reasons[i]);
      BOOST_TEST(taken.events[i].byte == places[i]);
      if (!taken.events[i].taken.is_taken()) {
        BOOST_TEST(taken.events[i].line == texts[i]);
      }
    }
  }
  // Two equal events of one body are two, since they stand in different places.
  BOOST_TEST(taken.events[0].taken["uuid"] != taken.events[7].taken["uuid"]);
}

BOOST_AUTO_TEST_CASE(a_uuid_depends_on_the_place_in_the_input_alone) {
  const std::string body = body_with("");
  const auto uuid = [&](std::string_view text, std::uint64_t byte) {
    return take_body(text, record_form::observed, byte).events.at(0).taken["uuid"];
  };
  BOOST_TEST(uuid(body, 0) != uuid(body, 100));
  BOOST_TEST(uuid(body, 100) == uuid("   " + body, 97));
}

// ---- fields ----

BOOST_AUTO_TEST_CASE(http_names_become_columns) {
  const taken_line taken = take_event(
      R"(,"insert_id":"i","carrier":"O2","ip":"203.0.113.7","app_version":"1.2","user_id":"user-1","platform":"Web","city":"Brno",)"
      R"("location_lat":49.1,"event_id":7,"session_id":1579971500000,"groups":{"g":["a"]},"plan":{"branch":"main"},"partner_id":"p",)"
      R"("user_properties":{"a":1},"idfa":"x","os_name":"ios","device_model":"m","adid":"y")");
  const std::pair<const char*, const char*> wanted[] = {{"$insert_id", R"("i")"},
                                                        {"device_carrier", R"("O2")"},
                                                        {"ip_address", R"("203.0.113.7")"},
                                                        {"version_name", R"("1.2")"},
                                                        {"user_id", R"("user-1")"},
                                                        {"platform", R"("Web")"},
                                                        {"city", R"("Brno")"},
                                                        {"location_lat", "49.1"},
                                                        {"event_id", "7"},
                                                        {"session_id", "1579971500000"},
                                                        {"groups", R"({"g":["a"]})"},
                                                        {"plan", R"({"branch":"main"})"},
                                                        {"partner_id", R"("p")"},
                                                        {"user_properties", R"({"a":1})"},
                                                        {"idfa", R"("x")"},
                                                        {"os_name", R"("ios")"},
                                                        {"device_model", R"("m")"},
                                                        {"adid", R"("y")"},
                                                        {"app", "1"},
                                                        {"amplitude_id", "null"},
                                                        {"client_event_time", event_moment.data()}};
  for (const auto& [column, value] : wanted) {
    BOOST_TEST_CONTEXT(column) { BOOST_TEST(taken[column] == value); }
  }
}

BOOST_AUTO_TEST_CASE(an_escaped_field_name_is_the_field) {
  const taken_line taken = take_event(R"(,"\u0069p":"203.0.113.7","cit\u0079":"Brno","pr\u0069ce":2)");
  BOOST_TEST(taken["ip_address"] == R"("203.0.113.7")");
  BOOST_TEST(taken["city"] == R"("Brno")");
  BOOST_TEST(taken["event_properties"] == R"({"$price":2,"$quantity":1,"$revenue":2})");
}

BOOST_AUTO_TEST_CASE(what_a_client_cannot_set_is_dropped_and_counted) {
  const std::string more =
      R"(,"app":99,"amplitude_id":5,"uuid":"x","paying":true,"$insert_id":"i","event_time":"x","server_upload_time":"x",)"
      R"("data":{},"start_version":"1","client_event_time":"x","device_carrier":"x","user_agent":"x","idfv":"x","plan":{})";
  const taken_body observed = take_body(body_with(more));
  BOOST_REQUIRE_EQUAL(observed.events.at(0).taken.reason(), "taken");
  std::map<std::string, std::uint64_t, std::less<>> wanted;
  for (const char* name : {"app", "amplitude_id", "uuid", "paying", "$insert_id", "event_time", "server_upload_time",
                           "data", "start_version", "client_event_time", "device_carrier", "user_agent", "idfv"}) {
    wanted[name] = 1;
  }
  BOOST_CHECK(observed.dropped == wanted);
  BOOST_TEST(observed.events[0].taken["app"] == "1");
  BOOST_TEST(observed.events[0].taken["$insert_id"] == "null");
  // `plan` is a column of the observed form alone.
  wanted["plan"] = 1;
  BOOST_CHECK(take_body(body_with(more), record_form::documented).dropped == wanted);
}

BOOST_AUTO_TEST_CASE(keys_of_events_that_are_not_encoded_are_not_counted) {
  BOOST_TEST(take_body(body_with(R"(,"event_type":"$identify","mystery":1)")).dropped.empty());
  BOOST_TEST(take_body(body_with(R"(,"event_type":null,"mystery":1)")).dropped.empty());
}

BOOST_AUTO_TEST_CASE(languages_are_named) {
  BOOST_TEST(take_event(R"(,"language":"en-US")")["language"] == R"("English")");
  BOOST_TEST(take_event(R"(,"language":"NL-be")")["language"] == R"("Flemish")");
  BOOST_TEST(take_event(R"(,"language":"Martian")")["language"] == R"("Martian")");
  BOOST_TEST(take_event(R"(,"language":null)")["language"] == "null");
  BOOST_TEST(take_event("")["language"] == "null");
}

BOOST_AUTO_TEST_CASE(an_absent_library_is_http_and_an_absent_session_none) {
  BOOST_TEST(take_event("")["library"] == R"("http/2.0")");
  BOOST_TEST(take_event(R"(,"library":null)")["library"] == R"("http/2.0")");
  BOOST_TEST(take_event(R"(,"library":"segment")")["library"] == R"("segment")");
  BOOST_TEST(take_event("")["session_id"] == "-1");
  BOOST_TEST(take_event(R"(,"session_id":null)")["session_id"] == "-1");
}

BOOST_AUTO_TEST_CASE(gaps_in_an_event_go) {
  const taken_line taken = take_event(R"( , "event_properties" : { "a" : [ 1 , " b " ] } , "price" : 2 )");
  BOOST_TEST(taken["event_properties"] == R"({"a":[1," b "],"$price":2,"$quantity":1,"$revenue":2})");
}

// ---- revenue ----

BOOST_AUTO_TEST_CASE(revenue_is_price_times_quantity) {
  BOOST_TEST(properties(R"(,"price":19.99,"quantity":3)") == R"({"$price":19.99,"$quantity":3,"$revenue":59.97})");
  BOOST_TEST(properties(R"(,"price":5,"quantity":2,"revenue":999)") == R"({"$price":5,"$quantity":2,"$revenue":10})");
  BOOST_TEST(properties(R"(,"price":-5,"quantity":2)") == R"({"$price":-5,"$quantity":2,"$revenue":-10})");
  BOOST_TEST(properties(R"(,"price":5)") == R"({"$price":5,"$quantity":1,"$revenue":5})");
  BOOST_TEST(properties(R"(,"price":5,"quantity":null,"revenue":7)") == R"({"$price":5,"$quantity":1,"$revenue":5})");
}

BOOST_AUTO_TEST_CASE(revenue_alone_is_copied) {
  BOOST_TEST(properties(R"(,"revenue":1.10)") == R"({"$revenue":1.10})");
  BOOST_TEST(properties(R"(,"revenue":1.10,"quantity":2)") == R"({"$quantity":2,"$revenue":1.10})");
  BOOST_TEST(properties(R"(,"price":null,"revenue":1.10)") == R"({"$revenue":1.10})");
  BOOST_TEST(properties(R"(,"revenue":null)") == "{}");
}

BOOST_AUTO_TEST_CASE(a_price_that_is_a_string_is_no_number_to_reckon_with) {
  BOOST_TEST(properties(R"(,"price":"19.99","quantity":2)") == R"({"$price":"19.99","$quantity":2})");
  BOOST_TEST(properties(R"(,"price":5,"quantity":"2","revenue":7)") == R"({"$price":5,"$quantity":"2","$revenue":7})");
}

BOOST_AUTO_TEST_CASE(a_purchase_stands_behind_the_properties_that_came) {
  BOOST_TEST(
      properties(
          R"(,"event_properties":{"a":1},"productId":"sku \"1\"","revenueType":"purchase","currency":"EUR","revenue":2)") ==
      R"({"a":1,"$revenue":2,"$productId":"sku \"1\"","$revenueType":"purchase","$currency":"EUR"})");
  BOOST_TEST(properties(R"(,"event_properties":null,"revenue":2)") == R"({"$revenue":2})");
  BOOST_TEST(properties(R"(,"event_properties":{"$revenue":1},"revenue":2)") == R"({"$revenue":1,"$revenue":2})");
  BOOST_TEST(properties(R"(,"event_properties":{})") == "{}");
}

BOOST_AUTO_TEST_CASE(a_purchase_does_not_hide_properties_of_a_wrong_type) {
  BOOST_TEST(take_event(R"(,"event_properties":"lost","revenue":2)").reason() ==
             "event_properties is a string, not an object");
  BOOST_TEST(take_event(R"(,"event_properties":[1],"price":2)").reason() ==
             "event_properties is an array, not an object");
}

BOOST_AUTO_TEST_CASE(a_revenue_beyond_a_double_is_rejected) {
  BOOST_TEST(take_event(R"(,"price":1e308,"quantity":10)").reason() == "price times quantity is beyond a double");
  BOOST_TEST(take_event(R"(,"price":-1e308,"quantity":10)").reason() == "price times quantity is beyond a double");
  BOOST_TEST(properties(R"(,"price":1e300,"quantity":10)") == R"({"$price":1e300,"$quantity":10,"$revenue":1e+301})");
}

// ---- ids ----

BOOST_AUTO_TEST_CASE(ids_have_five_characters_or_what_the_options_say) {
  BOOST_TEST(take_event(R"(,"device_id":"1234")").reason() == "device_id has fewer than 5 characters");
  BOOST_TEST(take_event(R"(,"device_id":"12345")").reason() == "taken");
  BOOST_TEST(take_event(R"(,"user_id":"1234")").reason() == "user_id has fewer than 5 characters");
  BOOST_TEST(take_event(R"(,"user_id":1234)").reason() == "user_id has fewer than 5 characters");
  BOOST_TEST(take_event(R"(,"user_id":null)").reason() == "taken");
  // Characters count, not bytes and not escapes.
  BOOST_TEST(take_event(",\"user_id\":\"\xc5\xbelu\xc5\xa5\"").reason() == "user_id has fewer than 5 characters");
  BOOST_TEST(take_event(",\"user_id\":\"\xc5\xbelu\xc5\xa5k\"").reason() == "taken");
  BOOST_TEST(take_event(R"(,"user_id":"\u0061bc")").reason() == "user_id has fewer than 5 characters");
  BOOST_TEST(take_event(R"(,"user_id":"1")", R"(,"options":{"min_id_length":1})").reason() == "taken");
  BOOST_TEST(take_event(R"(,"user_id":"123456")", R"(,"options":{"min_id_length":7})").reason() ==
             "user_id has fewer than 7 characters");
  for (const char* options : {R"(,"options":null)", R"(,"options":{})", R"(,"options":{"min_id_length":"1"})",
                              R"(,"options":[])", R"(,"options":{"min_id_length":-1})"}) {
    BOOST_TEST(take_event(R"(,"user_id":"1234")", options).reason() == "user_id has fewer than 5 characters");
  }
}

BOOST_AUTO_TEST_CASE(ids_that_stand_for_no_one_are_rejected) {
  for (const char* id : {"anonymous", "nil", "none", "null", "n/a", "na", "undefined", "unknown", "", "{}", "lmy47d",
                         "0", "-1", "00000000-0000-0000-0000-000000000000", "Anonymous", "NULL", "LMY47D"}) {
    const std::string around = R"(,"options":{"min_id_length":1})";
    const std::string wanted = " is \"" + std::string(id) + "\", which stands for no one";
    BOOST_TEST(take_event(",\"user_id\":\"" + std::string(id) + "\"", around).reason() == "user_id" + wanted);
    BOOST_TEST(take_event(",\"device_id\":\"" + std::string(id) + "\"", around).reason() == "device_id" + wanted);
  }
  BOOST_TEST(take_event(R"(,"user_id":0)").reason() == R"(user_id is "0", which stands for no one)");
  BOOST_TEST(take_event(R"(,"user_id":"n\/a")").reason() == R"(user_id is "n/a", which stands for no one)");
  BOOST_TEST(take_event(R"(,"user_id":"anonymous-1")").reason() == "taken");
}

BOOST_AUTO_TEST_CASE(a_missing_device_id_is_derived_from_the_user_id) {
  const auto device_of = [](std::string_view user) {
    const taken_line taken = take_event(",\"device_id\":null,\"user_id\":\"" + std::string(user) + "\"");
    BOOST_REQUIRE_EQUAL(taken.reason(), "taken");
    return taken["device_id"];
  };
  BOOST_TEST(std::regex_match(device_of("user-1"),
                              std::regex(R"("[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")")));
  BOOST_TEST(device_of("user-1") == device_of(R"(\u0075ser-1)"));
  BOOST_TEST(device_of("user-1") != device_of("user-2"));
  BOOST_TEST(take_event(R"(,"user_id":"user-1")")["device_id"] == R"("device-1")");
}

// ---- times ----

BOOST_AUTO_TEST_CASE(all_server_times_are_the_time_of_upload) {
  const taken_line taken = take_event("", R"(,"client_upload_time":"2020-01-25T17:00:05.250Z")");
  for (const char* column : {"client_upload_time", "server_received_time", "server_upload_time", "processed_time"}) {
    BOOST_TEST(taken[column] == R"("2020-01-25 17:00:05.250000")");
  }
  BOOST_TEST(taken["client_event_time"] == event_moment);
  BOOST_TEST(taken["event_time"] == event_moment);
  BOOST_CHECK(taken.facts->uploaded_at == at("2020-01-25T17:00:05.25"));
}

BOOST_AUTO_TEST_CASE(the_time_of_upload_is_the_clients_else_the_latest_event_else_the_clock) {
  const auto uploaded = [](std::string_view events, std::string_view around) {
    const taken_body body = take_body("{\"events\":[" + std::string(events) + "]" + std::string(around) + "}");
    BOOST_REQUIRE(!body.events.empty());
    BOOST_REQUIRE_EQUAL(body.events[0].taken.reason(), "taken");
    return body.events[0].taken["server_upload_time"];
  };
  const std::string plain = R"({"event_type":"v","device_id":"device-1"})";
  const std::string timed = R"({"event_type":"v","device_id":"device-1","time":1579971600000})";
  const std::string later = R"({"event_type":"v","device_id":"device-1","time":1579971661000})";
  BOOST_TEST(uploaded(timed, R"(,"client_upload_time":1579971605000)") == R"("2020-01-25 17:00:05.000000")");
  BOOST_TEST(uploaded(timed, R"(,"client_upload_time":"2020-01-25 17:00:05")") == R"("2020-01-25 17:00:05.000000")");
  BOOST_TEST(uploaded(timed + "," + later + "," + timed, "") == R"("2020-01-25 17:01:01.000000")");
  BOOST_TEST(uploaded(plain + "," + later, R"(,"client_upload_time":null)") == R"("2020-01-25 17:01:01.000000")");
  BOOST_TEST(uploaded(plain + "," + timed, R"(,"client_upload_time":"soon")") == event_moment);
  BOOST_TEST(uploaded(plain, "") == R"("2020-01-25 18:00:00.000000")");
  BOOST_TEST(uploaded(plain + R"(,{"time":"x"},{"time":1e99},"time")", "") == R"("2020-01-25 18:00:00.000000")");
}

BOOST_AUTO_TEST_CASE(an_event_without_a_time_happened_at_the_upload) {
  for (const char* time : {"", R"(,"time":null)"}) {
    const taken_body body = take_body(R"({"events":[{"event_type":"v","device_id":"device-1")" + std::string(time) +
                                      R"(}],"client_upload_time":"2020-01-25T17:00:05Z"})");
    BOOST_TEST(body.events.at(0).taken["client_event_time"] == R"("2020-01-25 17:00:05.000000")");
    BOOST_TEST(body.events.at(0).taken["event_time"] == R"("2020-01-25 17:00:05.000000")");
  }
}

BOOST_AUTO_TEST_CASE(a_time_is_milliseconds_and_nothing_else) {
  for (const char* time : {R"("1579971600000")", R"("2020-01-25T17:00:00Z")", "true", "1579971600000.5", "1e12",
                           "[1579971600000]", "9223372036854775807", "253402300800000", "-62135596800001"}) {
    BOOST_TEST_CONTEXT(time) {
      BOOST_TEST(take_event(",\"time\":" + std::string(time)).reason() ==
                 "time is no number of milliseconds since 1970");
    }
  }
  BOOST_TEST(take_event(R"(,"time":0)", R"(,"client_upload_time":1579971605000)")["client_event_time"] ==
             R"("1970-01-01 00:00:00.000000")");
  BOOST_TEST(take_event(R"(,"time":-1)", R"(,"client_upload_time":1579971605000)")["client_event_time"] ==
             R"("1969-12-31 23:59:59.999000")");
}

BOOST_AUTO_TEST_CASE(an_upload_over_an_hour_ahead_rejects_every_event) {
  const taken_line taken = take_event("", R"(,"client_upload_time":"2020-01-25T19:00:00.001Z")");
  BOOST_TEST(
      taken.reason().starts_with("server_upload_time is 2020-01-25T19:00:00Z, more than an hour after the clock"));
}

BOOST_AUTO_TEST_SUITE_END()
