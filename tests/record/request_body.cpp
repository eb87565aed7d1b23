#include "record/request_body.hpp"

#include "language_table.hpp"
#include "request_reading.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spillway::record_request_body_tests {
namespace {

using namespace spillway::record;
using namespace spillway::test;
using spillway::model::record_form;

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
      BOOST_TEST(each.taken.text == text.substr(each.byte, each.text.size()));
      BOOST_TEST(each.text.starts_with("{\"time\":1795380573412,"));
      BOOST_TEST(each.text.ends_with("\"library\":\"amplitude-node-ts/1.5.73\"}"));
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
                           R"({"events":[)", R"({"events":[]} {"events":[]})", R"({"events":[],"events":1})",
                           R"({"events":[],"event_type":"v"})", R"({"event_type":null,"events":[]})"}) {
    BOOST_TEST_CONTEXT(text) { BOOST_TEST(!is_request_body(text, parser)); }
  }
  BOOST_TEST(take_body("{}").reason == "no request body: it has no array \"events\"");
  BOOST_TEST(take_body("{\"events\":[}").reason == "a comma or a closing bracket is missing");
  BOOST_TEST(take_body(R"({"events":[{} {}]})").reason == "a comma or a closing bracket is missing");
  BOOST_TEST(take_body(R"({"events":[],"options":{"min_id_length":1e999}})").reason == "a number beyond a double");
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
      BOOST_TEST(taken.events[i].text == texts[i]);
    }
  }
  // Two equal events of one body are two, since they stand in different places.
  BOOST_TEST(taken.events[0].taken["uuid"] != taken.events[7].taken["uuid"]);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_inside_of_an_event_rejects_that_event_alone) {
  const std::string good = R"({"event_type":"view","device_id":"device-1","time":1579971600000})";
  const auto with = [&](std::string_view property) {
    return good.substr(0, good.size() - 1) + ",\"event_properties\":{\"p\":" + std::string(property) + "}}";
  };
  const std::string levels = std::string(62, '[') + std::string(62, ']');
  const std::pair<std::string, std::string> table[] = {{with(R"("cut at 1024 \ud83d")"), "a lone surrogate"},
                                                       {with("18446744073709551616"), "an integer over 64 bits"},
                                                       {with(levels), "taken"},
                                                       {with('[' + levels + ']'), "nested too deeply"},
                                                       {with("[1 2]"), "a comma or a closing bracket is missing"},
                                                       {with("nil"), "not a JSON value"},
                                                       {good, "taken"}};
  std::string events;
  for (const auto& [event, reason] : table) {
    events += (events.empty() ? "" : ",\n") + event;
  }
  const taken_body taken = take_body("{\"events\":[" + events + "]}");
  BOOST_TEST(taken.reason == "taken");
  BOOST_REQUIRE_EQUAL(taken.events.size(), std::size(table));
  for (std::size_t i = 0; i < std::size(table); ++i) {
    BOOST_TEST(taken.events[i].text == table[i].first);
    BOOST_TEST(taken.events[i].taken.reason() == table[i].second);
  }
}

BOOST_AUTO_TEST_CASE(an_event_alone_in_a_body_becomes_what_it_became_among_others) {
  for (const char* around : {R"(,"client_upload_time":"2020-01-25T17:00:05.250Z","options":{"min_id_length":1})",
                             R"(,"client_upload_time":"2035-01-25T17:00:05.250001Z")", ""}) {
    const std::string text = body_with(R"(,"insert_id":"a"},{"event_type":"view","device_id":"device-2")", around);
    record_reader reader(default_rules(), {record_form::observed, {}});
    std::vector<std::string> lines;
    std::vector<std::string> bodies;
    const auto sink = [&](std::string_view event, const checked<event_facts>&, std::string_view line) {
      lines.emplace_back(line);
      bodies.push_back(reader.body_of(event));
    };
    BOOST_REQUIRE(reader.take_request_body(text, {}, sink).has_value());
    const std::string first = lines.at(0);
    const std::string alone = bodies.at(0);
    BOOST_TEST(alone.ends_with(
        R"("events":[{"event_type":"view","device_id":"device-1","time":1579971600000,"insert_id":"a"}]})"));
    BOOST_REQUIRE(reader.take_request_body(alone, {}, sink).has_value());
    BOOST_TEST(lines.back() == first);
    BOOST_TEST(bodies.back() == alone);
  }
}

BOOST_AUTO_TEST_CASE(a_body_may_have_20000_events) {
  std::string events = "0";
  while (events.size() < 2 * body_events_max - 1) {
    events += ",0";
  }
  BOOST_TEST(take_body("{\"events\":[" + events + "]}").events.size() == body_events_max);
  const taken_body larger = take_body("{\"events\":[" + events + ", 0 ]}");
  BOOST_TEST(larger.reason == "20001 events in one request body, at most 20000 are taken: split it");
  BOOST_TEST(larger.events.empty());
}

