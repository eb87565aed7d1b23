#include "record/encode.hpp"

#include "reading.hpp"

#include <string>
#include <string_view>

namespace spillway::record_encode_tests {
namespace {

using namespace spillway::record;
using spillway::model::record_form;
using spillway::test::event_with;
using spillway::test::take;
using spillway::test::take_with;
using spillway::test::without_gaps;

// As it came: gaps, a repeated column, a repeated key in a dict, times in four spellings, two values to coerce.
constexpr std::string_view raw_event = R"json( {
  "app" : "187520", "city":"Brno", "event_type":"page viewed","device_id" : "d-1", "user_id":"žluť \u017e \" \/",
  "$insert_id":"i-1", "$insert_key":null,"amplitude_id":45975551903, "client_event_time":"2020-01-25T16:59:58.583Z",
  "client_upload_time":"2020-01-25 17:59:59+01:00","server_received_time":"2020-01-25T17:00:00.000000",
  "server_upload_time":"2020-01-25 17:00:00.003000", "processed_time":"2020-01-25T17:00:01.5",
  "uuid":"bf0b9b2a-304d-11e6-934f-22000b56058f",
  "event_properties": { "a" : 1.10, "a":[1e5 , 9007199254740993,-0.0] ,"c":" x \t " },
  "groups":{"company":[ "acme" ]}, "location_lat":49.1950610,"location_lng":"1.66e1", "paying":true,"session_id":-1 ,
  "event_id":42.0,"library":"http/2.0", "plan":{"branch":"main" }, "source_id":"s", "unknown": [ 1 ],
  "amplitude_attribution_ids":[ "x" ], "sample_rate":0.5, "is_attribution_event":false, "city" : null
} )json";

constexpr std::string_view documented_line =
    R"json({"server_received_time":"2020-01-25T17:00:00.000000","app":187520,"device_carrier":null,)json"
    R"json("$schema":null,"city":null,"user_id":"žluť \u017e \" \/",)json"
    R"json("uuid":"bf0b9b2a-304d-11e6-934f-22000b56058f","event_time":"2020-01-25T16:59:58.583000",)json"
    R"json("platform":null,"os_version":null,"amplitude_id":45975551903,)json"
    R"json("processed_time":"2020-01-25T17:00:01.500000","version_name":null,"ip_address":null,"paying":true,)json"
    R"json("dma":null,"group_properties":{},"user_properties":{},)json"
    R"json("client_upload_time":"2020-01-25T16:59:59.000000","$insert_id":"i-1","event_type":"page viewed",)json"
    R"json("library":"http/2.0","amplitude_attribution_ids":["x"],"device_type":null,)json"
    R"json("device_manufacturer":null,"start_version":null,"location_lng":1.66e1,)json"
    R"json("server_upload_time":"2020-01-25T17:00:00.003000","event_id":42,"location_lat":49.1950610,)json"
    R"json("os_name":null,"amplitude_event_type":null,"device_brand":null,"groups":{"company":["acme"]},)json"
    R"json("event_properties":{"a":1.10,"a":[1e5,9007199254740993,-0.0],"c":" x \t "},"data":{},)json"
    R"json("device_id":"d-1","language":null,"device_model":null,"country":null,"region":null,)json"
    R"json("is_attribution_event":false,"adid":null,"session_id":-1,"device_family":null,"sample_rate":0.5,)json"
    R"json("idfa":null,"client_event_time":"2020-01-25T16:59:58.583000"})json"
    "\n";
