// Which events may go, and what is still right once they have gone.
#include "store/retention.hpp"

#include "store/backfill_log.hpp"
#include "store/connections.hpp"
#include "support/export_run.hpp"
#include "support/statement_plans.hpp"

namespace spillway::store::retention_tests {
namespace {

struct fixture : test::export_run {
  filtered_hours filtered = filtered_hours::stay;

  fixture() : export_run(1) {
    add(5);
    add(7, 1);
  }
  std::vector<prunable_hour> prunable(std::int64_t hours_end = 24) {
    return list_prunable_hours(state.database(), hour(hours_end), clock.now(), filtered).value();
  }
  // The next hour; none if there is no more.
  std::optional<hour_key> prune_next(const hour_key& behind) {
    const auto made = prune_hours(state.database(), hour(24), clock.now(), filtered, behind, 1);
    REQUIRE_OK(made);
    BOOST_TEST(made->size() <= 1U);
    return made->empty() ? std::nullopt : std::optional(made->front().key);
  }
  void prune() {
    for (std::optional<hour_key> behind = hour_key{}; behind;) {
      behind = prune_next(*behind);
    }
    check();
  }
  // Without a look at the texts that are not there any more.
  exporting::summary deliver_rest() {
    const auto made = try_deliver();
    REQUIRE_OK(made);
    check();
    return *made;
  }
  void run(std::string_view sql) { REQUIRE_OK(state.database().execute(std::string(sql).c_str())); }
};

BOOST_FIXTURE_TEST_SUITE(store_retention, fixture)

BOOST_AUTO_TEST_CASE(what_is_delivered_may_go_and_nothing_else) {
  BOOST_TEST(prunable().empty());
  REQUIRE_OK(plan());
  BOOST_TEST(prunable().empty());
  deliver();
  BOOST_TEST(prunable(0).empty());
  const auto first = prunable(1);
  BOOST_REQUIRE(first.size() == 1U);
  BOOST_CHECK(first[0].key.hour == hour());
  BOOST_TEST(first[0].events == 5);
  BOOST_TEST(prunable().size() == 2U);
  add(1);  // late, and not delivered yet
  BOOST_TEST(prunable().size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_was_delivered_stays_known) {
  deliver();
  const test::tree before = objects();
  prune();
  BOOST_TEST(number("SELECT count(*) FROM segment") == 0);
  BOOST_TEST(prunable().empty());
  BOOST_TEST(deliver_rest().objects == 0);
  BOOST_TEST(take({(dir / "batch-1").string()}).total.stored == 0);
  BOOST_TEST(test::difference(objects(), before) == "");
}

BOOST_AUTO_TEST_CASE(an_hour_that_is_to_be_delivered_since_a_moment_stays) {
  add(3, 2);
  deliver();
  const auto first = prune_next({});
  BOOST_REQUIRE(first.has_value());
  BOOST_CHECK(first->hour == hour());
  add(1, 1);  // late, and not delivered yet
  const auto next = prune_next(*first);
  BOOST_REQUIRE(next.has_value());
  BOOST_CHECK(next->hour == hour(2));
  BOOST_TEST(!prune_next(*next).has_value());
  BOOST_TEST(number("SELECT count(*) FROM segment") > 0);
  check();
}

BOOST_AUTO_TEST_CASE(late_events_are_delivered_behind_what_has_gone) {
  deliver();
  prune();
  add(3);
  clock.set(clock.now() + exporting::late_partition_interval);
  BOOST_TEST(deliver_rest().events == 3);
  BOOST_TEST(objects().contains("1/1_2020-01-25_14#2.json.gz"));
  BOOST_TEST(prunable().size() == 1U);
  prune();
}

BOOST_AUTO_TEST_CASE(a_destination_that_comes_later_is_told_what_has_gone) {
  deliver();
  prune();
  add(2, 2);
  to.place.destination = (dir / "other").string();
  const exporting::summary done = deliver_rest();
  BOOST_TEST(done.events == 2);
  BOOST_TEST(done.pruned.size() == 2U);
}

BOOST_AUTO_TEST_CASE(what_came_late_into_an_hour_that_was_pruned_goes_to_who_comes_later) {
  deliver();
  prune();
  add(3);
  to.place.destination = (dir / "other").string();
  clock.set(clock.now() + exporting::late_partition_interval);
  BOOST_TEST(prunable().empty());
  const exporting::summary done = deliver_rest();
  BOOST_TEST(done.events == 3);
  BOOST_TEST((done.partly_pruned == std::vector{hour()}));
  BOOST_TEST(done.pruned.size() == 1U);
  BOOST_TEST(deliver_rest().events == 0);
  to.place.destination = (dir / "bucket").string();
  BOOST_TEST(deliver_rest().events == 3);
  BOOST_TEST(prunable().size() == 1U);
}

// The other connection, as columns of its row, and whether hours may go that it has no job for.
BOOST_AUTO_TEST_CASE(an_hour_stays_as_long_as_some_connection_is_to_deliver_it) {
  const std::string start = std::to_string(hour().number);
  const std::string later = std::to_string(hour(2).number);
  const std::string an_hour_ago = std::to_string(base::to_us(clock.now() - std::chrono::hours{1}));
  const std::string days_ago = std::to_string(base::to_us(clock.now() - std::chrono::hours{25}));
  // As long as `connection enable` goes on there without a gap.
  const std::string a_day_ago = std::to_string(base::to_us(clock.now() - model::takeover_time_max));
  struct row {
    const char* name;
    std::string change;
    bool may_go;
  };
  const row rows[] = {
      {"of export", "kind='implicit'", false},
      {"enabled, from that hour on", "start_hour=" + start, false},
      {"enabled, from a later one on", "start_hour=" + later, true},
      {"enabled, from a later one on, and the hour is in its gap",
       "start_hour=" + later + "; INSERT INTO gap SELECT max(id), " + start + ", " + start + "+1 FROM connection",
       false},
      {"disabled long ago, and the hour is in its gap",
       "state='disabled', start_hour=" + later + ", disabled_at=" + days_ago + "; INSERT INTO gap SELECT max(id), " +
           start + ", " + start + "+1 FROM connection",
       true},
      {"of merges alone", "data='merged-ids', start_hour=" + start, true},
      {"disabled a moment ago", "state='disabled', start_hour=" + start + ", disabled_at=" + an_hour_ago, false},
      {"disabled a day ago", "state='disabled', start_hour=" + start + ", disabled_at=" + a_day_ago, false},
      {"disabled long ago", "state='disabled', start_hour=" + start + ", disabled_at=" + days_ago, true},
  };
  deliver();
  model::connection other;
  other.project = 1;
  other.place = {"s3://other"};
  other.kind = model::connection_kind::scheduled;
  other.created_at = clock.now();
  const model::connection_id id = add_connection(state.database(), other).value().id;
  for (const row& each : rows) {
    BOOST_TEST_CONTEXT(each.name) {
      run("SAVEPOINT before; UPDATE connection SET " + each.change + " WHERE id=" + std::to_string(id));
      BOOST_TEST(prunable().empty() == !each.may_go);
      run("ROLLBACK TO before; RELEASE before");
    }
  }
}

BOOST_AUTO_TEST_CASE(who_keeps_hours_is_said) {
  const auto keepers = [this](std::int64_t hours_end) {
    std::string text;
    const auto all = list_hour_keepers(state.database(), hour(hours_end), clock.now(), filtered);
    REQUIRE_OK(all);
    for (const hour_keeper& each : *all) {
      text += (text.empty() ? "" : ", ") + std::to_string(each.connection) + ": " + std::to_string(each.hours);
    }
    return text;
  };
  BOOST_TEST(keepers(24) == "0: 2");
  deliver();
  BOOST_TEST(keepers(24) == "");
  add(1);
  BOOST_TEST(keepers(24) == "1: 1");
  model::connection other;
  other.project = 1;
  other.place = {"s3://other"};
  other.kind = model::connection_kind::scheduled;
  other.start = hour();
  other.created_at = clock.now();
  BOOST_TEST(add_connection(state.database(), other).value().id == 2);
  BOOST_TEST(keepers(24) == "1: 1, 2: 2");
  BOOST_TEST(keepers(1) == "1: 1, 2: 1");
  BOOST_TEST(keepers(0) == "");
  prune();
  BOOST_TEST(keepers(24) == "1: 1, 2: 2");
}

BOOST_AUTO_TEST_CASE(events_that_every_filter_left_out_stay_until_they_are_given_up) {
  to.filter = R"({"column":"event_type","operator":"is","values":["never seen"]})";
  deliver();
  BOOST_TEST(prunable().empty());
  const auto keepers = list_hour_keepers(state.database(), hour(24), clock.now(), filtered);
  REQUIRE_OK(keepers);
  BOOST_REQUIRE(keepers->size() == 1U);
  BOOST_CHECK(keepers->front().reason == hour_keeper::why::filtered);
  BOOST_TEST(keepers->front().hours == 2);
  filtered = filtered_hours::go;
  BOOST_TEST(prunable().size() == 2U);
  BOOST_TEST(list_hour_keepers(state.database(), hour(24), clock.now(), filtered).value().empty());
}

BOOST_AUTO_TEST_CASE(a_filter_that_left_nothing_out_keeps_nothing) {
  to.filter = R"({"column":"event_type","operator":"is not","values":["never seen"]})";
  deliver();
  BOOST_TEST(prunable().size() == 2U);
}

BOOST_AUTO_TEST_CASE(an_hour_stays_as_long_as_a_job_or_a_backfill_needs_it) {
  deliver();
  model::connection other;
  other.project = 1;
  other.place = {"s3://other"};
  other.kind = model::connection_kind::scheduled;
  other.start = hour(5);
  other.created_at = clock.now();
  other = add_connection(state.database(), other).value();
  BOOST_TEST(prunable().size() == 2U);
  backfill_row asked;
  asked.connection = other.id;
  asked.first = hour();
  asked.last = hour(1);
  asked.created_at = clock.now();
  auto made = add_backfill(state.database(), asked);
  REQUIRE_OK(made);
  BOOST_TEST(prunable().empty());
  made->state = backfill_state::running;
  made->next = hour(1);
  REQUIRE_OK(change_backfill(state.database(), *made));
  BOOST_TEST(prunable().size() == 1U);
  REQUIRE_OK(cancel_backfill(state.database(), made->id, clock.now()));
  BOOST_TEST(prunable().size() == 2U);
  REQUIRE_OK(
      plan_job(state.database(), other.id, job_kind::events, hour(), model::marker_kind::off, {{}, 1, 1}, clock.now()));
  BOOST_TEST(prunable().size() == 1U);
}

// All of a project's would be looked at for each of its hours.
BOOST_AUTO_TEST_CASE(of_an_hour_its_own_segments_are_looked_at) {
  const test::statement_plans plans;
  auto reader = state.open_reader();
  REQUIRE_OK(reader);
  REQUIRE_OK(list_prunable_hours(*reader, hour(24), clock.now(), filtered));
  const std::string plan = plans.last_with("FROM hour JOIN segment", *reader);
  BOOST_TEST(plan.find("segment_facts (project_id=? AND hour=?)") != std::string::npos, plan);
  BOOST_TEST(plan.find("(connection_id=?)") == std::string::npos, plan);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::store::retention_tests