// What is written is longer than what came: only that counts.
BOOST_AUTO_TEST_CASE(an_event_may_have_4_mib) {
  const std::string open = R"({"event_type":"view","device_id":"device-1","event_properties":{"p":")";
  const std::string close = "\"}}";
  const std::string largest = open + std::string(line_bytes_max - open.size() - close.size(), 'x') + close;
  const taken_body taken = take_body("{\"events\":[" + largest + "," + largest.substr(0, largest.size() - 1) + " }]}");
  BOOST_REQUIRE_EQUAL(taken.events.size(), 2U);
  BOOST_TEST(taken.events[0].taken.reason() == "taken");
  BOOST_TEST(taken.events[0].taken.text.size() > line_bytes_max);
  BOOST_TEST(taken.events[1].taken.reason() == "longer than 4 MiB");
  BOOST_TEST(taken.events[1].taken.byte() == line_bytes_max);
  BOOST_TEST(taken.events[1].text.size() == line_bytes_max + 1);
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
  const taken_line taken =
      take_event(R"(,"insert_id":"i","carrier":"O2","ip":"203.0.113.7","app_version":"1.2","user_id":"user-1",)"
                 R"("platform":"Web","city":"Brno",)"
                 R"("location_lat":49.1,"event_id":7,"session_id":1579971500000,"groups":{"g":["a"]},)"
                 R"("plan":{"branch":"main"},"partner_id":"p",)"
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

BOOST_AUTO_TEST_CASE(an_escaped_key_of_a_body_is_the_key) {
  const taken_body body =
      take_body(R"({"\u0065vents":[{"event_type":"view","device_id":"d","t\u0069me":1579971600000}],)"
                R"("\u006fptions":{"min_\u0069d_length":1}})");
  BOOST_TEST(body.reason == "taken");
  BOOST_REQUIRE(body.events.size() == 1u);
  BOOST_REQUIRE(body.events[0].taken.facts.has_value());
  BOOST_CHECK(body.events[0].taken.facts->uploaded_at == at("2020-01-25T17:00:00"));
}

BOOST_AUTO_TEST_CASE(what_a_client_cannot_set_is_dropped_and_counted) {
  const std::string more =
      R"(,"app":99,"amplitude_id":5,"uuid":"x","paying":true,"$insert_id":"i","event_time":"x",)"
      R"("server_upload_time":"x",)"
      R"("data":{},"start_version":"1","client_event_time":"x","device_carrier":"x","user_agent":"x",)"
      R"("idfv":"x","plan":{})";
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

BOOST_AUTO_TEST_CASE(properties_of_groups_come_with_an_event_of_their_own_alone) {
  const taken_body taken = take_body(body_with(R"(,"group_properties":{"g":1})"));
  BOOST_TEST(taken.events.at(0).taken["group_properties"] == "{}");
  BOOST_TEST(taken.dropped.at("group_properties") == 1U);
  BOOST_TEST(take_body(body_with(R"(,"group_properties":null)")).dropped.empty());
  const std::string group = R"(,"event_type":"$groupidentify","group_properties":{"g":1},"user_id":"bob")";
  const taken_body applied = take_body(body_with(group));
  BOOST_REQUIRE_EQUAL(applied.events.at(0).taken.reason(), "taken");
  BOOST_CHECK(applied.events[0].taken.facts->kind == event_kind::applied);
  BOOST_TEST(applied.dropped.empty());
}

BOOST_AUTO_TEST_CASE(the_senders_address_is_not_known) {
  BOOST_TEST(take_event(R"(,"ip":"$remote")")["ip_address"] == "null");
  BOOST_TEST(take_event(R"(,"ip":"\u0024remote")")["ip_address"] == "null");
  BOOST_TEST(take_event(R"(,"ip":"$remote ")")["ip_address"] == R"("$remote ")");
}

BOOST_AUTO_TEST_CASE(languages_are_named) {
  BOOST_TEST(take_event(R"(,"language":"en-US")")["language"] == R"("English")");
  BOOST_TEST(take_event(R"(,"language":"NL-be")")["language"] == R"("Flemish")");
  BOOST_TEST(take_event(R"(,"language":"Martian")")["language"] == R"("Martian")");
  BOOST_TEST(take_event(R"(,"language":null)")["language"] == "null");
  BOOST_TEST(take_event("")["language"] == "null");
}

BOOST_AUTO_TEST_CASE(every_tag_of_the_table_is_named_however_it_is_written) {
  for (const auto& [tag, name] : language_rows()) {
    const std::string named = '"' + name + '"';
    const std::string capital = with_letters(tag, &towupper_l);
    for (const std::string& written : {tag, capital, escaped(tag), escaped(capital)}) {
      BOOST_TEST_CONTEXT(written) { BOOST_TEST(take_event(",\"language\":\"" + written + "\"")["language"] == named); }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_language_that_is_not_in_the_table_stays_as_it_came) {
  BOOST_TEST(take_event(R"(,"language":"\u004dartian")")["language"] == R"("\u004dartian")");
  BOOST_TEST(take_event(R"(,"language":"a\tb")")["language"] == R"("a\tb")");
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

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::record_request_body_tests
