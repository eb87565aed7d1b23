#include "record/column.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::record_column_tests {
namespace {

using namespace spillway::record;
using spillway::model::record_form;

// The specification's "exported data JSON object schema", as it stands there.
constexpr std::string_view schema_text = R"(
  "server_received_time": UTC ISO-8601 timestamp,
  "app": int,
  "device_carrier": string,
  "$schema":int,
  "city": string,
  "user_id": string,
  "uuid": UUID,
  "event_time": UTC ISO-8601 timestamp,
  "platform": string,
  "os_version": string,
  "amplitude_id": long,
  "processed_time": UTC ISO-8601 timestamp,
  "version_name": string,
  "ip_address": string,
  "paying": boolean,
  "dma": string,
  "group_properties": dict,
  "user_properties": dict,
  "client_upload_time": UTC ISO-8601 timestamp,
  "$insert_id": string,
  "event_type": string,
  "library":string,
  "amplitude_attribution_ids": string,
  "device_type": string,
  "device_manufacturer": string,
  "start_version": string,
  "location_lng": float,
  "server_upload_time": UTC ISO-8601 timestamp,
  "event_id": int,
  "location_lat": float,
  "os_name": string,
  "amplitude_event_type": string,
  "device_brand": string,
  "groups": dict,
  "event_properties": dict,
  "data": dict,
  "device_id": string,
  "language": string,
  "device_model": string,
  "country": string,
  "region": string,
  "is_attribution_event": bool,
  "adid": string,
  "session_id": long,
  "device_family": string,
  "sample_rate": null,
  "idfa": string,
  "client_event_time": UTC ISO-8601 timestamp,
)";

// Keys of exported records of 2022 to 2026, in their order.
constexpr std::string_view observed_keys =
    "$insert_id $insert_key $schema adid amplitude_attribution_ids amplitude_event_type amplitude_id app city "
    "client_event_time client_upload_time country data data_type device_brand device_carrier device_family device_id "
    "device_manufacturer device_model device_type dma event_id event_properties event_time event_type "
    "global_user_properties group_properties groups idfa ip_address is_attribution_event language library location_lat "
    "location_lng os_name os_version partner_id paying plan platform processed_time region sample_rate "
    "server_received_time server_upload_time session_id source_id start_version user_creation_time user_id "
    "user_properties uuid version_name";

// (key, type) of each line of the schema.
std::vector<std::pair<std::string, std::string>> schema() {
  std::vector<std::pair<std::string, std::string>> keys;
  std::istringstream lines{std::string(schema_text)};
  for (std::string line; std::getline(lines, line);) {
    const std::size_t open = line.find('"');
    if (open != std::string::npos) {
      const std::size_t close = line.find('"', open + 1);
      const std::size_t type = line.find_first_not_of(" :", close + 1);
      keys.emplace_back(line.substr(open + 1, close - open - 1), line.substr(type, line.size() - type - 1));
    }
  }
  return keys;
}

std::vector<std::string> column_names_of(record_form form) {
  std::vector<std::string> names;
  for (const column each : columns_of(form)) {
    names.emplace_back(info_of(each).name);
  }
  return names;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(record_column)

BOOST_AUTO_TEST_CASE(the_documented_form_has_the_48_keys_of_the_schema_in_its_order) {
  std::vector<std::string> wanted;
  for (const auto& [key, type] : schema()) {
    wanted.push_back(key);
  }
  BOOST_TEST(wanted.size() == 48U);
  BOOST_TEST(column_names_of(record_form::documented) == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_observed_form_has_55_keys_in_ascii_order) {
  std::istringstream words{std::string(observed_keys)};
  const std::vector<std::string> wanted{std::istream_iterator<std::string>(words), {}};
  BOOST_TEST(wanted.size() == column_count);
  BOOST_TEST(std::is_sorted(wanted.begin(), wanted.end()));
  BOOST_TEST(column_names_of(record_form::observed) == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(columns_have_the_types_that_the_schema_says) {
  const std::map<std::string, column_type> types = {{"UTC ISO-8601 timestamp", column_type::timestamp},
                                                    {"int", column_type::integer},
                                                    {"long", column_type::integer},
                                                    {"string", column_type::string},
                                                    {"UUID", column_type::uuid},
                                                    {"boolean", column_type::boolean},
                                                    {"bool", column_type::boolean},
                                                    {"dict", column_type::dict},
                                                    {"float", column_type::number},
                                                    {"null", column_type::number}};
  for (const auto& [key, type] : schema()) {
    const auto which = find_column(key);
    BOOST_REQUIRE_MESSAGE(which.has_value(), key);
    // The one column whose type the specification gives twice: "array" in its table, "string" in its schema.
    const column_type wanted = key == "amplitude_attribution_ids" ? column_type::attribution : types.at(type);
    BOOST_TEST_CONTEXT(key) { BOOST_CHECK(info_of(*which).type == wanted); }
  }
}

BOOST_AUTO_TEST_CASE(six_dicts_are_empty_when_absent_and_all_else_is_null) {
  const std::string dicts = " event_properties user_properties groups group_properties data plan ";
  for (const column each : columns_of(record_form::observed)) {
    const std::string name(info_of(each).name);
    const bool is_dict = dicts.find(" " + name + " ") != std::string::npos;
    BOOST_TEST_CONTEXT(name) { BOOST_TEST(info_of(each).absent == (is_dict ? "{}" : "null")); }
  }
}

BOOST_AUTO_TEST_CASE(a_column_is_found_by_its_exact_name) {
  for (const column each : columns_of(record_form::observed)) {
    BOOST_CHECK(find_column(info_of(each).name) == each);
  }
  for (const char* name : {"", "App", "app ", "ap", "appl", "insert_id", "$", "zzz", "\"app\""}) {
    BOOST_TEST_CONTEXT(name) { BOOST_CHECK(!find_column(name)); }
  }
}

BOOST_AUTO_TEST_CASE(seven_columns_are_of_the_observed_form_alone) {
  std::vector<std::string> only;
  for (const column each : columns_of(record_form::observed)) {
    BOOST_TEST(has_column(record_form::observed, each));
    if (!has_column(record_form::documented, each)) {
      only.emplace_back(info_of(each).name);
    }
  }
  const std::vector<std::string> wanted = {"$insert_key", "data_type", "global_user_properties", "partner_id",
                                           "plan",        "source_id", "user_creation_time"};
  BOOST_TEST(only == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::record_column_tests
