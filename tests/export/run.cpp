#include "export/run.hpp"

#include "bucket/retry.hpp"
#include "store/connections.hpp"
#include "support/export_run.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace spillway::exporting::run_tests {
namespace {

using test::recording_bucket;
using test::tree;

// Three hours with a gap between, one of them in two objects, and another project.
struct fixture : test::export_run {
  explicit fixture(std::size_t threads = 1) : test::export_run(threads) { to.object_bytes_max = 1; }  // a segment an object
  void fill() {
    add(60, 0, 20'000);
    add(3, 1);
    add(3, 3);
    add(2, 1, 0, 2);
  }
  void fill_late() {
    add(2);
    add(1, 3);
    clock.set(clock.now() + late_partition_interval);
  }
  std::int64_t in_state(store::job_state which) {
    const auto all = jobs();
    return std::ranges::count(all, which, &store::job_row::state);
  }
};

// The tree of runs that nothing disturbs: behind the first delivery, and behind that of late events.
struct undisturbed {
  tree first;
  tree second;
};
const undisturbed& wanted_trees() {
  static const undisturbed wanted = [] {
    fixture run;
    run.fill();
    run.deliver();
    undisturbed made;
    made.first = run.objects();
    run.fill_late();
    run.deliver();
    made.second = run.objects();
    return made;
  }();
  return wanted;
}

// A fault at the nth call of a delivery, for every nth; then the delivery is done again.
void check_faults(errc code, recording_bucket::lost where) {
  bool any_struck = true;
  for (int nth = 1; any_struck; ++nth) {
    any_struck = false;
    BOOST_TEST_CONTEXT("call " << nth << " " << base::to_string(code)) {
      fixture run;
      run.fill();
      for (const tree* wanted : {&wanted_trees().first, &wanted_trees().second}) {
        run.bucket().forget_calls();
        run.bucket().fail(nth, code, where);
        const auto made = run.try_deliver();
        const bool struck = run.bucket().calls().size() >= static_cast<std::size_t>(nth);
        any_struck = any_struck || struck;
        BOOST_TEST(made.has_value() == (!struck || bucket::is_passing(code)));
        run.check_all();
        BOOST_TEST(run.in_state(store::job_state::running) == 0);
        run.bucket().fail(0, code, where, 0);
        run.deliver();
        BOOST_TEST(test::difference(run.objects(), *wanted) == "");
        BOOST_TEST(run.in_state(store::job_state::delivered) == static_cast<std::int64_t>(run.jobs().size()));
        run.fill_late();
      }
      BOOST_REQUIRE(nth < 100);
    }
  }
}

// By itself, since it takes as long as all others.
BOOST_AUTO_TEST_SUITE(export_run_faults)

BOOST_AUTO_TEST_CASE(a_request_that_is_lost_at_any_call_is_made_up_for) {
  check_faults(errc::io, recording_bucket::lost::request);
}

BOOST_AUTO_TEST_CASE(an_answer_that_is_lost_at_any_call_is_made_up_for) {
  check_faults(errc::io, recording_bucket::lost::answer);
}

BOOST_AUTO_TEST_CASE(a_passing_fault_at_any_call_does_not_show) {
  check_faults(errc::unavailable, recording_bucket::lost::answer);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(export_run)

BOOST_AUTO_TEST_CASE(every_closed_hour_is_delivered_with_its_marker) {
  fixture run;
  run.fill();
  const summary done = run.deliver();
  BOOST_TEST(done.hours == 5);
  BOOST_TEST(done.empty_hours == 1);
  BOOST_TEST(done.objects == 5);
  BOOST_TEST(done.events == 68);
  BOOST_TEST(done.failures.empty());
  std::string keys;
  std::int64_t bytes = 0;
  for (const auto& [key, body] : run.objects()) {
    keys += key + "\n";
    bytes += key.ends_with("complete") ? 0 : static_cast<std::int64_t>(body.size());
  }
  BOOST_TEST(keys ==
             "1/1_2020-01-25_14#1.json.gz\n1/1_2020-01-25_14#2.json.gz\n1/1_2020-01-25_14_complete\n"
             "1/1_2020-01-25_15#1.json.gz\n1/1_2020-01-25_15_complete\n1/1_2020-01-25_16_complete\n"
             "1/1_2020-01-25_17#1.json.gz\n1/1_2020-01-25_17_complete\n"
             "2/2_2020-01-25_15#1.json.gz\n2/2_2020-01-25_15_complete\n");
  BOOST_TEST(done.bytes == bytes);
  for (const std::int64_t behind : {0, 1, 3}) {
    BOOST_TEST((test::text_in(run.objects(), 1, run.hour(behind)) == test::read_text(run.state.database(), {1, run.hour(behind)})));
  }
}

BOOST_AUTO_TEST_CASE(a_second_run_has_nothing_to_do) {
  fixture run;
  run.fill();
  run.deliver();
  const tree before = run.objects();
  run.bucket().forget_calls();
  const summary again = run.deliver();
  BOOST_TEST(again.hours == 0);
  BOOST_TEST(run.bucket().calls().empty());
  BOOST_TEST(test::difference(run.objects(), before) == "");
}

BOOST_AUTO_TEST_CASE(threads_do_not_show_in_the_tree) {
  fixture run(4);
  run.fill();
  run.deliver();
  BOOST_TEST(test::difference(run.objects(), wanted_trees().first) == "");
  run.fill_late();
  run.deliver();
  BOOST_TEST(test::difference(run.objects(), wanted_trees().second) == "");
}

BOOST_AUTO_TEST_CASE(a_second_destination_compresses_nothing) {
  fixture run;
  run.fill();
  run.deliver();
  const std::string before = test::describe_segments(run.state.database());
  run.to.place.destination = (run.dir / "second").string();
  run.deliver();
  BOOST_TEST((test::describe_segments(run.state.database()) == before));
  BOOST_TEST(test::difference(run.objects(), wanted_trees().first) == "");
  BOOST_TEST(run.jobs().size() == 10U);
}

BOOST_AUTO_TEST_CASE(late_events_are_a_partition_more_and_a_marker_anew) {
  fixture run;
  run.fill();
  run.deliver();
  run.fill_late();
  run.bucket().forget_calls();
  const summary done = run.deliver();
  BOOST_TEST(done.hours == 2);
  BOOST_TEST(done.objects == 2);
  const std::vector<std::string> calls = run.bucket().calls();
  BOOST_TEST(calls == (std::vector<std::string>{
                          "put 1/1_2020-01-25_14#3.json.gz", "head 1/1_2020-01-25_14#3.json.gz", "put 1/1_2020-01-25_14_complete",
                          "put 1/1_2020-01-25_17#2.json.gz", "head 1/1_2020-01-25_17#2.json.gz", "put 1/1_2020-01-25_17_complete"}),
             boost::test_tools::per_element());
  for (const auto& [key, body] : wanted_trees().first) {
    BOOST_TEST((key.ends_with("complete") || run.objects().at(key) == body));
  }
}

BOOST_AUTO_TEST_CASE(markers_are_as_the_job_was_planned) {
  for (const model::marker_kind kind : {model::marker_kind::empty, model::marker_kind::off}) {
    fixture run;
    run.to.marker = kind;
    run.fill();
    run.deliver();
    const tree found = run.objects();
    const auto markers = std::ranges::count_if(found, [](const auto& each) { return each.first.ends_with("complete"); });
    BOOST_TEST(markers == (kind == model::marker_kind::off ? 0 : 5));
    BOOST_TEST(std::ranges::none_of(found, [](const auto& each) { return each.first.ends_with("complete") && !each.second.empty(); }));
  }
}

BOOST_AUTO_TEST_CASE(denied_ends_the_run_at_once_and_the_jobs_wait) {
  fixture run;
  run.fill();
  run.bucket().fail(1, errc::denied, recording_bucket::lost::request, 1'000);
  const auto made = run.try_deliver();
  CHECK_FAILS(made, errc::denied);
  BOOST_TEST(made.error().text().find("1/1_2020-01-25_14#1.json.gz") != std::string::npos);
  run.check_all();
  BOOST_TEST(run.in_state(store::job_state::waiting) == 5);
  BOOST_TEST(run.jobs()[0].reason.find("the test has this call fail") != std::string::npos);
  // One call for each job that had begun.
  BOOST_TEST(run.bucket().calls().size() <= 2U);
  BOOST_TEST(run.objects().empty());
}

BOOST_AUTO_TEST_CASE(a_conflict_fails_its_own_job_only) {
  fixture run;
  run.fill();
  const std::string key = "1/1_2020-01-25_15#1.json.gz";
  bucket::memory_body foreign("somebody else's");
  REQUIRE_OK(run.bucket().put(key, foreign, {}));
  const summary done = run.deliver();
  BOOST_TEST(done.hours == 4);
  BOOST_REQUIRE(done.failures.size() == 1U);
  BOOST_CHECK(done.failures[0].code == errc::conflict);
  BOOST_TEST(run.in_state(store::job_state::failed) == 1);
  BOOST_TEST(run.objects().at(key) == "somebody else's");
  BOOST_TEST(!run.objects().contains("1/1_2020-01-25_15_complete"));
  // It is tried again, and can be told to replace.
  BOOST_TEST(run.deliver().failures.size() == 1U);
  run.to.foreign = model::foreign_objects::replace;
  BOOST_TEST(run.deliver().hours == 1);
  BOOST_TEST(test::difference(run.objects(), wanted_trees().first) == "");
}

BOOST_AUTO_TEST_CASE(a_run_that_was_killed_behind_a_put_goes_on) {
  fixture run;
  run.fill();
  run.deliver();
  // As it is when the process ends before the ledger is written.
  REQUIRE_OK(run.state.database().execute("UPDATE object SET delivered_at=NULL, etag=''; UPDATE job SET state='running'"));
  const summary again = run.deliver();
  BOOST_TEST(again.hours == 5);
  BOOST_TEST(test::difference(run.objects(), wanted_trees().first) == "");
}

BOOST_AUTO_TEST_CASE(late_events_of_a_job_that_was_cut_off_are_planned_with_it) {
  fixture run;
  run.fill();
  REQUIRE_OK(run.plan());
  REQUIRE_OK(run.state.database().execute("UPDATE job SET state='running'"));
  run.fill_late();
  run.deliver();
  BOOST_TEST(test::difference(run.objects(), wanted_trees().second) == "");
}

BOOST_AUTO_TEST_CASE(a_stop_finishes_what_had_begun_and_leaves_the_rest_waiting) {
  fixture run;
  run.fill();
  auto planned = run.plan();
  REQUIRE_OK(planned);
  std::stop_source stop;
  std::vector<progress> seen;
  const auto note = [&](const progress& now) {
    seen.push_back(now);
    stop.request_stop();
  };
  const auto made = deliver_all(run.state, run.connections, run.to,
                                {run.tried_bucket(), run.clock, stop.get_token(), note}, *planned);
  CHECK_FAILS(made, errc::interrupted);
  run.check_all();
  BOOST_TEST(run.in_state(store::job_state::running) == 0);
  BOOST_TEST(run.in_state(store::job_state::delivered) == static_cast<std::int64_t>(seen.size()));
  BOOST_TEST(run.in_state(store::job_state::waiting) > 0);
  BOOST_TEST(seen.back().hours_total == 5);
  run.deliver();
  BOOST_TEST(test::difference(run.objects(), wanted_trees().first) == "");
}

BOOST_AUTO_TEST_CASE(only_the_destination_and_project_that_are_asked_for_are_delivered) {
  fixture run;
  run.fill();
  run.only_project = 2;
  BOOST_TEST(run.deliver().hours == 1);
  run.only_project.reset();
  REQUIRE_OK(run.plan());
  run.to.place.destination = (run.dir / "second").string();
  run.only_project = 1;
  BOOST_TEST(run.deliver().hours == 4);
  BOOST_TEST(run.in_state(store::job_state::waiting) == 4);
}

BOOST_AUTO_TEST_CASE(a_portfolio_that_has_events_is_passed_over) {
  fixture run;
  run.fill();
  REQUIRE_OK(run.state.database().execute("UPDATE project SET kind='portfolio' WHERE id=2"));
  BOOST_TEST(run.deliver().hours == 4);
  BOOST_TEST(run.in_state(store::job_state::delivered) == 4);
}

// The first hour of project 1, of five that are due.
const std::string of_first_hour = " WHERE project_id=1 AND hour=(SELECT min(hour) FROM hour)";

BOOST_AUTO_TEST_CASE(an_hour_whose_tail_is_damaged_is_not_planned_and_the_others_go_on) {
  fixture run;
  run.fill();
  REQUIRE_OK(run.state.database().run("UPDATE piece SET text=zeroblob(length(text))" + of_first_hour));
  for (const std::int64_t hours : {4, 0}) {
    const auto made = run.try_deliver();
    REQUIRE_OK(made);
    BOOST_TEST(made->hours == hours);
    BOOST_REQUIRE(made->failures.size() == 1U);
    BOOST_CHECK(made->failures[0].code == errc::corrupt);
    BOOST_TEST(made->failures[0].text().starts_with("planning hour 2020-01-25_14 of project 1: "));
  }
}

BOOST_AUTO_TEST_CASE(an_hour_whose_segments_are_damaged_fails_and_the_others_go_on) {
  fixture run;
  run.fill();
  auto done = run.plan();
  REQUIRE_OK(done);
  REQUIRE_OK(run.state.database().run("UPDATE segment SET deflate=zeroblob(length(deflate))" + of_first_hour));
  REQUIRE_OK(deliver_all(run.state, run.connections, run.to,
                         {run.tried_bucket(), run.clock, {}, [](const progress&) {}}, *done));
  BOOST_TEST(done->hours == 4);
  BOOST_REQUIRE(done->failures.size() == 1U);
  BOOST_CHECK(done->failures[0].code == errc::corrupt);
  BOOST_TEST(run.in_state(store::job_state::failed) == 1);
}

BOOST_AUTO_TEST_CASE(a_bucket_that_has_other_bytes_than_were_sent_ends_the_run) {
  fixture run;
  run.fill();
  run.bucket().on_head = [](bucket::object_info& found) { ++found.bytes; };
  CHECK_FAILS(run.try_deliver(), errc::corrupt);
  BOOST_TEST(run.in_state(store::job_state::failed) == 0);
}

BOOST_AUTO_TEST_CASE(a_connection_is_made_whole_or_not_at_all) {
  fixture run;
  run.add(1);
  run.to.filter = R"({"column":"event_type","operator":"is","values":["view"]})";
  for (const char* column : {"filter", "sse", "disabled_at"}) {
    BOOST_TEST_CONTEXT(column) {
      const std::string cut = std::string("CREATE TEMP TRIGGER cut BEFORE UPDATE OF ") + column +
                              " ON connection BEGIN SELECT RAISE(ABORT, 'cut off'); END";
      REQUIRE_OK(run.state.database().execute(cut.c_str()));
      BOOST_TEST(!run.plan().has_value());
      BOOST_TEST(store::list_connections(run.state.database()).value().empty());
      REQUIRE_OK(run.state.database().execute("DROP TRIGGER cut"));
    }
  }
  REQUIRE_OK(run.plan());
  BOOST_TEST(run.connections.front().filter == run.to.filter);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::exporting::run_tests
