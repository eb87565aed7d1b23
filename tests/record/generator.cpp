#include "record/generator.hpp"

#include "base/bytes.hpp"
#include "base/hashes.hpp"
#include "model/hour.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::record_generator_tests {
namespace {

namespace json = boost::json;
using spillway::base::instant;
using spillway::base::parse_timestamp;
using spillway::model::hour_of;
using spillway::record::event_generator;
using spillway::record::generator_settings;

std::vector<std::string> lines_of(const generator_settings& settings) {
  event_generator generator(settings);
  std::vector<std::string> lines(1);
  while (generator.next(lines.back())) {
    lines.emplace_back();
  }
  BOOST_TEST(lines.back().empty());
  lines.pop_back();
  return lines;
}

std::vector<json::object> events_of(const generator_settings& settings) {
  std::vector<json::object> events;
  for (const std::string& line : lines_of(settings)) {
    events.push_back(json::parse(line).as_object());
  }
  return events;
}

std::string text_of(const generator_settings& settings) {
  event_generator generator(settings);
  std::string text;
  while (generator.next(text)) {
  }
  return text;
}

std::string_view text_at(const json::object& event, std::string_view key) { return event.at(key).as_string(); }
instant time_at(const json::object& event, std::string_view key) {
  return parse_timestamp(text_at(event, key)).value();
}

constexpr std::string_view keys =
    "$insert_id $insert_key $schema adid amplitude_attribution_ids amplitude_event_type amplitude_id app city "
    "client_event_time client_upload_time country data data_type device_brand device_carrier device_family device_id "
    "device_manufacturer device_model device_type dma event_id event_properties event_time event_type "
    "global_user_properties group_properties groups idfa ip_address is_attribution_event language library location_lat "
    "location_lng os_name os_version partner_id paying plan platform processed_time region sample_rate "
    "server_received_time server_upload_time session_id source_id start_version user_creation_time user_id "
    "user_properties uuid version_name ";

// The example of the fixed choices that the header promises, made once for the tests that only look.
const std::vector<json::object>& thousand() {
  static const std::vector<json::object> events = events_of({});
  return events;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(record_generator)

BOOST_AUTO_TEST_CASE(the_first_thousand_lines_of_seed_1_never_change) {
  const std::string text = text_of({});
  BOOST_TEST(spillway::base::sha256_hex(spillway::base::sha256_of(text)) ==
             "bb6d363af128db7400b93c744b8fdafa8a18c0731d5f1072b486e5ba726c3834");
}

BOOST_AUTO_TEST_CASE(settings_alone_decide_the_bytes) {
  const generator_settings settings{.events = 300, .hours = 3, .seed = 42};
  BOOST_TEST(text_of(settings) == text_of(settings));
  generator_settings other = settings;
  other.seed = 43;
  BOOST_TEST(text_of(settings) != text_of(other));
  other = settings;
  other.project = 7;
  BOOST_TEST(text_of(settings) != text_of(other));
}

BOOST_AUTO_TEST_CASE(neighbouring_seeds_share_no_ids) {
  std::set<std::string, std::less<>> ids;
  for (const std::uint64_t seed : {0, 1, 2, 3}) {
    for (const json::object& event : events_of({.events = 500, .seed = seed})) {
      BOOST_REQUIRE(ids.emplace(text_at(event, "uuid")).second);
      BOOST_REQUIRE(ids.emplace(text_at(event, "$insert_id")).second);
    }
  }
}

BOOST_AUTO_TEST_CASE(every_line_is_compact_json_with_the_55_keys_in_ascii_order) {
  for (const std::string& line : lines_of({})) {
    BOOST_REQUIRE_EQUAL(line.find('\n'), line.size() - 1);
    const json::value value = json::parse(line);
    std::string found;
    for (const auto& member : value.as_object()) {
      found.append(member.key()).append(" ");
    }
    BOOST_REQUIRE_EQUAL(found, keys);
    for (const std::string_view space : {"\": ", ", \"", "{ ", "[ "}) {
      // Titles hold spaces, but none behind a quote and a colon or in front of a quote.
      BOOST_REQUIRE_MESSAGE(line.find(space) == std::string::npos, line);
    }
  }
}

BOOST_AUTO_TEST_CASE(lines_are_1600_bytes_on_average) {
  for (const std::uint64_t seed : {1, 2, 99}) {
    BOOST_TEST(text_of({.events = 5000, .seed = seed}).size() / 5000 >= 1552u);
    BOOST_TEST(text_of({.events = 5000, .seed = seed}).size() / 5000 <= 1648u);
  }
}

BOOST_AUTO_TEST_CASE(upload_times_rise_evenly_from_the_start_over_all_hours) {
  const instant start = parse_timestamp("2024-02-28T22:30:00").value();
  const auto events = events_of({.events = 1001, .hours = 5, .start = start});
  BOOST_TEST(events.size() == 1001u);
  BOOST_TEST((time_at(events.front(), "server_upload_time") == start));
  const auto step = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::hours{5}) / 1001;
  for (std::size_t i = 1; i < events.size(); ++i) {
    const auto gap = time_at(events[i], "server_upload_time") - time_at(events[i - 1], "server_upload_time");
    BOOST_REQUIRE((gap == step || gap == step + std::chrono::milliseconds{1}));
  }
  std::map<std::int64_t, int> per_hour;
  for (const json::object& event : events) {
    ++per_hour[hour_of(time_at(event, "server_upload_time")).number - hour_of(start).number];
  }
  // Half an hour, four whole ones, half an hour.
  BOOST_TEST(per_hour.size() == 6u);
  BOOST_TEST(per_hour[0] == 101);
  BOOST_TEST(per_hour[5] == 100);
}

BOOST_AUTO_TEST_CASE(many_events_in_an_hour_and_few_in_many_stay_in_their_span) {
  const instant start = parse_timestamp("2020-01-25T14:00:00").value();
  for (const generator_settings& settings :
       {generator_settings{.events = 1}, generator_settings{.events = 2, .hours = 8760},
        generator_settings{.events = 5'000'000'000, .hours = 1}, generator_settings{.events = 7200, .hours = 2}}) {
    event_generator generator(settings);
    std::string line;
    for (std::uint64_t i = 0; i < std::min<std::uint64_t>(settings.events, 7200); ++i) {
      line.clear();
      BOOST_REQUIRE(generator.next(line));
    }
    const json::value last = json::parse(line);
    const instant upload = time_at(last.as_object(), "server_upload_time");
    BOOST_TEST((upload >= start && upload < start + std::chrono::hours{settings.hours}));
    BOOST_TEST(generator.next(line) == (settings.events > 7200));
  }
  BOOST_TEST(text_of({.events = 0}).empty());
}

BOOST_AUTO_TEST_CASE(any_year_that_can_be_written_gives_times_that_can_be_read) {
  for (const std::string_view start : {"0001-01-01T00:00:00", "1969-12-31T23:00:00", "9999-12-31T23:00:00"}) {
    for (const json::object& event : events_of({.events = 200, .start = parse_timestamp(start).value()})) {
      for (const std::string_view key : {"client_event_time", "client_upload_time", "event_time", "processed_time"}) {
        BOOST_REQUIRE_MESSAGE(parse_timestamp(text_at(event, key)).has_value(), text_at(event, key));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(event_time_follows_amplitudes_rule) {
  using std::chrono::seconds;
  int adjusted = 0;
  int late = 0;
  for (const json::object& event : events_of({.events = 4000, .hours = 24})) {
    const instant received = time_at(event, "server_received_time");
    const instant client = time_at(event, "client_event_time");
    const auto difference = received - time_at(event, "client_upload_time");
    const bool is_off = difference >= seconds{60} || difference <= -seconds{60};
    BOOST_REQUIRE((time_at(event, "event_time") == (is_off ? client + difference : client)));
    BOOST_REQUIRE((received < time_at(event, "server_upload_time")));
    // A device whose clock is right to a second may be in front of the server.
    BOOST_REQUIRE((time_at(event, "event_time") < time_at(event, "server_upload_time") + seconds{1}));
    BOOST_REQUIRE((time_at(event, "server_upload_time") < time_at(event, "processed_time")));
    BOOST_REQUIRE((client < time_at(event, "client_upload_time")));
    adjusted += is_off ? 1 : 0;
    late += time_at(event, "client_upload_time") - client >= std::chrono::hours{1} ? 1 : 0;
  }
  BOOST_TEST(adjusted > 5);
  BOOST_TEST(adjusted < 200);
  BOOST_TEST(late > 40);
  BOOST_TEST(late < 400);
}

BOOST_AUTO_TEST_CASE(ids_have_their_shapes_and_are_unique) {
  std::set<std::string, std::less<>> uuids, insert_ids;
  for (const json::object& event : events_of({.events = 5000})) {
    const std::string_view uuid = text_at(event, "uuid");
    BOOST_REQUIRE_EQUAL(uuid.size(), 36u);
    BOOST_REQUIRE_EQUAL(uuid[14], '4');
    BOOST_REQUIRE(std::string_view("89ab").find(uuid[19]) != std::string_view::npos);
    BOOST_REQUIRE(uuids.emplace(uuid).second);
    BOOST_REQUIRE(insert_ids.emplace(text_at(event, "$insert_id")).second);
    const std::int64_t amplitude_id = event.at("amplitude_id").as_int64();
    BOOST_REQUIRE(amplitude_id >= 10'000'000'000 && amplitude_id < 10'000'000'000'000);
    BOOST_REQUIRE_EQUAL(event.at("app").as_int64(), 187520);
    BOOST_REQUIRE(event.at("event_id").as_int64() > 0);
  }
}

BOOST_AUTO_TEST_CASE(a_device_stays_one_visitor_and_keeps_its_session) {
  std::map<std::string, const json::object*, std::less<>> first_seen;
  int came_back = 0;
  const auto events = events_of({.events = 6000, .hours = 2});
  for (const json::object& event : events) {
    const auto [seen, is_new] = first_seen.emplace(text_at(event, "device_id"), &event);
    if (is_new) {
      continue;
    }
    ++came_back;
    for (const std::string_view key : {"amplitude_id", "user_id", "country", "os_version", "ip_address", "groups"}) {
      BOOST_REQUIRE_EQUAL(json::serialize(event.at(key)), json::serialize(seen->second->at(key)));
    }
  }
  BOOST_TEST(came_back > 100);
  for (const json::object& event : events) {
    const std::int64_t session_ms = event.at("session_id").as_int64();
    const std::int64_t event_ms = spillway::base::to_us(time_at(event, "client_event_time")) / 1000;
    BOOST_REQUIRE(session_ms == -1 || (session_ms <= event_ms && session_ms > event_ms - 60 * 60'000));
  }
}

BOOST_AUTO_TEST_CASE(events_vary_as_real_ones_do) {
  std::map<std::string, std::set<std::string>, std::less<>> values;
  for (const json::object& event : thousand()) {
    for (const std::string_view key : {"platform", "country", "city", "event_type", "library", "device_model", "groups",
                                       "group_properties", "paying", "user_id", "os_version", "location_lat"}) {
      values[std::string(key)].insert(json::serialize(event.at(key)));
    }
  }
  BOOST_TEST((values["platform"] == std::set<std::string>{"\"Web\"", "\"iOS\"", "\"Android\"", "null"}));
  BOOST_TEST((values["paying"] == std::set<std::string>{"true", "null"}));
  BOOST_TEST(values["country"].size() > 10);
  BOOST_TEST(values["city"].contains("\"São Paulo\""));
  BOOST_TEST(values["event_type"].size() > 12);
  BOOST_TEST(values["device_model"].size() > 5);
  BOOST_TEST(values["groups"].size() > 3);
  BOOST_TEST(values["group_properties"].size() > 3);
  BOOST_TEST(values["user_id"].contains("null"));
  BOOST_TEST(values["location_lat"].contains("null"));
}

BOOST_AUTO_TEST_CASE(text_and_numbers_are_spelled_in_many_ways) {
  const std::string text = text_of({});
  for (const std::string_view part : {"\\u00e9", "\\\"", "\\/", "\\t", "抹茶", "🎁", ":1.10,", "1.9e-1", "null", "true",
                                      "false", "{}", "[[0,", "[{\"sku\""}) {
    BOOST_TEST(text.find(part) != std::string::npos, part);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::record_generator_tests
