#include "export/plan.hpp"

#include "store/connections.hpp"

#include "support/export_run.hpp"

#include <string>

namespace spillway::exporting::plan_tests {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::seconds;

struct fixture : test::export_run {
  model::project project() { return store::find_project(state.database(), 1).value().value(); }
  // What is to be done about each hour, as letters: nothing, plan, gather, open.
  std::string needs() {
    const auto connection = store::open_connection(state.database(), 1, to.place, {}, clock.now());
    REQUIRE_OK(connection);
    const auto found = find_needs(state.database(), project(), *connection, to, clock.now());
    REQUIRE_OK(found);
    std::string letters;
    for (const hour_need& each : *found) {
      letters += "npgo"[static_cast<std::size_t>(each.what)];
    }
    return letters;
  }
  void plan_now() {
    REQUIRE_OK(plan());
    test::check_events(state.database());
    test::check_ledger(state.database());
  }
  std::vector<store::object_row> planned(std::int64_t behind = 0) {
    for (const store::job_row& job : jobs()) {
      if (job.hour == hour(behind) && job.place.destination == to.place.destination) {
        return store::list_objects(state.database(), job.id).value();
      }
    }
    return {};
  }
};

BOOST_FIXTURE_TEST_SUITE(export_plan, fixture)

BOOST_AUTO_TEST_CASE(an_hour_is_closed_at_its_end_and_not_before) {
  add(3);
  clock.set(hour().end() - microseconds{1});
  BOOST_TEST(needs() == "o");
  clock.set(hour().end());
  BOOST_TEST(needs() == "p");
}

BOOST_AUTO_TEST_CASE(settling_keeps_an_hour_open) {
  add(3);
  to.settling = seconds{300};
  clock.set(hour().end() + seconds{300} - microseconds{1});
  BOOST_TEST(needs() == "o");
  clock.set(hour().end() + seconds{300});
  BOOST_TEST(needs() == "p");
}

BOOST_AUTO_TEST_CASE(open_hours_are_named_with_their_events) {
  add(3);
  add(4, 1);
  clock.set(hour(1).start());
  const auto made = plan();
  REQUIRE_OK(made);
  BOOST_REQUIRE(made->open.size() == 1U);
  BOOST_CHECK(made->open[0].key.hour == hour(1));
  BOOST_TEST(made->open[0].events == 4);
  BOOST_TEST(jobs().size() == 1U);
  // Nothing of an open hour is sealed.
  BOOST_TEST(number("SELECT count(*) FROM piece") == 1);
}

BOOST_AUTO_TEST_CASE(open_hours_are_planned_when_it_is_asked_for) {
  add(3);
  clock.set(hour().start());
  to.open = open_hours::close;
  BOOST_TEST(needs() == "p");
  plan_now();
  BOOST_TEST(needs() == "n");
  add(1);
  BOOST_TEST(needs() == "p");  // nothing waits for the next partition either
  to.open = open_hours::leave;
  BOOST_TEST(needs() == "o");
}

// As `run --once --close-open-hours` does: nothing is in them yet.
BOOST_AUTO_TEST_CASE(an_hour_without_events_is_not_marked_before_its_end) {
  add(3);
  clock.set(hour(1).start() + seconds{1});
  to.open = open_hours::close;
  to.hours = model::hour_range{hour(), model::hour_range().last};
  BOOST_TEST(needs() == "p");
  clock.set(hour(2).start());
  BOOST_TEST(needs() == "pp");
}

// A connection that goes on behind a gap.
BOOST_AUTO_TEST_CASE(what_comes_late_in_front_of_the_range_is_planned_where_the_hour_was_delivered) {
  add(3);
  add(3, 1);
  clock.set(hour(1).start());
  plan_now();
  to.hours = model::hour_range{hour(5), model::hour_range().last};
  clock.set(hour(5).start());
  add(2);
  add(2, 1);
  BOOST_TEST(needs() == "p");  // not the other hour, which no job is of
}

BOOST_AUTO_TEST_CASE(a_plan_is_made_once) {
  add(3);
  plan_now();
  BOOST_TEST(needs() == "n");
  const std::int64_t objects = number("SELECT count(*) FROM object");
  plan_now();
  BOOST_TEST(number("SELECT count(*) FROM object") == objects);
  const store::object_row object = planned().at(0);
  BOOST_TEST(object.partition == 1);
  BOOST_TEST(object.key == "1/1_2020-01-25_14#1.json.gz");
  BOOST_TEST(object.events == 3);
  BOOST_TEST(object.engine == codec::engine_name({}));
}

BOOST_AUTO_TEST_CASE(the_observed_form_counts_partitions_from_0_and_a_prefix_leads_keys) {
  wanted.projects.form = model::record_form::observed;
  to.prefix = "analytics/raw";
  add(3);
  plan_now();
  BOOST_TEST(planned().at(0).key == "analytics/raw/1/1_2020-01-25_14#0.json.gz");
}

BOOST_AUTO_TEST_CASE(empty_hours_between_hours_with_data_are_marked) {
  add(1);
  add(1, 3);
  BOOST_TEST(needs() == "pppp");
  plan_now();
  BOOST_TEST(jobs().size() == 4U);
  BOOST_TEST(planned(1).empty());
  BOOST_TEST(needs() == "nn");  // an empty hour with a marker needs nothing
  to.marker = model::marker_kind::off;
  to.place.destination = (dir / "other").string();
  BOOST_TEST(needs() == "pp");
}

BOOST_AUTO_TEST_CASE(gaps_of_more_than_31_days_stay) {
  add(1);
  add(1, 31 * 24);
  add(1, 31 * 24 + 31 * 24 + 1);
  clock.set(hour(3 * 31 * 24).start());
  BOOST_TEST(needs() == std::string(31 * 24 + 2, 'p'));
  to.fill = gaps::all;
  BOOST_TEST(needs() == std::string(2 * 31 * 24 + 2, 'p'));
}

BOOST_AUTO_TEST_CASE(a_gap_reaches_up_to_the_first_open_hour) {
  add(1);
  add(1, 3);
  clock.set(hour(2).start());
  BOOST_TEST(needs() == "ppo");
}

BOOST_AUTO_TEST_CASE(hours_with_nothing_but_duplicates_are_not_hours_with_data) {
  test::raw_event event;
  event.insert_id = "twice";
  std::string lines = test::to_line(event);
  event.uploaded_at += hours{5};
  lines += test::to_line(event);
  take_text(lines);
  BOOST_TEST(number("SELECT count(*) FROM hour") == 2);
  BOOST_TEST(needs() == "p");
}

BOOST_AUTO_TEST_CASE(events_of_an_hour_that_was_empty_are_not_late) {
  add(1);
  add(1, 2);
  plan_now();
  add(5, 1);
  BOOST_TEST(needs() == "npn");
  plan_now();
  BOOST_TEST(planned(1).at(0).partition == 1);
}

BOOST_AUTO_TEST_CASE(late_events_are_gathered_for_an_hour_of_wall_clock) {
  add(3);
  plan_now();
  const base::instant first = clock.now();
  add(2);
  clock.set(first + late_partition_interval - microseconds{1});
  BOOST_TEST(needs() == "g");
  const auto gathered = plan();
  REQUIRE_OK(gathered);
  BOOST_REQUIRE(gathered->gathered.size() == 1U);
  BOOST_TEST(gathered->gathered[0].events == 2);
  add(4);
  clock.set(first + late_partition_interval);
  BOOST_TEST(needs() == "p");
  plan_now();
  BOOST_REQUIRE(planned().size() == 2U);
  BOOST_TEST(planned()[1].partition == 2);
  BOOST_TEST(planned()[1].events == 6);
  BOOST_TEST(planned()[1].source_offset == planned()[0].text_bytes);
  // The next ones wait again.
  add(1);
  BOOST_TEST(needs() == "g");
  clock.set(clock.now() + late_partition_interval);
  plan_now();
  BOOST_TEST(planned().size() == 3U);
}

BOOST_AUTO_TEST_CASE(late_events_wait_for_a_delivery_of_their_hour_that_is_under_way) {
  add(3);
  plan_now();
  REQUIRE_OK(store::start_job(state.database(), jobs().at(0).id));
  add(2);
  clock.set(clock.now() + late_partition_interval);
  BOOST_TEST(needs() == "g");
  to.open = open_hours::close;
  BOOST_TEST(needs() == "g");
  REQUIRE_OK(store::suspend_job(state.database(), jobs().at(0).id, "the server was away"));
  BOOST_TEST(needs() == "p");
}

BOOST_AUTO_TEST_CASE(objects_are_cut_where_they_would_be_too_large) {
  wanted.projects.engine = model::compression{1};
  add(300, 0, 20'000);  // six segments
  to.object_bytes_max = 25'000;
  plan_now();
  const auto objects = planned();
  const std::int64_t segments = number("SELECT count(*) FROM segment");
  BOOST_TEST(segments == 6);
  BOOST_TEST(objects.size() > 1U);
  std::int64_t events = 0;
  std::int64_t at = 0;
  for (const store::object_row& each : objects) {
    BOOST_TEST(each.bytes <= to.object_bytes_max);
    BOOST_TEST(each.source_offset == at);
    at += each.text_bytes;
    events += each.events;
  }
  BOOST_TEST(events == 300);

  // Where the limit is below a segment, each is an object by itself.
  to.place.destination = (dir / "other").string();
  to.object_bytes_max = 1;
  plan_now();
  BOOST_TEST(static_cast<std::int64_t>(planned().size()) == segments);
}

BOOST_AUTO_TEST_CASE(an_object_may_be_just_as_large_as_the_limit) {
  add(120, 0, 20'000);
  plan_now();
  BOOST_REQUIRE(planned().size() == 1U);
  to.object_bytes_max = planned()[0].bytes;
  to.place.destination = (dir / "same").string();
  plan_now();
  BOOST_TEST(planned().size() == 1U);
  to.object_bytes_max -= 1;
  to.place.destination = (dir / "less").string();
  plan_now();
  BOOST_TEST(planned().size() == 2U);
}

BOOST_AUTO_TEST_CASE(many_hours_are_planned_alike_on_any_number_of_threads) {
  std::string before;
  for (const std::size_t threads : {1U, 4U}) {
    fixture run;
    run.to.threads = threads;
    for (std::int64_t i = 0; i < 70; ++i) {
      run.add(static_cast<std::size_t>(1 + i % 3), i);
    }
    run.clock.set(run.hour(70).start());
    run.plan_now();
    const std::string after = test::describe_segments(run.state.database());
    BOOST_TEST(run.number("SELECT count(*) FROM object") == 70);
    BOOST_TEST((before.empty() || after == before));
    before = after;
  }
}

BOOST_AUTO_TEST_CASE(only_the_project_that_is_asked_for_is_planned) {
  add(1);
  add(1, 0, 0, 2);
  only_project = 2;
  plan_now();
  BOOST_REQUIRE(jobs().size() == 1U);
  BOOST_TEST(jobs()[0].project == 2);
}

BOOST_AUTO_TEST_CASE(a_project_that_is_not_there_is_named) {
  add(1);
  summary planned;
  const auto made = plan_all(state, to, 9, clock, planned);
  CHECK_FAILS(made, errc::not_found);
  BOOST_TEST(made.error().doing == "exporting project 9");
}

BOOST_AUTO_TEST_CASE(a_stop_ends_planning_between_two_hours) {
  for (int behind = 0; behind < 12; ++behind) {
    add(1, behind);
  }
  std::stop_source stop;
  int staged_count = 0;
  bucket().on_stage = [&] {
    ++staged_count;
    stop.request_stop();
    return nullptr;
  };
  staged_objects staged(bucket());
  to.staged = &staged;
  to.threads = 1;
  summary planned;
  CHECK_FAILS(plan_all(state, to, {}, clock, planned, stop.get_token()), errc::interrupted);
  BOOST_TEST(staged_count == 1);
  BOOST_TEST(jobs().empty());
  to.staged = nullptr;
  plan_now();
  BOOST_TEST(jobs().size() == 12U);
}

BOOST_AUTO_TEST_CASE(an_export_to_where_a_connection_delivers_no_events_is_refused) {
  add(1);
  model::connection merges = store::open_connection(state.database(), 1, to.place, {}, clock.now()).value();
  merges.data = model::data_choice::merged_ids;
  REQUIRE_OK(store::change_connection(state.database(), merges));
  summary planned;
  const auto refused = plan_all(state, to, {}, clock, planned);
  CHECK_FAILS(refused, errc::conflict);
  BOOST_TEST(refused.error().text().find("no events") != std::string::npos, refused.error().text());
}

BOOST_AUTO_TEST_CASE(nothing_is_planned_for_a_connection_that_was_disabled_meanwhile) {
  add(1);
  model::connection read = store::open_connection(state.database(), 1, to.place, {}, clock.now()).value();
  model::connection changed = read;
  changed.state = model::connection_state::disabled;
  REQUIRE_OK(store::change_connection(state.database(), changed));
  CHECK_FAILS(plan_connection(state, project(), read, to, clock), errc::locked);
  BOOST_TEST(jobs().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::exporting::plan_tests
