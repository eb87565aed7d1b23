#include "connection/scheduler.hpp"

#include "model/object_key.hpp"
#include "support/connection_run.hpp"
#include "support/export_run.hpp"
#include "support/recording_bucket.hpp"

#include <condition_variable>
#include <future>
#include <thread>

namespace spillway::connection::scheduler_tests {
namespace {

using std::chrono::hours;

// Let through by the test: until then every call waits.
class gate {
public:
  void open() {
    {
      const std::scoped_lock lock(mutex_);
      is_open_ = true;
    }
    opened_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    opened_.wait(lock, [this] { return is_open_; });
  }

private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool is_open_ = false;
};

struct fixture : test::connection_run {
  // A bucket in memory whose every put is told to `on_put` first.
  void watch_puts(const std::string& place, std::function<void()> on_put) {
    watched_[place] = std::make_shared<test::recording_bucket>(*bucket(place));
    watched_[place]->on_put = [on_put](bucket::put_options&) { on_put(); };
    const bucket_opener usual = world.open;
    world.open = [this, place, usual](const model::connection& of) -> result<opened_bucket> {
      SPILLWAY_TRY_ASSIGN(opened_bucket opened, usual(of));
      if (of.place.destination == place) {
        opened.bucket = watched_[place];
      }
      return opened;
    };
  }
  std::int64_t in_state(store::job_state which) {
    const auto all = jobs();
    return std::ranges::count(all, which, &store::job_row::state);
  }

private:
  std::map<std::string, std::shared_ptr<test::recording_bucket>> watched_;
};

BOOST_FIXTURE_TEST_SUITE(connection_scheduler, fixture)

BOOST_AUTO_TEST_CASE(one_round_does_all_connections_and_their_backfills_and_names_open_hours_once) {
  create("s3://one");
  create("s3://two");
  add_events(2);
  store::backfill_row asked;
  asked.connection = 1;
  asked.first = {hour().number - 100};
  asked.last = {hour().number - 30};
  REQUIRE_OK(store::add_backfill(state.database(), asked));
  const auto made = run_once(state, world, {});
  REQUIRE_OK(made);
  BOOST_REQUIRE(made->size() == 2U);
  BOOST_TEST((*made)[0].connection.id == 1);
  BOOST_TEST((*made)[0].outcome.done.open.size() == 1U);
  BOOST_TEST((*made)[1].outcome.done.hours == 14);
  BOOST_CHECK(store::find_backfill(state.database(), 1).value()->state == store::backfill_state::done);
  BOOST_TEST(in_state(store::job_state::delivered) == 14 + 14 + 71);
}

// The second backfill is a step behind the first one.
BOOST_AUTO_TEST_CASE(one_round_names_backfills_that_have_failed) {
  create("s3://one");
  const model::hour first{hour().number - 100};
  for (const std::int64_t ago : {100, 70}) {
    store::backfill_row asked;
    asked.connection = 1;
    asked.first = asked.last = {hour().number - ago};
    REQUIRE_OK(store::add_backfill(state.database(), asked));
  }
  bucket::memory_body foreign("somebody else's");
  const std::string key = model::to_key({model::object_kind::events, 1, first, 1}, "");
  REQUIRE_OK(bucket("s3://one")->put(key, foreign, {}));
  const auto made = run_once(state, world, {});
  REQUIRE_OK(made);
  const auto& backfills = made->front().outcome.failed_backfills;
  BOOST_REQUIRE(backfills.size() == 1U);
  BOOST_TEST(backfills.front().doing == "backfill 1");
  BOOST_TEST(backfills.front().cause.find(key) != std::string::npos, backfills.front().cause);
  BOOST_TEST(made->front().outcome.failures().size() == 1U);
  BOOST_CHECK(store::find_backfill(state.database(), 2).value()->state == store::backfill_state::done);
}

BOOST_AUTO_TEST_CASE(a_failure_of_one_connection_is_no_other_ones) {
  create("s3://one");
  create("s3://two");
  door("s3://one").set({1, 0});
  const auto made = run_once(state, world, {});
  REQUIRE_OK(made);
  BOOST_TEST((*made)[0].outcome.failed.has_value());
  BOOST_TEST((*made)[1].outcome.done.hours == 14);
}

BOOST_AUTO_TEST_CASE(a_stop_ends_at_the_boundary_of_an_object) {
  create("s3://one");
  add_events(3, -3);
  wait(hours{2});
  std::stop_source stop;
  watch_puts("s3://one", [&stop] { stop.request_stop(); });
  CHECK_FAILS(run_once(state, world, stop.get_token()), errc::interrupted);
  BOOST_TEST(in_state(store::job_state::running) == 0);
  BOOST_TEST(in_state(store::job_state::delivered) > 0);
  BOOST_TEST(in_state(store::job_state::waiting) > 0);
  test::check_markers(bucket("s3://one")->tree());
}

BOOST_AUTO_TEST_CASE(of_a_connection_that_is_disabled_meanwhile_what_has_begun_ends_and_nothing_else_begins) {
  create("s3://one");
  add_events(3, -3);
  wait(hours{2});
  auto beside = store::state_file::open(dir / "state.db", store::access::create).value();
  watch_puts("s3://one", [&, is_first = true]() mutable {
    if (std::exchange(is_first, false)) {
      CHECK_OK(connection::disable(beside.database(), 1, clock.now()));
    }
  });
  const auto made = run_once(state, world, {});
  REQUIRE_OK(made);
  BOOST_TEST(!made->front().outcome.failed.has_value());
  BOOST_TEST(in_state(store::job_state::running) == 0);
  BOOST_TEST(in_state(store::job_state::delivered) <= 2);
  BOOST_TEST(in_state(store::job_state::waiting) > 10);
}

// Whichever of two is waited for first, it ends when the other one has.
BOOST_AUTO_TEST_CASE(when_the_state_file_fails_one_all_are_asked_to_stop_before_any_is_waited_for) {
  for (const char* each : {"s3://one", "s3://two", "s3://three"}) {
    create(each);
  }
  struct at_thread_end {
    std::promise<void>* ended = nullptr;
    ~at_thread_end() { ended->set_value(); }
  };
  const bucket_opener usual = world.open;
  for (const model::connection_id waiting : {2, 3}) {
    std::promise<void> waiter_opened;
    std::promise<void> other_opened;
    std::promise<void> other_ended;
    bool is_in_time = false;
    world.open = [&](const model::connection& of) -> result<opened_bucket> {
      if (of.id == 1) {
        waiter_opened.get_future().wait();
        other_opened.get_future().wait();
        return failure{errc::state, "looking at the state file", "it fails", {}};
      }
      if (of.id == waiting) {
        waiter_opened.set_value();
        is_in_time = other_ended.get_future().wait_for(std::chrono::seconds{10}) == std::future_status::ready;
      } else {
        thread_local at_thread_end end;
        end.ended = &other_ended;
        other_opened.set_value();
      }
      return usual(of);
    };
    CHECK_FAILS(connection::run(state, world, {}, [](const step_report&) {}), errc::state);
    BOOST_TEST(is_in_time, waiting);
  }
}

BOOST_AUTO_TEST_CASE(a_bucket_that_hangs_holds_nobody_up) {
  create("s3://one");
  create("s3://two");
  gate held;
  watch_puts("s3://one", [&held] { held.pass(); });
  std::stop_source stop;
  std::vector<model::connection_id> reported;
  const auto report = [&](const step_report& each) {
    reported.push_back(each.connection.id);
    if (each.connection.id == 2) {
      held.open();
    } else {
      stop.request_stop();
    }
  };
  CHECK_OK(connection::run(state, world, stop.get_token(), report));
  BOOST_TEST(reported == (std::vector<model::connection_id>{2, 1}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(one_connection_more_than_can_be_at_work_is_named_and_the_others_go_on) {
  for (std::size_t i = 0; i <= agents_max; ++i) {
    model::connection each = like("s3://b" + std::to_string(i));
    each.marker = model::marker_kind::off;
    create(each);
  }
  std::stop_source stop;
  CHECK_OK(connection::run(state, world, stop.get_token(), [&](const step_report& each) {
    BOOST_TEST(static_cast<std::size_t>(each.connection.id) == agents_max + 1);
    BOOST_TEST(each.outcome.failed.has_value());
    stop.request_stop();
  }));
}

BOOST_AUTO_TEST_CASE(hours_that_somebody_must_look_at_are_reported_though_nothing_was_delivered) {
  create("s3://one");
  add_events(1);
  wait(hours{2});
  bucket::memory_body foreign("somebody else's");
  REQUIRE_OK(bucket("s3://one")->put("1/1_2020-01-25_14#1.json.gz", foreign, {}));
  REQUIRE_OK(run_once(state, world, {}));
  std::stop_source stop;
  std::size_t failures = 0;
  CHECK_OK(connection::run(state, world, stop.get_token(), [&](const step_report& each) {
    failures += each.outcome.done.failures.size();
    stop.request_stop();
  }));
  BOOST_TEST(failures == 1U);
}

BOOST_AUTO_TEST_CASE(connections_that_are_made_disabled_enabled_and_deleted_meanwhile_are_followed) {
  create("s3://one");
  std::stop_source stop;
  std::vector<model::connection_id> reported;
  auto beside = store::state_file::open(dir / "state.db", store::access::create).value();
  const auto change = [&](const auto& what) {
    auto begun = db::transaction::begin(beside.database()).value();
    CHECK_OK(what());
    CHECK_OK(begun.commit());
  };
  // Reports come one at a time.
  const auto report = [&](const step_report& each) {
    reported.push_back(each.connection.id);
    switch (each.connection.id) {
      case 1:
        change([&] { return connection::disable(beside.database(), 1, clock.now()); });
        change([&] { return add(beside.database(), like("s3://two"), clock.now()); });
        break;
      case 2:
        change([&] { return connection::enable(beside.database(), 1, clock.now()); });
        change([&] { return connection::remove(beside.database(), 2, clock.now()); });
        change([&] { return add(beside.database(), like("s3://three"), clock.now()); });
        break;
      default: stop.request_stop();
    }
  };
  CHECK_OK(connection::run(state, world, stop.get_token(), report));
  BOOST_TEST(reported == (std::vector<model::connection_id>{1, 2, 3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_thrown_on_an_agents_thread_ends_the_run_with_a_failure) {
  create("s3://one");
  world.open = [](const model::connection&) -> result<opened_bucket> { throw std::bad_alloc(); };
  CHECK_FAILS(connection::run(state, world, {}, [](const step_report&) {}), errc::io);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::connection::scheduler_tests