constexpr std::string_view observed_line =
    R"json({"$insert_id":"i-1","$insert_key":null,"$schema":null,"adid":null,"amplitude_attribution_ids":["x"],)json"
    R"json("amplitude_event_type":null,"amplitude_id":45975551903,"app":187520,"city":null,)json"
    R"json("client_event_time":"2020-01-25 16:59:58.583000","client_upload_time":"2020-01-25 16:59:59.000000",)json"
    R"json("country":null,"data":{},"data_type":null,"device_brand":null,"device_carrier":null,)json"
    R"json("device_family":null,"device_id":"d-1","device_manufacturer":null,"device_model":null,)json"
    R"json("device_type":null,"dma":null,"event_id":42,"event_properties":{"a":1.10,)json"
    R"json("a":[1e5,9007199254740993,-0.0],"c":" x \t "},"event_time":"2020-01-25 16:59:58.583000",)json"
    R"json("event_type":"page viewed","global_user_properties":null,"group_properties":{},)json"
    R"json("groups":{"company":["acme"]},"idfa":null,"ip_address":null,"is_attribution_event":false,)json"
    R"json("language":null,"library":"http/2.0","location_lat":49.1950610,"location_lng":1.66e1,"os_name":null,)json"
    R"json("os_version":null,"partner_id":null,"paying":true,"plan":{"branch":"main"},"platform":null,)json"
    R"json("processed_time":"2020-01-25 17:00:01.500000","region":null,"sample_rate":0.5,)json"
    R"json("server_received_time":"2020-01-25 17:00:00.000000",)json"
    R"json("server_upload_time":"2020-01-25 17:00:00.003000","session_id":-1,"source_id":"s",)json"
    R"json("start_version":null,"user_creation_time":null,"user_id":"žluť \u017e \" \/","user_properties":{},)json"
    R"json("uuid":"bf0b9b2a-304d-11e6-934f-22000b56058f","version_name":null})json"
    "\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(record_encode)

BOOST_AUTO_TEST_CASE(a_record_is_written_byte_for_byte_in_the_documented_form) {
  BOOST_TEST(take(raw_event, record_form::documented).text == documented_line);
  BOOST_TEST(take(without_gaps(raw_event), record_form::documented).text == documented_line);
}

BOOST_AUTO_TEST_CASE(a_record_is_written_byte_for_byte_in_the_observed_form) {
  BOOST_TEST(take(raw_event, record_form::observed).text == observed_line);
  BOOST_TEST(take(without_gaps(raw_event), record_form::observed).text == observed_line);
}

BOOST_AUTO_TEST_CASE(an_encoded_line_is_its_own_encoding) {
  BOOST_TEST(take(documented_line, record_form::documented).text == documented_line);
  BOOST_TEST(take(observed_line, record_form::observed).text == observed_line);
}

BOOST_AUTO_TEST_CASE(strings_and_numbers_are_copied_as_they_came) {
  for (const char* value : {"1.10", "1e5", "1E+5", "-0", "-0.0", "9007199254740993", "0.1000", "1e-400",
                            "18446744073709551615", R"("\u00e9")", R"("\/")", R"("/")", "\"\xc3\xa9\"",
                            R"("\ud83d\ude00")", "\"\xf0\x9f\x98\x80\"", R"("a  b")", R"("\t{ }, [ ]:")", "\"\x7f\""}) {
    const std::string dict = "{\"p\":" + std::string(value) + "}";
    BOOST_TEST_CONTEXT(value) {
      BOOST_TEST(take_with(",\"event_properties\":" + dict)["event_properties"] == dict);
      // A gap elsewhere in the line takes the other way through the encoder.
      BOOST_TEST(take_with(", \"event_properties\":" + dict)["event_properties"] == dict);
    }
  }
}

BOOST_AUTO_TEST_CASE(white_space_goes_from_dicts_and_stays_in_strings) {
  BOOST_TEST(take_with(",\"event_properties\": {\t\"a b\" :\r[ \" , \" ,{ } ] } ")["event_properties"] ==
             R"({"a b":[" , ",{}]})");
  BOOST_TEST(take_with(R"(,"city" : "  Brno  ")")["city"] == R"("  Brno  ")");
  BOOST_TEST(take_with(R"(,"amplitude_attribution_ids":[ "a b" , "c" ])")["amplitude_attribution_ids"] ==
             R"(["a b","c"])");
}

