#include "check/record_check.hpp"

#include "check/small_bucket.hpp"

#include <fstream>

namespace spillway::check::record_check_tests {
namespace {

constexpr auto documented = model::record_form::documented;
constexpr auto observed = model::record_form::observed;
constexpr std::string_view the_time = "2020-01-25 17:00:05.000000";

struct fixture {
  record_check checker;
  tally findings{"1/1_2020-01-25_17#1.json.gz"};
  std::int64_t taken = 0;
  std::optional<record_identity> identity;

  fixture() { open(); }
  void open(std::int64_t project = 1, std::string_view hour = "2020-01-25_17") {
    checker.open({model::object_kind::events, project, *model::parse_hour(hour), 1});
    taken = 0;
    findings = tally(findings.key());
  }
  void take(std::string text) {
    BOOST_REQUIRE(text.ends_with('\n'));
    text.pop_back();
    identity = checker.check(++taken, text, findings);
  }
  // "kind:line what" of each finding.
  std::vector<std::string> found() const {
    std::vector<std::string> all;
    REQUIRE_OK(findings.report([&](const finding& each) -> result<void> {
      all.push_back(fmt::format("{}:{} {}", to_string(each.kind), each.line, each.what));
      return {};
    }));
    return all;
  }
  void check_found(const std::vector<std::string>& wanted) {
    BOOST_TEST(found() == wanted, boost::test_tools::per_element());
  }
};

std::string sound(model::record_form form) { return test::record_line(form, 1, the_time, "i-1"); }

}  // namespace

BOOST_FIXTURE_TEST_SUITE(check_record_check, fixture)

BOOST_AUTO_TEST_CASE(records_of_both_forms_are_right) {
  for (const auto form : {documented, observed}) {
    open();
    take(sound(form));
    BOOST_TEST((checker.form() == form));
    BOOST_TEST(identity.has_value());
    check_found({});
  }
}

BOOST_AUTO_TEST_CASE(real_records_are_right) {
  std::ifstream file(SPILLWAY_FIXTURES "/events/observed-434735.jsonl");
  open(434735, "2023-08-25_11");
  std::string text;
  for (int i = 0; i < 4; ++i) {
    BOOST_REQUIRE(std::getline(file, text));
    take(text + "\n");
  }
  BOOST_TEST((checker.form() == observed));
  check_found({});
}

BOOST_AUTO_TEST_CASE(a_line_that_is_no_object_is_found) {
  take(sound(documented));
  take("[1]\n");
  take("{\"app\":1\n");
  const auto all = found();
  BOOST_REQUIRE(all.size() == 1);
  BOOST_TEST(all[0].starts_with("record:2 not a JSON object: "));
  BOOST_TEST(!identity.has_value());
}

BOOST_AUTO_TEST_CASE(missing_and_extra_keys_are_found_once_an_object) {
  const std::string line = test::replaced(sound(observed), "\"adid\":null,", "\"revenue\":1,");
  for (int i = 0; i < 3; ++i) {
    take(line);
  }
  check_found({"keys:1 not the keys of the observed form: without adid; with revenue"});
}

BOOST_AUTO_TEST_CASE(the_order_of_keys_and_repeated_ones_are_found) {
  take(sound(documented));
  take(test::replaced(sound(documented), "\"app\":1,\"device_carrier\":null", "\"device_carrier\":null,\"app\":1"));
  check_found({"keys:2 its keys are not in the order of the documented form"});
  open();
  take(sound(documented));
  take(test::replaced(sound(documented), "\"app\":1,", "\"app\":1,\"app\":1,"));
  check_found({"keys:2 not the keys of the documented form: twice app"});
}

BOOST_AUTO_TEST_CASE(an_older_record_is_of_the_form_whose_times_it_has) {
  take(
      "{\"app\":1,\"event_time\":\"2020-01-25 17:00:05.000000\",\"server_upload_time\":\"2020-01-25 "
      "17:00:05.000000\"}\n");
  BOOST_TEST((checker.form() == observed));
  open();
  take(
      "{\"app\":1,\"event_time\":\"2020-01-25T17:00:05.000000\",\"server_upload_time\":\"2020-01-25T17:00:05.000000\"}"
      "\n");
  BOOST_TEST((checker.form() == documented));
}

BOOST_AUTO_TEST_CASE(a_value_of_another_type_is_found_even_if_intake_would_take_it) {
  struct row {
    const char* from;
    const char* to;
    const char* what;
  };
  const row rows[] = {
      {"\"session_id\":-1", "\"session_id\":\"-1\"", "type:1 session_id is \"-1\", not an integer of 64 bits"},
      {"\"session_id\":-1", "\"session_id\":1.0", "type:1 session_id is 1.0, not an integer of 64 bits"},
      {"\"paying\":null", "\"paying\":\"true\"", "type:1 paying is \"true\", not a boolean"},
      {"\"city\":null", "\"city\":7", "type:1 city is 7, not a string"},
      {"\"location_lat\":null", "\"location_lat\":\"1.5\"", "type:1 location_lat is \"1.5\", not a number"},
      {"\"groups\":{}", "\"groups\":[]", "type:1 groups is [], not an object"},
      {"\"f48913e6-c106-5429-8d0c-9c1f0c5a1b2e\"", "\"f48913e6\"", "type:1 uuid is \"f48913e6\", not a UUID"},
      {"\"amplitude_attribution_ids\":null", "\"amplitude_attribution_ids\":1",
       "type:1 amplitude_attribution_ids is 1, not an array or a string"},
  };
  for (const row& each : rows) {
    BOOST_TEST_CONTEXT(each.to) {
      open();
      take(test::replaced(sound(documented), each.from, each.to));
      check_found({each.what});
    }
  }
}

BOOST_AUTO_TEST_CASE(times_are_spelled_as_the_form_has_them) {
  for (const char* other : {"2020-01-25 17:00:05.000000", "2020-01-25T17:00:05.000Z", "2020-01-25T17:00:05.000000Z",
                            "2020-01-25T17:00:05", "2020-01-25T18:00:05.000000+01:00", "yesterday"}) {
    BOOST_TEST_CONTEXT(other) {
      open();
      take(test::replaced(sound(documented), "\"event_time\":\"2020-01-25T17:00:05.000000\"",
                          fmt::format("\"event_time\":\"{}\"", other)));
      check_found({fmt::format("type:1 event_time is \"{}\", not a time like 2015-08-10T12:00:00.000000", other)});
    }
  }
}

BOOST_AUTO_TEST_CASE(a_record_of_another_project_is_found) {
  take(test::record_line(documented, 2, the_time, "i-1"));
  check_found({"app:1 app is 2, and the key says project 1"});
  open();
  take(test::replaced(sound(documented), "\"app\":1,", "\"app\":null,"));
  check_found({"app:1 app is null, and the key says project 1"});
}

BOOST_AUTO_TEST_CASE(a_record_in_the_wrong_hour_is_found) {
  take(test::record_line(observed, 1, "2020-01-25 18:00:00.000000", "i-1"));
  check_found({"hour:1 a record in the wrong hour: server_upload_time is \"2020-01-25 18:00:00.000000\""});
}

BOOST_AUTO_TEST_CASE(without_an_upload_time_the_received_time_decides) {
  const std::string without = test::replaced(sound(observed), "\"server_upload_time\":\"2020-01-25 17:00:05.000000\"",
                                             "\"server_upload_time\":null");
  take(without);
  check_found({"hour:1 neither server_upload_time nor server_received_time"});
  BOOST_TEST(!identity.has_value());
  open();
  take(test::replaced(without, "\"server_received_time\":null",
                      "\"server_received_time\":\"2020-01-25 17:59:59.999999\""));
  check_found({});
  BOOST_TEST(identity.has_value());
}

BOOST_AUTO_TEST_CASE(events_are_known_by_device_and_insert_id_or_by_uuid) {
  const auto hash_of = [&](const std::string& text) {
    take(text);
    BOOST_REQUIRE(identity.has_value());
    return identity->hash;
  };
  const std::string with_id = sound(observed);
  const std::string without_id = test::record_line(observed, 1, the_time, "");
  BOOST_TEST((hash_of(with_id) == hash_of(test::replaced(with_id, "f48913e6", "a48913e6"))));
  BOOST_TEST((hash_of(with_id) == hash_of(test::replaced(with_id, "\"i-1\"", "\"i\\u002d1\""))));
  BOOST_TEST((hash_of(with_id) != hash_of(test::replaced(with_id, "d-00001", "d-00002"))));
  BOOST_TEST((hash_of(with_id) != hash_of(test::replaced(with_id, "\"i-1\"", "\"i-2\""))));
  BOOST_TEST((hash_of(without_id) != hash_of(test::replaced(without_id, "f48913e6", "a48913e6"))));
  BOOST_TEST((hash_of(without_id) == hash_of(test::replaced(without_id, "f48913e6", "F48913E6"))));
  BOOST_TEST((hash_of(without_id) != hash_of(with_id)));
  take(test::replaced(without_id, "\"f48913e6-c106-5429-8d0c-9c1f0c5a1b2e\"", "null"));
  BOOST_TEST(!identity.has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::check::record_check_tests
