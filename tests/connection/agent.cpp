#include "connection/agent.hpp"

#include "bucket/mirror_bucket.hpp"
#include "connection/backfill_work.hpp"
#include "connection/trouble.hpp"
#include "fs/atomic_file.hpp"
#include "store/catalog.hpp"
#include "store/ledger.hpp"
#include "store/mail_log.hpp"
#include "support/connection_run.hpp"
#include "support/recording_bucket.hpp"

namespace spillway::connection::agent_tests {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const std::string place = "s3://one";

struct fixture : test::connection_run {
  fixture() {
    auto change = db::transaction::begin(state.database()).value();
    REQUIRE_OK(state.database().execute("INSERT INTO administrator VALUES(1, 'ops@x'), (1, 'boss@x')"));
    REQUIRE_OK(change.commit());
    model::connection to = like(place);
    to.creator = {"ann", "ann@x"};
    create(to);
    wait(hours{2});
    add_events(1);
  }
  void refuse(hours time) { door(place).set({0, 0, {{clock.now(), clock.now() + time, errc::denied}}}); }
  std::int64_t mails() { return static_cast<std::int64_t>(store::list_waiting_mails(state.database())->size()); }
  store::backfill_row ask(model::hour first, model::hour last,
                          model::foreign_objects foreign = model::foreign_objects::refuse) {
    store::backfill_row asked;
    asked.connection = 1;
    asked.first = first;
    asked.last = last;
    asked.foreign = foreign;
    return store::add_backfill(state.database(), asked).value();
  }
  // What is put goes through this on its way, on another thread.
  void watch_puts(std::function<void(bucket::put_options&)> on_put) {
    watched_ = std::make_shared<test::recording_bucket>(*bucket(place));
    watched_->on_put = std::move(on_put);
    world.open = [this](const model::connection&) -> result<opened_bucket> { return opened_bucket{watched_, "", {}}; };
  }
  // A directory that behaves as `rules` says; the file that does comes back.
  std::filesystem::path open_as_directory(std::string_view rules) {
    const auto file = dir / "bucket/.spillway/bucket.json";
    std::filesystem::create_directories(std::filesystem::path(file).parent_path());
    REQUIRE_OK(fs::write_file(file, rules, 0600));
    world.open = [this](const model::connection&) -> result<opened_bucket> {
      SPILLWAY_TRY_ASSIGN(auto opened,
                          spillway::bucket::open_mirror(dir / "bucket", clock, spillway::bucket::create_root::no));
      return opened_bucket{std::move(opened), {}, {}};
    };
    return file;
  }
  void set_running(std::int64_t job) {
    REQUIRE_OK(state.database().run("UPDATE job SET state='running' WHERE id=?", job));
  }
  std::int64_t in_state(std::string_view which) {
    return number("SELECT count(*) FROM job WHERE state='" + std::string(which) + "'");
  }
  void put(const std::string& key, const std::string& text) {
    bucket::memory_body body(text);
    REQUIRE_OK(bucket(place)->put(key, body, {}));
  }

private:
  std::shared_ptr<test::recording_bucket> watched_;
};

BOOST_FIXTURE_TEST_SUITE(connection_agent, fixture)

BOOST_AUTO_TEST_CASE(a_step_delivers_what_is_due_and_knows_when_the_next_hour_closes) {
  agent one = agent_of(1);
  const step_outcome made = step(one);
  BOOST_TEST(made.done.hours == 16);
  BOOST_CHECK(*made.next == test::test_start + hours{3} + settling_usual);
  BOOST_TEST(step(one).done.hours == 0);
  clock.set(*made.next - std::chrono::microseconds{1});
  BOOST_TEST(step(one).done.hours == 0);
  clock.set(*made.next);
  BOOST_TEST(step(one).done.hours == 1);
}

BOOST_AUTO_TEST_CASE(refused_access_is_tried_at_its_times_and_is_one_incident_with_a_mail_for_each_recipient) {
  agent one = agent_of(1);
  refuse(hours{2});
  const base::instant start = clock.now();
  for (const int minute : {0, 1, 5, 15, 30, 45, 60}) {
    BOOST_TEST_CONTEXT("minute " << minute) {
      clock.set(start + minutes{minute});
      BOOST_TEST(step(one).failed.has_value());
      BOOST_TEST(mails() == (minute < 30 ? 0 : 3));
      clock.set(clock.now() + std::chrono::seconds{30});
      BOOST_TEST(!step(one).failed.has_value());  // not its time yet
    }
  }
  BOOST_TEST(told.size() == 1U);
  const auto all = jobs();
  BOOST_TEST(std::ranges::count(all, store::job_state::blocked, &store::job_row::state) ==
             static_cast<std::int64_t>(all.size()));
  clock.set(start + hours{3});
  BOOST_TEST(!step(one).failed.has_value());
  BOOST_TEST(mails() == 6);
  const std::string over = store::list_waiting_mails(state.database())->back().body;
  BOOST_TEST(over.find("Hours waited:        17, from 2020-01-25_0 to 2020-01-25_16 (UTC)") != std::string::npos, over);
  BOOST_REQUIRE(told.size() == 2U);
  BOOST_CHECK(told[1] == notify::incident_event::recovered);
  BOOST_TEST(!store::find_trouble(state.database(), 1)->has_value());
}

BOOST_AUTO_TEST_CASE(who_follows_a_blocked_connection_ends_its_incident) {
  agent one = agent_of(1);
  refuse(hours{2});
  for (int minute = 0; minute < 4; ++minute) {
    step(one, patience::none);
    wait(minutes{15});
  }
  BOOST_TEST(told.size() == 1U);
  disable(1);
  door(place).set({});
  model::connection to = like(place);
  to.creator = {"ann", "ann@x"};
  create(to);
  BOOST_TEST(!store::find_trouble(state.database(), 1)->has_value());
  agent next = agent_of(2);
  BOOST_TEST(step(next).done.hours > 0);
  BOOST_TEST(told.size() == 2U);
  const auto sent = store::list_waiting_mails(state.database()).value();
  BOOST_REQUIRE(sent.size() == 6U);
  BOOST_TEST(sent.back().in_reply_to == sent.front().message_id);
  BOOST_TEST(!store::find_trouble(state.database(), 2)->has_value());
}

BOOST_AUTO_TEST_CASE(refusals_before_a_connection_was_disabled_do_not_count_when_it_is_enabled_again) {
  refuse(hours{1});
  step(1);
  BOOST_TEST(store::find_trouble(state.database(), 1)->has_value());
  disable(1);
  BOOST_TEST(!store::find_trouble(state.database(), 1)->has_value());
  wait(hours{24 * 30});
  enable(1);
  refuse(hours{1});
  step(1);
  BOOST_TEST(store::find_trouble(state.database(), 1).value()->attempts == 1);
  BOOST_TEST(mails() == 0);
  BOOST_TEST(told.empty());
  // As an earlier version has left it.
  disable(1);
  REQUIRE_OK(store::put_trouble(state.database(), 1, {clock.now() - hours{9}, 1, clock.now(), {}, "", "denied"}));
  enable(1);
  step(1);
  BOOST_TEST(told.empty());
}

BOOST_AUTO_TEST_CASE(a_bucket_that_can_not_be_opened_is_an_incident_whose_mail_says_why) {
  const bucket_opener good = world.open;
  world.open = [](const model::connection&) -> result<opened_bucket> {
    return failure{errc::usage, "opening s3://one", "there is no profile exp", {}};
  };
  agent one = agent_of(1);
  BOOST_TEST(step(one).failed.has_value());
  BOOST_TEST(store::find_trouble(state.database(), 1).value()->detail == "opening s3://one: there is no profile exp");
  wait(minutes{30});
  BOOST_TEST(step(one).failed.has_value());
  BOOST_TEST(mails() == 3);
  const std::string mail = store::list_waiting_mails(state.database())->front().body;
  BOOST_TEST(mail.find("opening s3://one: there is no profile exp") != std::string::npos, mail);
  world.open = good;
  BOOST_TEST(step(one, patience::none).done.hours > 0);
  BOOST_TEST(mails() == 6);
}

BOOST_AUTO_TEST_CASE(access_that_is_back_within_half_an_hour_is_no_incident) {
  agent one = agent_of(1);
  refuse(hours{0} + hours{1});
  step(one);
  wait(minutes{5});
  door(place).set({});
  step(one);
  BOOST_TEST(mails() == 0);
  BOOST_TEST(told.empty());
}

BOOST_AUTO_TEST_CASE(passing_failures_wait_longer_each_time_and_are_no_incident) {
  agent one = agent_of(1);
  door(place).set({1, 0});
  for (const std::int64_t half_ms :
       {500, 1'000, 2'000, 4'000, 8'000, 16'000, 32'000, 64'000, 128'000, 150'000, 150'000}) {
    const step_outcome made = step(one);
    BOOST_REQUIRE(made.failed.has_value());
    BOOST_TEST((*made.next - clock.now()) / std::chrono::milliseconds{1} == half_ms);
    clock.set(*made.next);
  }
  BOOST_TEST(told.empty());
  door(place).set({});
  BOOST_TEST(step(one).done.hours == 16);
}

// Its waits are no longer than they can be.
BOOST_AUTO_TEST_CASE(a_clock_that_was_ahead_and_is_set_back_holds_nothing_up) {
  const base::instant right = clock.now();
  base::instant ahead = right;
  agent one = agent_of(1);
  for (const errc code : {errc::denied, errc::unavailable}) {
    ahead += hours{48};  // each time there are hours to be delivered
    clock.set(ahead);
    door(place).set({0, 0, {{clock.now(), clock.now() + hours{1}, code}}});
    BOOST_TEST(step(one).failed.has_value());
    clock.set(right);
    agent another = agent_of(1);
    BOOST_TEST(!step(code == errc::denied ? another : one).failed.has_value());
  }
  // Late events of an hour that was planned by that clock.
  BOOST_TEST(in_state("delivered") >= 16);
  REQUIRE_OK(state.database().run("UPDATE job SET planned_at=?", base::to_us(ahead)));
  add_events(1);
  const step_outcome late = step(one);
  BOOST_TEST(late.done.objects == 1);
  BOOST_TEST(late.done.gathered.empty());
}

BOOST_AUTO_TEST_CASE(whether_late_events_are_due_is_looked_at_every_minute) {
  agent one = agent_of(1);
  step(one);
  add_events(1);
  const step_outcome late = step(one);
  BOOST_TEST(late.done.gathered.size() == 1U);
  BOOST_CHECK(late.next == clock.now() + minutes{1});
}

BOOST_AUTO_TEST_CASE(somebody_who_asks_does_not_wait) {
  agent one = agent_of(1);
  refuse(hours{1});
  step(one);
  door(place).set({});
  BOOST_TEST(step(one).done.hours == 0);
  BOOST_TEST(step(one, patience::none).done.hours == 16);
}

BOOST_AUTO_TEST_CASE(a_backfill_is_done_in_days_and_can_be_cancelled_between) {
  ask({hour().number - 100}, {hour().number - 30});
  const auto asked = ask({hour().number - 200}, {hour().number - 150});
  agent one = agent_of(1);
  BOOST_CHECK(*step(one).next == clock.now());
  BOOST_TEST(store::find_backfill(state.database(), 1).value()->next.number == hour().number - 76);
  REQUIRE_OK(store::cancel_backfill(state.database(), 1, clock.now()));
  while (*step(one).next <= clock.now()) {
  }
  BOOST_CHECK(store::find_backfill(state.database(), 1).value()->state == store::backfill_state::cancelled);
  BOOST_CHECK(store::find_backfill(state.database(), asked.id).value()->state == store::backfill_state::done);
  BOOST_TEST(number("SELECT count(*) FROM job WHERE hour<" + std::to_string(hour().number - 30)) == 24 + 51);
}

BOOST_AUTO_TEST_CASE(a_backfill_that_is_cut_off_counts_what_it_has_put) {
  step(1);
  const auto asked = ask({hour().number - 30}, {hour().number - 20});
  const auto hours_put = [&] { return store::find_backfill(state.database(), asked.id).value()->hours; };
  std::stop_source stop;
  watch_puts([&stop](bucket::put_options&) { stop.request_stop(); });
  agent one = agent_of(1);
  CHECK_FAILS(one.step(patience::none, stop.get_token()), errc::interrupted);
  BOOST_TEST(hours_put() > 0);
  BOOST_TEST(hours_put() ==
             number("SELECT count(*) FROM job WHERE state='delivered' AND hour<=" + std::to_string(asked.last.number)));
}

BOOST_AUTO_TEST_CASE(a_backfill_that_is_asked_for_again_while_it_works_does_what_has_closed_since) {
  step(1);
  const auto asked = ask({hour().number - 30}, {hour().number - 20});
  auto beside = store::state_file::open(dir / "state.db", store::access::create).value();
  watch_puts([&](bucket::put_options&) {
    REQUIRE_OK(store::extend_backfill(beside.database(), asked.id, asked.last.next()));
  });
  agent one = agent_of(1);
  step(one);
  BOOST_CHECK(!store::find_backfill(state.database(), asked.id).value()->is_over());
  step(one);
  const auto done = store::find_backfill(state.database(), asked.id).value().value();
  BOOST_CHECK(done.state == store::backfill_state::done);
  BOOST_CHECK(done.next == asked.last.next().next());
}

// It lists and reads, which hours that are new do without.
BOOST_AUTO_TEST_CASE(a_refusal_of_a_backfill_is_its_own_and_new_hours_go_on) {
  const auto rules = open_as_directory(R"({"deny":["s3:ListBucket"]})");
  const auto asked = ask({hour().number - 30}, {hour().number - 20});
  agent one = agent_of(1);
  const step_outcome made = step(one);
  BOOST_TEST(made.done.hours == 16);
  BOOST_TEST(!made.failed.has_value());
  BOOST_REQUIRE(made.done.failures.size() == 1U);
  BOOST_CHECK(made.done.failures.front().code == errc::denied);
  BOOST_CHECK(*made.next == clock.now() + access_probe_interval);
  BOOST_TEST(!store::find_trouble(state.database(), 1)->has_value());
  BOOST_TEST(store::find_backfill(state.database(), asked.id).value()->is_refused());
  std::filesystem::remove(rules);
  step(one);  // woken by somebody else
  BOOST_TEST(store::find_backfill(state.database(), asked.id).value()->is_refused());
  clock.set(*made.next);
  step(one);
  const auto after = store::find_backfill(state.database(), asked.id).value().value();
  BOOST_CHECK(after.state == store::backfill_state::done);
  BOOST_TEST(after.reason == "");
}

BOOST_AUTO_TEST_CASE(a_backfill_that_gets_no_further_says_why_until_it_does) {
  const auto rules = open_as_directory(R"({"faults":[{"operation":"ListObjectsV2","times":0,"error":"SlowDown"}]})");
  const auto asked = ask({hour().number - 30}, {hour().number - 20});
  agent one = agent_of(1);
  BOOST_TEST(step(one).failed.has_value());
  const auto stuck = store::find_backfill(state.database(), asked.id).value().value();
  BOOST_CHECK(stuck.state == store::backfill_state::running);
  BOOST_TEST(stuck.reason.find("SlowDown") != std::string::npos, stuck.reason);
  std::filesystem::remove(rules);
  wait(minutes{5});
  step(one);
  BOOST_TEST(store::find_backfill(state.database(), asked.id).value()->reason == "");
}

BOOST_AUTO_TEST_CASE(a_backfill_that_has_failed_is_told_as_what_it_failed_with) {
  agent one = agent_of(1);
  BOOST_TEST(step(one).failed_backfills.empty());
  put("1/1_2020-01-25_14#7.json.gz", "somebody else's");
  const auto refused = ask({hour().number - 2}, hour());
  const auto foreign = step(one).failed_backfills;
  BOOST_REQUIRE(foreign.size() == 1U);
  BOOST_CHECK(foreign.front().code == errc::conflict);
  BOOST_TEST(foreign.front().hint.ends_with("run again with --replace-foreign, which deletes them"));
  BOOST_TEST(failure_of(*store::find_backfill(state.database(), refused.id).value()).hint == foreign.front().hint);
  add_events(1, -40);
  REQUIRE_OK(state.database().execute("UPDATE piece SET text=zeroblob(length(text))"));
  ask({hour().number - 41}, {hour().number - 39});
  const auto damaged = step(one).failed_backfills;
  BOOST_REQUIRE(damaged.size() == 1U);
  BOOST_CHECK(damaged.front().code == errc::corrupt);
  BOOST_TEST(damaged.front().hint.starts_with("bring the state file back from a backup"));
}

BOOST_AUTO_TEST_CASE(a_damaged_hour_does_not_keep_a_backfill_from_the_days_behind_it) {
  agent one = agent_of(1);
  BOOST_TEST(!step(one).failed.has_value());
  add_events(1, -60);
  REQUIRE_OK(state.database().execute("UPDATE piece SET text=zeroblob(length(text))"));
  add_events(1, -30);
  const auto asked = ask({hour().number - 70}, {hour().number - 20});
  std::vector<failure> failed;
  for (int i = 0; i < 5; ++i) {
    std::ranges::move(step(one).failed_backfills, std::back_inserter(failed));
  }
  BOOST_REQUIRE(failed.size() == 1U);
  BOOST_CHECK(failed.front().code == errc::corrupt);
  const auto ended = store::find_backfill(state.database(), asked.id).value().value();
  BOOST_CHECK(ended.state == store::backfill_state::failed);
  BOOST_TEST(ended.failed_hours == 1);
  BOOST_TEST(ended.objects == 1);
  BOOST_CHECK(ended.next == ended.last.next());
}

// "Replace what is foreign" is said of the dates of a backfill, and of no other hour.
BOOST_AUTO_TEST_CASE(a_backfill_touches_nothing_outside_of_its_hours) {
  const std::string key = "1/1_2020-01-25_14#1.json.gz";
  put(key, "somebody else's");
  BOOST_TEST(step(1).done.failures.size() == 1U);
  ask({hour().number - 100}, {hour().number - 90}, model::foreign_objects::replace);
  step(1);
  BOOST_TEST(bucket(place)->tree().at(key) == "somebody else's");
  BOOST_CHECK(store::find_backfill(state.database(), 1).value()->state == store::backfill_state::done);
}

BOOST_AUTO_TEST_CASE(a_connection_that_is_deleted_while_it_steps_is_no_failure) {
  on_open = [this] { REQUIRE_OK(remove(1)); };
  agent one = agent_of(1);
  const auto made = one.step(patience::scheduled, {});
  REQUIRE_OK(made);
  BOOST_TEST(!made->next.has_value());
}

BOOST_AUTO_TEST_CASE(a_connection_that_is_disabled_before_it_plans_leaves_its_place_to_the_next_one) {
  on_open = [this, is_first = true]() mutable {
    if (std::exchange(is_first, false)) {
      disable(1);
      create(place);
    }
  };
  agent one = agent_of(1);
  const auto made = one.step(patience::none, {});
  REQUIRE_OK(made);
  BOOST_TEST(!made->failed.has_value());
  BOOST_TEST(!made->next.has_value());
  BOOST_TEST(jobs().empty());
  BOOST_TEST(step(2).done.hours == 16);
}

BOOST_AUTO_TEST_CASE(a_job_that_has_gone_to_another_connection_is_left_to_it) {
  watch_puts([this, is_first = true](bucket::put_options&) mutable {
    if (std::exchange(is_first, false)) {
      disable(1);
      create(place);
    }
  });
  agent one = agent_of(1);
  CHECK_OK(one.step(patience::none, {}));
  BOOST_TEST(number("SELECT count(*) FROM job WHERE connection_id=2") == 16);
  BOOST_TEST(in_state("delivered") <= 2);  // which had begun
  BOOST_TEST(in_state("waiting") + in_state("delivered") == 16);
  set_running(16);  // as if the first agent were still at it
  step(2);
  BOOST_TEST(in_state("running") == 1);
  BOOST_TEST(in_state("delivered") == 15);
}

BOOST_AUTO_TEST_CASE(a_backfill_that_another_connection_has_taken_over_and_finished_is_left_to_it) {
  step(1);
  const auto asked = ask({hour().number - 30}, {hour().number - 20});
  watch_puts([this, is_first = true](bucket::put_options&) mutable {
    if (std::exchange(is_first, false)) {
      disable(1);
      create(place);
      REQUIRE_OK(state.database().run("UPDATE backfill SET state='failed', ended_at=1"));
    }
  });
  agent one = agent_of(1);
  BOOST_TEST(step(one).failed_backfills.empty());
  const auto found = store::find_backfill(state.database(), asked.id).value().value();
  BOOST_TEST(found.connection == 2);
  BOOST_CHECK(found.state == store::backfill_state::failed);
  const model::connection first = store::find_connection(state.database(), 1).value().value();
  const exporting::delivery_world beside{*bucket(place), clock, {}, [](const exporting::progress&) {}};
  const auto project = store::get_project(state.database(), 1).value();
  CHECK_FAILS(continue_backfill(state, project, first, found, {}, beside), errc::locked);
}

BOOST_AUTO_TEST_CASE(a_backfill_leaves_a_job_that_runs_to_who_has_begun_it) {
  step(1);
  set_running(3);
  REQUIRE_OK(bucket(place)->remove("1/1_2020-01-25_2_complete"));  // its marker
  ask({hour().number - 14}, hour());
  step(1);
  BOOST_CHECK(store::find_backfill(state.database(), 1).value()->state == store::backfill_state::done);
  BOOST_TEST(in_state("running") == 1);
}

BOOST_AUTO_TEST_CASE(a_job_that_was_handed_over_while_it_ran_is_not_recovered_after_a_failure) {
  door(place).set({1, 0});
  step(1);
  set_running(3);
  agent one = agent_of(1);
  BOOST_TEST(step(one).failed.has_value());
  door(place).set({});
  wait(minutes{5});
  BOOST_TEST(step(one).done.hours == 15);
  BOOST_TEST(in_state("running") == 1);
}

BOOST_AUTO_TEST_CASE(an_upload_that_is_under_way_is_left_alone_by_other_connections_to_its_place) {
  REQUIRE_OK(store::add_project(state.database(), {2, 1, {}, {}, 0}, clock.now()));
  create(like(place, 2));
  add_events(1, 0, 2);
  agent other = agent_of(2);
  const std::string key = "1/1_2020-01-25_14#1.json.gz";
  std::string upload;
  watch_puts([&](bucket::put_options& options) {
    if (options.content_type != bucket::put_options().content_type || !upload.empty()) {
      return;  // a marker, or the other's
    }
    upload = bucket(place)->create_multipart(key, {}).value();
    REQUIRE_OK(options.uploads->begun(key, upload));
    BOOST_TEST(step(other, patience::none).done.hours == 16);
    BOOST_TEST(bucket(place)->list_uploads("").value().size() == 1U);
  });
  BOOST_TEST(step(1).done.hours == 16);
  BOOST_TEST(bucket(place)->list_uploads("").value().empty());  // since nobody has completed it
}

BOOST_AUTO_TEST_CASE(hours_that_somebody_must_look_at_are_tried_again_after_a_while_and_backfills_go_on) {
  put("1/1_2020-01-25_14#1.json.gz", "somebody else's");
  agent one = agent_of(1);
  const step_outcome first = step(one);
  BOOST_TEST(first.done.failures.size() == 1U);
  BOOST_TEST((*first.next - clock.now()) / std::chrono::milliseconds{1} == 500);
  ask({hour().number - 100}, {hour().number - 90});
  const step_outcome second = step(one);
  BOOST_TEST(second.done.failures.empty());
  BOOST_CHECK(*second.next == *first.next);
  BOOST_CHECK(store::find_backfill(state.database(), 1).value()->state == store::backfill_state::done);
  clock.set(*first.next);
  const step_outcome third = step(one);
  BOOST_TEST(third.done.failures.size() == 1U);
  BOOST_TEST((*third.next - clock.now()) / std::chrono::milliseconds{1} == 1'000);
  REQUIRE_OK(bucket(place)->remove("1/1_2020-01-25_14#1.json.gz"));
  clock.set(*third.next);
  BOOST_TEST(step(one).done.hours == 1);
}

BOOST_AUTO_TEST_CASE(jobs_that_a_full_state_file_has_left_running_are_done_later) {
  agent one = agent_of(1);
  door(place).set({1, 0});
  step(one);
  REQUIRE_OK(state.database().execute("UPDATE job SET state='running' WHERE id=3"));
  door(place).set({});
  wait(minutes{5});
  BOOST_TEST(step(one).done.hours == 16);
}

BOOST_AUTO_TEST_CASE(so_are_those_that_another_connection_had_begun_and_ended_before) {
  step(1);
  set_running(3);
  agent one = agent_of(1);
  step(one);
  BOOST_TEST(in_state("running") == 1);
  REQUIRE_OK(state.database().run("UPDATE job SET state='delivered' WHERE id=3"));
  step(one);
  set_running(3);  // planned anew by this one, whose end could not be written down
  set_running(5);
  step(one);
  BOOST_TEST(in_state("running") == 0);
  BOOST_TEST(in_state("delivered") == 16);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::connection::agent_tests