BOOST_AUTO_TEST_CASE(of_a_repeated_column_the_last_wins) {
  BOOST_TEST(take_with(R"(,"city":"Brno","city":"Praha")")["city"] == R"("Praha")");
  BOOST_TEST(take_with(R"(,"city":"Brno","city":null)")["city"] == "null");
  BOOST_TEST(take_with(R"(,"city":[],"city":"Praha")")["city"] == R"("Praha")");
  BOOST_TEST(take_with(R"(,"event_properties":{"a":1},"event_properties":{})")["event_properties"] == "{}");
}

BOOST_AUTO_TEST_CASE(inside_a_dict_repeated_keys_stay) {
  BOOST_TEST(take_with(R"(,"user_properties":{"a":1,"a":1,"a":2})")["user_properties"] == R"({"a":1,"a":1,"a":2})");
}

BOOST_AUTO_TEST_CASE(a_null_stays_and_what_is_absent_is_null_or_an_empty_dict) {
  const auto absent = take(event_with(""), record_form::observed);
  const auto null = take(event_with(R"(,"groups":null,"plan":null,"city":null,"data":null)"), record_form::observed);
  for (const char* dict : {"event_properties", "user_properties", "groups", "group_properties", "data", "plan"}) {
    BOOST_TEST(absent[dict] == "{}");
  }
  BOOST_TEST(absent["global_user_properties"] == "null");
  BOOST_TEST(absent["city"] == "null");
  for (const char* key : {"groups", "plan", "city", "data"}) {
    BOOST_TEST(null[key] == "null");
  }
}

BOOST_AUTO_TEST_CASE(lines_are_appended) {
  record_reader reader(spillway::test::default_rules(), {});
  std::string text = "before\n";
  BOOST_REQUIRE(reader.take_line(event_with(""), {}, text).has_value());
  const std::size_t first = text.size();
  BOOST_REQUIRE(reader.take_line(event_with(R"(, "city" :"Brno")"), {}, text).has_value());
  BOOST_TEST(text.starts_with("before\n{\"server_received_time\""));
  BOOST_TEST(text[first - 1] == '\n');
  BOOST_TEST(text.substr(first).find(R"("city":"Brno",)") != std::string::npos);
  BOOST_TEST(std::count(text.begin(), text.end(), '\n') == 3);
}

BOOST_AUTO_TEST_CASE(dropped_keys_count_by_name) {
  dropped_keys dropped;
  dropped.add("a");
  dropped.add("b", 5);
  dropped.add("a", 2);
  dropped_keys others;
  others.add("b");
  others.add("c");
  dropped.add_from(others);
  const std::map<std::string, std::uint64_t, std::less<>> wanted = {{"a", 3}, {"b", 6}, {"c", 1}};
  BOOST_CHECK(dropped.counts() == wanted);
}

BOOST_AUTO_TEST_CASE(names_of_dropped_keys_are_bounded_and_their_count_is_not_lost) {
  dropped_keys dropped;
  std::uint64_t added = 0;
  for (int i = 0; i < 5000; ++i) {
    dropped.add("key " + std::to_string(i), 2);
    added += 2;
  }
  dropped_keys all;
  all.add("of another reader");
  all.add_from(dropped);
  for (const dropped_keys* each : {&dropped, &all}) {
    BOOST_TEST(each->counts().size() <= 1001U);
    std::uint64_t counted = 0;
    for (const auto& [name, count] : each->counts()) {
      counted += count;
    }
    BOOST_TEST(counted == added + (each == &all ? 1 : 0));
    BOOST_TEST(each->counts().at("(others)") >= 8000U);
  }
  dropped_keys lengthy;
  lengthy.add(std::string(100'000, 'x'));
  BOOST_TEST(lengthy.counts().begin()->first.size() == 200U);
}

BOOST_AUTO_TEST_CASE(a_long_name_is_cut_between_characters) {
  for (std::size_t padding = 195; padding <= 200; ++padding) {
    dropped_keys dropped;
    dropped.add(std::string(padding, 'x') + "\xf0\x9f\x98\x80 and so on");
    const std::string& name = dropped.counts().begin()->first;
    BOOST_TEST(name.size() <= 200U);
    BOOST_TEST(name.size() == (padding <= 196 ? padding + 4 + (196 - padding) : padding));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::record_encode_tests
