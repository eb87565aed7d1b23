// What request_body.cpp makes of purchases, ids and times.
#include "record/request_body.hpp"

#include "request_reading.hpp"

#include <regex>
#include <string>
#include <string_view>

namespace spillway::record_request_body_fields_tests {
namespace {

using namespace spillway::record;
using namespace spillway::test;

}  // namespace

BOOST_AUTO_TEST_SUITE(record_request_body_fields)

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
      properties(R"(,"event_properties":{"a":1},"productId":"sku \"1\"","revenueType":"purchase","currency":"EUR",)"
                 R"("revenue":2)") ==
      R"({"a":1,"$revenue":2,"$productId":"sku \"1\"","$revenueType":"purchase","$currency":"EUR"})");
  BOOST_TEST(properties(R"(,"event_properties":null,"revenue":2)") == R"({"$revenue":2})");
  BOOST_TEST(properties(R"(,"event_properties":{"$revenue":1},"revenue":2)") == R"({"$revenue":2})");
  BOOST_TEST(
      properties(R"(,"event_properties":{"\u0024revenue":1,"b":{ "c" : 1 },"$price":4,"$revenue":3},"revenue":2)") ==
      R"({"b":{"c":1},"$price":4,"$revenue":2})");
  BOOST_TEST(properties(R"(,"event_properties":{"$revenue":1})") == R"({"$revenue":1})");
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
  for (const char* least : {R"(,"options":{"min_id_length":1})", R"(,"options":{"min_id_length":"1"})"}) {
    BOOST_TEST(take_event(R"(,"user_id":"1")", least).reason() == "taken");
  }
  BOOST_TEST(take_event(R"(,"user_id":"123456")", R"(,"options":{"min_id_length":7})").reason() ==
             "user_id has fewer than 7 characters");
  for (const char* options : {R"(,"options":null)", R"(,"options":{})", R"(,"options":{"min_id_length":"x"})",
                              R"(,"options":[])", R"(,"options":{"min_id_length":0})", R"(,"options":{"min_id_length":-1})"}) {
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
  BOOST_TEST(uploaded(timed, R"(,"client_upload_time":"1579971605000")") == R"("2020-01-25 17:00:05.000000")");
  BOOST_TEST(uploaded(timed, R"(,"client_upload_time":"2020-01-25T17\u003a00:05Z")") ==
             R"("2020-01-25 17:00:05.000000")");
  BOOST_TEST(uploaded(timed + "," + later + "," + timed, "") == R"("2020-01-25 17:01:01.000000")");
  BOOST_TEST(uploaded(plain + "," + later, R"(,"client_upload_time":null)") == R"("2020-01-25 17:01:01.000000")");
  // A clock ahead says nothing of the upload.
  const std::string ahead = R"({"event_type":"v","device_id":"device-1","time":1579978800001})";
  BOOST_TEST(uploaded(ahead + "," + timed, "") == event_moment);
  BOOST_TEST(uploaded(ahead, "") == R"("2020-01-25 18:00:00.000000")");
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
  for (const char* time : {"1579971600000", "1579971600000.0", "1.5799716e12", R"("1579971600000")"}) {
    BOOST_TEST(take_event(",\"time\":" + std::string(time))["client_event_time"] == event_moment);
  }
  for (const char* time : {R"("2020-01-25T17:00:00Z")", "true", "1579971600000.5", R"("1579971600000.0")",
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

BOOST_AUTO_TEST_CASE(an_upload_over_an_hour_ahead_is_received_by_the_clock) {
  const std::string hour_ahead = R"(,"client_upload_time":"2020-01-25T19:00:00Z")";
  BOOST_TEST(take_event("", hour_ahead)["server_upload_time"] == R"("2020-01-25 19:00:00.000000")");
  const taken_line taken = take_event("", R"(,"client_upload_time":"2020-01-25T19:00:00.001Z")");
  BOOST_TEST(taken["client_upload_time"] == R"("2020-01-25 19:00:00.001000")");
  for (const char* column : {"server_received_time", "server_upload_time", "processed_time"}) {
    BOOST_TEST(taken[column] == R"("2020-01-25 18:00:00.000000")");
  }
  BOOST_TEST(taken["client_event_time"] == event_moment);
  BOOST_TEST(taken["event_time"] == R"("2020-01-25 15:59:59.999000")");
}

BOOST_AUTO_TEST_CASE(an_upload_at_no_time_rejects_the_body_and_says_so) {
  const auto reason = [](std::string_view time) {
    return take_body(body_with("", ",\"client_upload_time\":" + std::string(time))).reason;
  };
  for (const char* time : {R"("soon")", "true", "1579971600000000", "[1]", R"("")"}) {
    BOOST_TEST_CONTEXT(time) {
      BOOST_TEST(reason(time) == "client_upload_time is neither a time nor a number of milliseconds since 1970");
    }
  }
  const std::string seconds = "client_upload_time is 1579971600, which looks like seconds since 1970, not milliseconds";
  BOOST_TEST(reason("1579971600") == seconds);
  BOOST_TEST(reason(R"("1579971600")") == seconds);
  BOOST_TEST(reason(R"("1970-01-19T06:52:51.600Z")") == "taken");
  BOOST_TEST(take_body(R"({"events":[{"event_type":"v","device_id":"device-1","time":1579971600}]})").reason ==
             "time is 1579971600, which looks like seconds since 1970, not milliseconds");
  // It decides nothing here.
  BOOST_TEST(take_event(R"(,"time":1579971600)", R"(,"client_upload_time":1579971605000)").reason() == "taken");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::record_request_body_fields_tests
