#include "check/check.hpp"

#include "check/small_bucket.hpp"

#include <fstream>

namespace spillway::check::check_tests {
namespace {

constexpr auto documented = model::record_form::documented;
constexpr auto observed = model::record_form::observed;

// A bucket of project 1 as Spillway leaves it: hour 17 with two objects, 18 empty, 19 with one; and a merge.
struct fixture : test::small_bucket {
  const std::string at_17_1 = "1/1_2020-01-25_17#1.json.gz";
  const std::string at_17_2 = "1/1_2020-01-25_17#2.json.gz";
  const std::string at_19 = "1/1_2020-01-25_19#1.json.gz";
  const std::string first = line("17", "a") + line("17", "b");
  const std::string second = line("17", "c");
  const std::string third = line("19", "d");

  static std::string line(std::string_view clock_hour, std::string_view insert_id) {
    return test::record_line(documented, 1, fmt::format("2020-01-25 {}:00:05.000000", clock_hour), insert_id);
  }
  void put_marker(std::string_view hour, std::vector<model::manifest_object> objects) {
    put(fmt::format("1/1_{}_complete", hour), model::to_json({1, *model::parse_hour(hour), std::move(objects)}));
  }
  void put_sound() {
    put_packed(at_17_1, first);
    put_packed(at_17_2, second);
    put_packed(at_19, third);
    put_marker("2020-01-25_17", {test::listed(at_17_1, first), test::listed(at_17_2, second)});
    put_marker("2020-01-25_18", {});
    put_marker("2020-01-25_19", {test::listed(at_19, third)});
    put_packed("-7/-7_2020-01-25_17.json.gz",
               "{\"scope\":-7,\"merge_time\":1,\"merge_server_time\":1579971603000,\"amplitude_id\":9,"
               "\"merged_amplitude_id\":8}\n");
  }
};

void put_real(test::small_bucket& to) {
  std::ifstream file(SPILLWAY_FIXTURES "/events/observed-434735.jsonl");
  std::vector<std::string> lines(6);
  for (std::string& line : lines) {
    BOOST_REQUIRE(std::getline(file, line));
    line += '\n';
  }
  to.put_packed("434735/434735_2023-08-25_11#0.json.gz", lines[0] + lines[1]);
  to.put_packed("434735/434735_2023-08-25_11#627.json.gz", lines[2] + lines[3]);
  to.put_packed("434735/434735_2023-08-26_11#70.json.gz", lines[4] + lines[5]);
  model::hour hour = *model::parse_hour("2023-08-25_11");
  for (int i = 0; i < 25; ++i, hour = hour.next()) {
    to.put(fmt::format("434735/434735_{}_complete", model::to_string(hour)), "");
  }
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(check_check, fixture)

BOOST_AUTO_TEST_CASE(a_sound_bucket_has_no_findings) {
  put_sound();
  BOOST_TEST(findings().empty());
  const auto report = check_bucket(*mirror, {}, nullptr, sink());
  REQUIRE_OK(report);
  BOOST_TEST(report->objects == 7U);
  BOOST_TEST(report->records == 5);
  BOOST_TEST(report->hours == 3);
  BOOST_TEST(report->is_right());
}

BOOST_AUTO_TEST_CASE(a_bucket_as_amplitude_writes_it_has_no_findings) {
  put_real(*this);
  BOOST_TEST(findings() == test::names{}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_hour_missing_from_a_real_bucket_is_found) {
  put_real(*this);
  REQUIRE_OK(mirror->remove("434735/434735_2023-08-26_3_complete"));
  BOOST_TEST(findings() == test::names{"gap 434735/434735_2023-08-26_3_complete"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(where_nothing_is_there_nothing_is_right) {
  BOOST_TEST(findings() == test::names{"empty "}, boost::test_tools::per_element());
  put("README.md", "text");
  BOOST_TEST(findings() == (test::names{"note README.md", "empty "}), boost::test_tools::per_element());
  put_sound();
  settings wanted;
  wanted.prefix = "nosuch";
  BOOST_TEST(findings(wanted) == test::names{"empty nosuch"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_note_leaves_the_bucket_right) {
  put_sound();
  put("README.md", "text");
  BOOST_TEST(findings() == test::names{"note README.md"}, boost::test_tools::per_element());
  const auto report = check_bucket(*mirror, {}, nullptr, sink());
  REQUIRE_OK(report);
  BOOST_TEST(report->is_right());
  BOOST_TEST(report->notes == 1);
}

BOOST_AUTO_TEST_CASE(an_event_twice_in_seven_days_is_found_across_objects_and_hours) {
  put_packed(at_17_1, first + line("17", "a"));
  put_packed(at_17_2, second);
  put_packed(at_19, line("19", "c"));
  BOOST_TEST(findings() == (test::names{"duplicate " + at_17_1 + ":3", "duplicate " + at_19 + ":1"}),
             boost::test_tools::per_element());
  BOOST_TEST(found[0].what == "the event was there already: " + at_17_1 + ":1");
  BOOST_TEST(found[1].what == "the event was there already: " + at_17_2 + ":1");
  settings without;
  without.duplicates = duplicates::skip;
  BOOST_TEST(findings(without).empty());
}

BOOST_AUTO_TEST_CASE(the_same_event_in_another_project_or_after_seven_days_is_another) {
  put_packed(at_17_1, first);
  put_packed("1/1_2020-02-01_18#1.json.gz", test::record_line(documented, 1, "2020-02-01 18:00:00.000000", "a"));
  put_packed("2/2_2020-01-25_17#1.json.gz", test::record_line(documented, 2, "2020-01-25 17:00:05.000000", "a") +
                                                test::record_line(documented, 2, "2020-01-25 17:00:05.000000", "b"));
  BOOST_TEST(findings().empty());
}

BOOST_AUTO_TEST_CASE(forms_that_are_mixed_in_a_project_are_found_once) {
  put_packed(at_17_1, first);
  for (const char* partition : {"2", "3"}) {
    put_packed(fmt::format("1/1_2020-01-25_17#{}.json.gz", partition),
               test::record_line(observed, 1, "2020-01-25 17:00:05.000000", partition));
  }
  put_packed("2/2_2020-01-25_17#0.json.gz", test::record_line(observed, 2, "2020-01-25 17:00:05.000000", "x"));
  BOOST_TEST(findings() == test::names{"form " + at_17_2}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_wrong_inside_an_object_is_found_with_its_line) {
  put_packed(at_17_1, line("17", "a") + line("18", "b") + "{}x\n");
  BOOST_TEST(findings() == (test::names{"hour " + at_17_1 + ":2", "record " + at_17_1 + ":3"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_marker_that_disagrees_is_found) {
  put_sound();
  put_packed(at_17_2, line("17", "e"));
  REQUIRE_OK(mirror->remove(at_19));
  BOOST_TEST(findings() == (test::names{"marker 1/1_2020-01-25_17_complete", "marker 1/1_2020-01-25_19_complete"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_broken_object_does_not_hide_the_rest) {
  put_sound();
  put(at_17_1, test::gzip_of(first).substr(0, 60));
  put_packed(at_19, third + third);
  BOOST_TEST(findings() == (test::names{"gzip " + at_17_1, "marker 1/1_2020-01-25_17_complete",
                                        "duplicate " + at_19 + ":2", "marker 1/1_2020-01-25_19_complete"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(merges_are_checked_and_need_no_marker) {
  put_packed("-7/-7_2020-01-25_17.json.gz",
             "{\"scope\":7,\"merge_time\":1,\"merge_server_time\":1579971603000,\"amplitude_id\":9,\"merged_amplitude_"
             "id\":8}\n");
  BOOST_TEST(findings() == test::names{"merge -7/-7_2020-01-25_17.json.gz:1"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_ledger_is_compared_if_there_is_one) {
  put_sound();
  const ledger_view nothing;
  const auto all = findings({}, &nothing);
  BOOST_TEST(all.size() == 7);
  BOOST_TEST(std::ranges::all_of(all, [](const std::string& each) { return each.starts_with("foreign "); }));
}

BOOST_AUTO_TEST_CASE(hours_that_wait_are_counted_and_are_no_findings) {
  put_marker("2020-01-25_18", {});
  ledger_view ledger;
  ledger.hours[{1, *model::parse_hour("2020-01-25_18")}] = {true, model::marker_kind::manifest};
  ledger.hours[{1, *model::parse_hour("2020-01-25_19")}] = {false, model::marker_kind::manifest};
  const auto report = check_bucket(*mirror, {}, &ledger, sink());
  REQUIRE_OK(report);
  BOOST_TEST(report->is_right());
  BOOST_TEST(report->undelivered_hours == 1);
}

BOOST_AUTO_TEST_CASE(an_hour_that_the_ledger_delivered_without_a_marker_needs_none) {
  put_sound();
  REQUIRE_OK(mirror->remove("1/1_2020-01-25_19_complete"));
  BOOST_TEST(findings() == test::names{"unmarked 1/1_2020-01-25_19_complete"}, boost::test_tools::per_element());
  ledger_view ledger;
  const auto unmarked = [&](model::project_id project) {
    ledger.hours[{project, *model::parse_hour("2020-01-25_19")}] = {true, model::marker_kind::off};
    const auto all = findings({}, &ledger);
    return std::ranges::count_if(all, [](const std::string& each) { return each.starts_with("unmarked "); });
  };
  BOOST_TEST(unmarked(2) == 1);
  BOOST_TEST(unmarked(1) == 0);
}

BOOST_AUTO_TEST_CASE(only_the_prefix_is_checked) {
  put_packed("a/1/1_2020-01-25_17#1.json.gz", first);
  put_packed("b/1/1_2020-01-25_17#1.json.gz", "{}\n");
  settings wanted;
  wanted.prefix = "a";
  BOOST_TEST(findings(wanted).empty());
}

BOOST_AUTO_TEST_CASE(a_check_that_is_asked_to_stop_does) {
  put_sound();
  std::stop_source source;
  source.request_stop();
  settings wanted;
  wanted.stop = source.get_token();
  CHECK_FAILS(check_bucket(*mirror, wanted, nullptr, sink()), errc::interrupted);
}

BOOST_AUTO_TEST_CASE(a_bucket_that_refuses_is_a_failure_and_no_finding) {
  put_sound();
  std::ofstream(dir / "bucket/.spillway/bucket.json") << R"({"deny": ["s3:GetObject"]})";
  mirror = bucket::open_mirror(dir / "bucket", clock, bucket::create_root::no).value();
  CHECK_FAILS(check_bucket(*mirror, {}, nullptr, sink()), errc::denied);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::check::check_tests
