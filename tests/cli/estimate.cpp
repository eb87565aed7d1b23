#include "cli/estimate.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

namespace spillway::cli_estimate_tests {
namespace {

using namespace spillway::cli;

// 1,200 events of 500 bytes in 12 hours, compressed to a tenth.
event_sample half_a_day() {
  event_sample sample;
  sample.project = 7;
  sample.events = 1'200;
  sample.events_stored = 1'200;
  sample.text_bytes = 600'000;
  sample.compressed_ratio = 0.1;
  sample.compressed_text_bytes = 400'000;
  sample.first_hour = *model::parse_hour("2020-01-25_6");
  sample.last_hour = *model::parse_hour("2020-01-25_17");
  return sample;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cli_estimate, *boost::unit_test::tolerance(1e-9))

BOOST_AUTO_TEST_CASE(a_month_is_thirty_days_at_the_rate_of_the_hours_with_data) {
  const event_estimate made = estimate_of(half_a_day());
  BOOST_TEST(made.event_text_bytes == 500.0);
  BOOST_TEST(made.event_compressed_bytes == 50.0);
  BOOST_TEST(made.days == 0.5);
  BOOST_TEST(made.events_per_day == 2'400.0);
  BOOST_TEST(made.month.events == 72'000.0);
  BOOST_TEST(made.month.text_bytes == 36e6);
  BOOST_TEST(made.month.compressed_bytes == 3.6e6);
}

BOOST_AUTO_TEST_CASE(one_hour_counts_whole) {
  event_sample sample = half_a_day();
  sample.first_hour = sample.last_hour;
  BOOST_TEST(estimate_of(sample).days == 1.0 / 24);
}

BOOST_AUTO_TEST_CASE(a_filter_that_takes_nothing_gives_a_month_of_nothing) {
  event_sample sample = half_a_day();
  sample.events = 0;
  sample.text_bytes = 0;
  const event_estimate made = estimate_of(sample);
  BOOST_TEST(made.event_text_bytes == 0.0);
  BOOST_TEST(made.month.events == 0.0);
  BOOST_TEST(made.month.compressed_bytes == 0.0);
}

BOOST_AUTO_TEST_CASE(the_text_says_what_it_is_judged_by) {
  BOOST_TEST(describe({{}, {estimate_of(half_a_day())}}) ==
             "project 7: 1,200 events, 2020-01-25_6 to 2020-01-25_17 (0.5 days)\n"
             "  an event: 500 bytes of text, 50.0 compressed (measured on 400.0 kB of text)\n"
             "  30 days at 2,400 events a day: 72,000 events, 36.0 MB of text, 3.6 MB compressed\n");
}

BOOST_AUTO_TEST_CASE(a_filter_and_several_projects_are_told) {
  event_sample some = half_a_day();
  some.events = 600;
  some.text_bytes = 300'000;
  const std::string text = describe({R"({"column":"event_type","operator":"is","values":["Login"]})",
                                     {estimate_of(some), estimate_of(half_a_day())}});
  BOOST_TEST(text.starts_with("project 7: 600 of 1,200 events, "));
  BOOST_TEST(text.ends_with("all projects, 30 days: 108,000 events, 54.0 MB of text, 5.4 MB compressed\n"));
}

BOOST_AUTO_TEST_CASE(a_store_without_events_gives_nothing_to_judge_by) {
  BOOST_TEST(describe({{}, {estimate_of({})}}) == "the state file holds no events, so there is nothing to judge by\n");
  const auto document = to_json(estimate_report{{}, {estimate_of({})}});
  BOOST_TEST(document.at("filter").is_null());
  BOOST_TEST(document.at("projects").at(0).at("first_hour").is_null());
  BOOST_TEST(document.at("month").at("events").to_number<int>() == 0);
}

BOOST_AUTO_TEST_CASE(the_document_has_whole_numbers) {
  event_sample sample = half_a_day();
  sample.events = 7;
  sample.text_bytes = 1'000;
  const std::string filter = R"({"column":"event_type","operator":"is","values":["a","b"]})";
  const auto document = to_json(estimate_report{filter, {estimate_of(sample)}});
  BOOST_TEST(boost::json::serialize(document.at("filter")) == filter);
  const auto& project = document.at("projects").at(0);
  BOOST_TEST(project.at("event_text_bytes").as_int64() == 143);
  BOOST_TEST(project.at("event_compressed_bytes").as_int64() == 14);
  BOOST_TEST(project.at("hours").as_int64() == 12);
  BOOST_TEST(project.at("events_per_day").as_int64() == 14);
  BOOST_TEST(project.at("compressed_bytes").as_int64() == 100);
  BOOST_TEST(project.at("month").at("events").as_int64() == 420);
  BOOST_TEST(project.at("month").at("text_bytes").as_int64() == 60'000);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::cli_estimate_tests
