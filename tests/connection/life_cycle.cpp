#include "connection/life_cycle.hpp"

#include "store/overview.hpp"
#include "store/retention.hpp"
#include "support/connection_run.hpp"

#include <cstdlib>
#include <ctime>

namespace spillway::connection::life_cycle_tests {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const std::string place = "s3://one";

struct fixture : test::connection_run {
  std::int64_t jobs_of(model::connection_id id) {
    return number("SELECT count(*) FROM job WHERE connection_id=" + std::to_string(id));
  }
  model::hour midnight(int days = 0) const { return {model::first_hour_of_day(test::test_start).number + 24 * days}; }
};

BOOST_FIXTURE_TEST_SUITE(connection_life_cycle, fixture)

BOOST_AUTO_TEST_CASE(a_disabled_connection_begins_nothing) {
  const auto made = create(place);
  disable(made.connection.id);
  add_events(1);
  wait(hours{2});
  BOOST_TEST(!step(made.connection.id).next.has_value());
  BOOST_TEST(keys(place).empty());
  CHECK_FAILS(connection::disable(state.database(), made.connection.id, clock.now()), errc::conflict);
}

// The rule knows UTC only: neither the local zone nor its changes of the clock move it.
BOOST_AUTO_TEST_CASE(enabled_within_24_hours_it_goes_on_and_later_with_today) {
  for (const char* zone : {"Pacific/Kiritimati", "America/New_York"}) {
    // Days on which America's and Europe's clocks change, one before a leap second, and an ordinary one.
    for (const char* day :
         {"2020-01-25T14:00:00", "2026-03-08T06:30:00", "2026-10-25T00:30:00", "2016-12-31T23:59:59"}) {
      for (const auto& [away, has_gap] :
           {std::pair{minutes{23 * 60 + 59}, false}, {minutes{24 * 60}, false}, {minutes{24 * 60 + 1}, true}}) {
        BOOST_TEST_CONTEXT(zone << " " << day << " " << away.count()) {
          ::setenv("TZ", zone, 1);
          ::tzset();
          fixture run;
          run.clock.set(*base::parse_timestamp(day));
          const auto made = run.create(place);
          BOOST_CHECK(made.connection.start == model::first_hour_of_day(run.clock.now()));
          run.step(made.connection.id);
          run.disable(made.connection.id);
          const model::hour stop =
              find_stop(run.state.database(), store::find_connection(run.state.database(), 1).value().value())
                  .value()
                  .value();
          run.clock.set(run.clock.now() + away);
          const auto again = run.enable(made.connection.id);
          BOOST_TEST(again.gap.has_value() == (has_gap && stop < model::first_hour_of_day(run.clock.now())));
          BOOST_CHECK(again.connection.start ==
                      (has_gap ? model::first_hour_of_day(run.clock.now()) : made.connection.start));
          if (again.gap) {
            BOOST_CHECK(again.gap->first == stop);
            BOOST_CHECK(again.gap->last.next() == again.connection.start);
          }
        }
      }
    }
  }
  ::unsetenv("TZ");
  ::tzset();
}

// Without markers nothing tells that it was served.
BOOST_AUTO_TEST_CASE(late_events_of_an_empty_hour_from_before_a_break_are_delivered_and_those_of_the_gap_are_not) {
  for (const bool by_another : {false, true}) {
    BOOST_TEST_CONTEXT(by_another) {
      fixture run;
      model::connection asked = run.like(place);
      asked.marker = model::marker_kind::off;
      model::connection_id id = run.create(asked).connection.id;
      run.add_events(1);
      run.wait(hours{72});
      run.step(id);
      run.disable(id);
      run.wait(hours{48});
      const model::connection now = by_another ? run.create(asked).connection : run.enable(id).connection;
      id = now.id;
      BOOST_CHECK(now.start == run.midnight(5));
      run.add_events(1, -24);  // before the connection was there
      run.add_events(1, 20);
      run.add_events(1, 80);  // in the gap
      const auto connections = [&run] {
        return store::overview_of_connections(run.state.database(), run.clock.now()).value();
      };
      BOOST_TEST(connections().back().overdue.hours == 1);
      const auto keepers =
          store::list_hour_keepers(run.state.database(), run.midnight(9), run.clock.now(), store::filtered_hours::stay)
              .value();
      BOOST_REQUIRE(!keepers.empty());
      BOOST_CHECK(keepers.front().reason == store::hour_keeper::why::to_deliver);
      BOOST_TEST(keepers.front().hours == 2);  // the gap's is to be filled
      BOOST_TEST(run.step(id).done.hours == 1);
      BOOST_TEST(run.keys(place) == "1/1_2020-01-25_14#1.json.gz\n1/1_2020-01-26_10#1.json.gz\n");
      BOOST_TEST(connections().back().overdue.hours == 0);
      const auto left = store::list_gaps(run.state.database(), id).value();
      BOOST_REQUIRE(left.size() == 1U);
      BOOST_CHECK(left.front().last == model::hour{now.start.number - 1});
      // A second break changes nothing of it.
      run.disable(id);
      run.wait(hours{48});
      run.enable(id);
      run.add_events(1, 30);
      BOOST_TEST(run.step(id).done.hours == 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_connection_stops_at_the_first_hour_that_is_not_delivered) {
  const auto made = create(place);
  step(made.connection.id);
  wait(hours{3});
  add_events(1, 1);
  door(place).set({1, 0});  // nothing goes through
  step(made.connection.id);
  disable(made.connection.id);
  const auto stop = find_stop(state.database(), *store::find_connection(state.database(), made.connection.id).value());
  BOOST_CHECK(stop.value() == hour(0));
}

BOOST_AUTO_TEST_CASE(merged_ids_leave_no_gap) {
  model::connection merges = like(place);
  merges.data = model::data_choice::merged_ids;
  const auto made = create(merges);
  disable(made.connection.id);
  wait(hours{50});
  BOOST_TEST(!enable(made.connection.id).gap.has_value());
}

// One of merged IDs takes the history over, and passes over the events of its time.
BOOST_AUTO_TEST_CASE(each_hour_is_delivered_or_due_or_in_a_gap_also_behind_merged_ids) {
  for (const auto& [until_merges, until_events] :
       {std::pair{hours{5}, hours{5}}, {hours{5}, hours{50}}, {hours{50}, hours{5}}, {hours{50}, hours{50}}}) {
    for (const bool is_new : {false, true}) {
      BOOST_TEST_CONTEXT(until_merges.count() << " " << until_events.count() << " " << is_new) {
        fixture run;
        run.create(place);
        run.step(1);
        run.disable(1);
        run.wait(until_merges);
        model::connection merges = run.like(place);
        merges.data = model::data_choice::merged_ids;
        run.create(merges);
        run.wait(hours{70});
        run.step(2);
        run.disable(2);
        run.wait(until_events);
        const model::connection last = is_new ? run.create(place).connection : run.enable(1).connection;
        run.step(last.id);
        const auto jobs = run.jobs();
        const auto gaps = store::list_gaps(run.state.database(), last.id).value();
        for (model::hour each = run.midnight(); each < model::hour_of(run.clock.now()); each = each.next()) {
          const bool is_delivered = std::ranges::count(jobs, each, &store::job_row::hour) == 1;
          const bool is_passed_over =
              std::ranges::any_of(gaps, [each](const store::gap& in) { return in.first <= each && each <= in.last; });
          BOOST_TEST(is_delivered != is_passed_over, model::to_string(each));
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(enabled_after_another_was_at_work_there_it_has_that_ones_history) {
  const auto first = create(place);
  add_events(1);
  step(first.connection.id);
  disable(first.connection.id);
  const auto second = create(place);
  wait(hours{2});
  step(second.connection.id);
  add_events(1);
  wait(hours{2});
  step(second.connection.id);
  const auto before = bucket(place)->tree();
  disable(second.connection.id);
  wait(hours{1});
  BOOST_TEST(!enable(first.connection.id).gap.has_value());
  BOOST_TEST(jobs_of(second.connection.id) == 0);
  const auto done = step(first.connection.id);
  BOOST_TEST(done.done.failures.empty());
  for (const auto& [key, body] : before) {
    BOOST_TEST((bucket(place)->tree().at(key) == body), key);
  }
}

// What lies before that is nobody's, until a backfill fills it.
BOOST_AUTO_TEST_CASE(enabled_after_another_it_starts_where_that_one_did) {
  const auto first = create(place);
  step(first.connection.id);
  disable(first.connection.id);
  wait(hours{72});
  const auto second = create(place);
  BOOST_CHECK(second.connection.start > first.connection.start);
  step(second.connection.id);
  disable(second.connection.id);
  wait(hours{1});
  BOOST_CHECK(enable(first.connection.id).connection.start == second.connection.start);
}

BOOST_AUTO_TEST_CASE(backfills_that_are_not_over_go_with_the_history_to_who_can_do_them) {
  create(place);
  store::backfill_row asked;
  asked.connection = 1;
  asked.first = midnight(-2);
  asked.last = midnight(-1);
  asked.created_at = clock.now();
  REQUIRE_OK(store::add_backfill(state.database(), asked));
  REQUIRE_OK(store::add_backfill(state.database(), asked));
  REQUIRE_OK(store::cancel_backfill(state.database(), 1, clock.now()));
  const auto owner = [this](std::int64_t id) { return store::find_backfill(state.database(), id).value()->connection; };
  disable(1);
  model::connection merges = like(place);
  merges.data = model::data_choice::merged_ids;
  create(merges);
  BOOST_TEST(owner(2) == 1);
  disable(2);
  enable(1);
  disable(1);
  create(place);
  BOOST_TEST(owner(1) == 1);
  BOOST_TEST(owner(2) == 3);
  while (*step(3).next <= clock.now()) {
  }
  BOOST_CHECK(store::find_backfill(state.database(), 2).value()->state == store::backfill_state::done);
}

// Within one tick of a clock that is set by hand, and after one that was set back.
BOOST_AUTO_TEST_CASE(who_was_disabled_last_has_the_history_whatever_the_clock_says) {
  for (const hours waited : {hours{0}, hours{-5}}) {
    BOOST_TEST_CONTEXT(waited.count()) {
      fixture run;
      run.create("s3://one");
      run.add_events(1);
      run.wait(hours{10});
      run.disable(1);
      run.wait(waited);
      run.create("s3://one");
      run.step(2);
      run.disable(2);
      run.enable(1);
      BOOST_TEST(store::list_jobs(run.state.database())->front().connection_id == 1);
      BOOST_TEST(!run.step(1).failed.has_value());
    }
  }
}

BOOST_AUTO_TEST_CASE(the_history_of_a_deleted_connection_goes_to_the_one_that_it_took_over_from) {
  for (const bool is_disabled_first : {false, true}) {
    BOOST_TEST_CONTEXT(is_disabled_first) {
      fixture run;
      const auto first = run.create(place);
      run.step(first.connection.id);
      run.disable(first.connection.id);
      const auto second = run.create(place);
      BOOST_TEST((second.took_over == first.connection.id));
      const std::int64_t jobs = run.jobs_of(second.connection.id);
      BOOST_TEST(jobs > 0);
      if (is_disabled_first) {
        run.disable(second.connection.id);
      }
      REQUIRE_OK(run.remove(second.connection.id));
      BOOST_TEST(run.jobs_of(first.connection.id) == jobs);
    }
  }
}

// Two days were served by a connection that is deleted then: nothing of them is a gap for the one before it.
BOOST_AUTO_TEST_CASE(what_a_deleted_connection_has_served_is_no_gap_for_the_one_before_it) {
  for (const bool is_disabled_first : {false, true}) {
    BOOST_TEST_CONTEXT(is_disabled_first) {
      fixture run;
      run.create(place);
      run.step(1);
      run.disable(1);
      run.wait(hours{72});  // so that the second starts on another day
      const auto second = run.create(place);
      run.wait(hours{48});
      run.step(2);
      if (is_disabled_first) {
        run.disable(2);
      }
      REQUIRE_OK(run.remove(2));
      run.wait(minutes{10});
      const auto again = run.enable(1);
      BOOST_TEST(!again.gap.has_value());
      BOOST_CHECK(again.connection.start == second.connection.start);
    }
  }
}

// The deleted one put no markers, so that its empty hours have no jobs; the one before it has markers.
BOOST_AUTO_TEST_CASE(hours_that_needed_no_marker_are_no_gap_before_those_that_were_delivered) {
  create(place);
  step(1);
  disable(1);
  model::connection without_markers = like(place);
  without_markers.marker = model::marker_kind::off;
  create(without_markers);
  wait(hours{5});
  add_events(1, 3);
  wait(hours{2});
  step(2);
  const model::hour delivered =
      store::list_jobs(state.database(), 2, store::job_kind::events, model::hour_range()).value().back().hour;
  REQUIRE_OK(remove(2));
  wait(hours{48});
  const auto again = enable(1);
  BOOST_REQUIRE(again.gap.has_value());
  BOOST_CHECK(again.gap->first == delivered.next());
}

BOOST_AUTO_TEST_CASE(a_connection_whose_job_is_running_is_not_deleted) {
  const auto made = create(place);
  step(made.connection.id);
  REQUIRE_OK(state.database().execute("UPDATE job SET state='running' WHERE id=1"));
  CHECK_FAILS(remove(made.connection.id), errc::conflict);
}

BOOST_AUTO_TEST_CASE(a_gap_that_was_delivered_is_none) {
  for (const model::marker_kind marker : {model::marker_kind::manifest, model::marker_kind::off}) {
    BOOST_TEST_CONTEXT(model::to_string(marker)) {
      fixture run;
      model::connection to = run.like(place);
      to.marker = marker;
      const auto made = run.create(to);
      run.step(made.connection.id);
      run.disable(made.connection.id);
      run.add_events(2, 2);
      run.wait(hours{30});
      run.enable(made.connection.id);
      BOOST_TEST(store::list_gaps(run.state.database(), 1)->size() == 1U);
      store::backfill_row asked;
      asked.connection = 1;
      asked.first = run.midnight();
      asked.last = {run.midnight(1).number - 1};
      asked.created_at = run.clock.now();
      REQUIRE_OK(store::add_backfill(run.state.database(), asked));
      run.step(made.connection.id);
      BOOST_TEST(store::list_gaps(run.state.database(), 1)->empty());
    }
  }
}

BOOST_AUTO_TEST_CASE(of_two_histories_of_a_place_it_is_said_that_there_are_two) {
  create(place);
  disable(1);
  create(place);
  disable(2);
  auto change = db::transaction::begin(state.database()).value();
  for (const model::connection_id id : {1, 2}) {
    REQUIRE_OK(store::plan_job(state.database(), id, store::job_kind::events, hour(), model::marker_kind::off, {},
                               clock.now()));
  }
  const auto made = connection::enable(state.database(), 1, clock.now());
  CHECK_FAILS(made, errc::conflict);
  BOOST_TEST(made.error().text().find("both have hour") != std::string::npos, made.error().text());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::connection::life_cycle_tests
