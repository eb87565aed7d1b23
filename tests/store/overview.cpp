#include "store/overview.hpp"

#include "store/catalog.hpp"
#include "store/event_store.hpp"
#include "store/state_file.hpp"
#include "support/check_result.hpp"
#include "support/temp_dir.hpp"

namespace spillway::store::overview_tests {
namespace {

constexpr base::instant now = base::from_us(1'579'975'200'000'000);  // 2020-01-25T18:00:00Z
constexpr model::hour first{model::hour_of(now).number - 2};
constexpr model::hour second{model::hour_of(now).number - 1};
constexpr model::hour third = model::hour_of(now);

struct fixture {
  test::temp_dir dir;
  state_file state = make(dir / "state.db");
  db::database& database = state.database();

  static state_file make(const std::filesystem::path& path) {
    auto opened = state_file::open(path, access::create);
    REQUIRE_OK(opened);
    REQUIRE_OK(add_organization(opened->database(), {1, "local"}, now));
    REQUIRE_OK(add_project(opened->database(), {7, 1, model::record_form::observed, {6}, 0}, now));
    return std::move(*opened);
  }

  void add_hour(model::hour hour, std::int64_t events, std::int64_t duplicates) {
    REQUIRE_OK(put_hour(database, {{7, hour}, events, duplicates, events * 10, 0}));
  }

  // Plans one object of so many events; delivers it if `delivered`.
  enum class deliver { no, yes };
  void add_job(const model::connection& to, model::hour hour, std::int64_t events, int partition, deliver delivered) {
    object_row object;
    object.partition = partition;
    object.key = std::to_string(partition);
    object.events = events;
    object.source_events = events;
    const auto before = find_job(database, to.id, job_kind::events, hour);
    REQUIRE_OK(before);
    const std::int64_t held = *before ? (*before)->source_events : 0;
    REQUIRE_OK(plan_job(database, to.id, job_kind::events, hour, marker_kind::manifest, {{object}, 0, held + events}, now));
    auto job = find_job(database, to.id, job_kind::events, hour);
    REQUIRE_OK(job);
    if (delivered == deliver::no) {
      return;
    }
    REQUIRE_OK(start_job(database, (*job)->id));
    auto objects = list_objects(database, (*job)->id);
    REQUIRE_OK(objects);
    REQUIRE_OK(finish_object(database, objects->back().id, "etag", now));
    REQUIRE_OK(finish_job(database, (*job)->id, now));
  }

  model::connection connect(const std::string& destination) {
    auto made = open_connection(database, 7, {destination}, {}, now);
    REQUIRE_OK(made);
    return *made;
  }

  std::vector<connection_overview> look() {
    auto all = overview_of_connections(database, now);
    REQUIRE_OK(all);
    return *all;
  }
};

std::int64_t jobs_in(const connection_overview& of, job_state in) { return of.jobs[static_cast<std::size_t>(in)]; }

BOOST_FIXTURE_TEST_SUITE(store_overview, fixture)

BOOST_AUTO_TEST_CASE(a_project_without_hours_has_neither_first_nor_last_one) {
  const auto all = overview_of_projects(database);
  REQUIRE_OK(all);
  BOOST_REQUIRE(all->size() == 1u);
  BOOST_TEST(all->front().project.id == 7);
  BOOST_TEST((all->front().project.engine == model::compression{6}));
  BOOST_TEST(all->front().duplicates == 0);
  BOOST_TEST(all->front().hours == 0);
  BOOST_TEST(!all->front().first_hour.has_value());
  BOOST_TEST(!all->front().last_hour.has_value());
}

BOOST_AUTO_TEST_CASE(hours_with_duplicates_alone_count_for_duplicates_only) {
  add_hour(first, 0, 4);
  add_hour(second, 3, 1);
  const auto all = overview_of_projects(database);
  REQUIRE_OK(all);
  BOOST_TEST(all->front().duplicates == 5);
  BOOST_TEST(all->front().hours == 1);
  BOOST_TEST((all->front().first_hour == second));
  BOOST_TEST((all->front().last_hour == second));
}

BOOST_AUTO_TEST_CASE(inputs_are_summed_up) {
  const auto none = overview_of_inputs(database);
  REQUIRE_OK(none);
  BOOST_TEST(none->inputs == 0);
  BOOST_TEST(none->counts.received == 0);
  const auto one = add_input(database, input_row{}, now);
  REQUIRE_OK(one);
  REQUIRE_OK(advance_input(database, *one, {}, {10, 6, 1, 2, 1}, input_end::finished));
  const auto other = add_input(database, input_row{}, now);
  REQUIRE_OK(other);
  REQUIRE_OK(advance_input(database, *other, {}, {1, 0, 0, 0, 1}, input_end::open));
  const auto all = overview_of_inputs(database);
  REQUIRE_OK(all);
  BOOST_TEST(all->inputs == 2);
  BOOST_TEST(all->finished == 1);
  BOOST_TEST(all->counts.received == 11);
  BOOST_TEST(all->counts.stored == 6);
  BOOST_TEST(all->counts.duplicates == 1);
  BOOST_TEST(all->counts.applied == 2);
  BOOST_TEST(all->counts.rejected == 2);
}

BOOST_AUTO_TEST_CASE(events_that_no_object_holds_are_missing_by_open_and_ended_hours) {
  add_hour(first, 5, 0);
  add_hour(second, 3, 0);
  add_hour(third, 2, 0);
  add_job(connect("/b"), first, 5, 1, deliver::yes);
  add_job(connect("/b"), second, 3, 1, deliver::no);
  const auto all = look();
  BOOST_REQUIRE(all.size() == 1u);
  BOOST_TEST(all[0].connection.place.destination == "/b");
  BOOST_TEST(jobs_in(all[0], job_state::delivered) == 1);
  BOOST_TEST(jobs_in(all[0], job_state::waiting) == 1);
  BOOST_TEST((all[0].last_delivered == first));
  BOOST_TEST(all[0].overdue.hours == 1);
  BOOST_TEST(all[0].overdue.events == 3);
  BOOST_TEST(all[0].open.hours == 1);
  BOOST_TEST(all[0].open.events == 2);
}

BOOST_AUTO_TEST_CASE(late_events_of_a_delivered_hour_are_missing) {
  add_hour(first, 5, 0);
  const model::connection to = connect("/b");
  add_job(to, first, 5, 1, deliver::yes);
  BOOST_TEST(look()[0].overdue.events == 0);
  add_hour(first, 9, 0);
  BOOST_TEST(look()[0].overdue.events == 4);
  add_job(to, first, 4, 2, deliver::no);
  BOOST_TEST(look()[0].overdue.events == 4);
  BOOST_TEST(jobs_in(look()[0], job_state::waiting) == 1);
}

BOOST_AUTO_TEST_CASE(connections_do_not_see_each_others_deliveries) {
  add_hour(first, 5, 0);
  add_job(connect("/b"), first, 5, 1, deliver::yes);
  connect("/a");
  const auto all = look();
  BOOST_REQUIRE(all.size() == 2u);
  BOOST_TEST(all[0].connection.place.destination == "/b");
  BOOST_TEST(all[0].overdue.events == 0);
  BOOST_TEST(all[1].connection.place.destination == "/a");
  BOOST_TEST(all[1].overdue.events == 5);
  BOOST_TEST(!all[1].last_delivered.has_value());
}

BOOST_AUTO_TEST_CASE(what_was_pruned_is_not_missed_by_who_comes_later) {
  add_hour(first, 5, 0);
  add_hour(second, 3, 0);
  const model::connection early = connect("/b");
  add_job(early, first, 5, 1, deliver::yes);
  REQUIRE_OK(database.execute("UPDATE job SET source_bytes=50"));
  REQUIRE_OK(put_hour(database, {{7, first}, 7, 0, 70, 50, 50, 5}));  // and two are late
  connect("/a");
  const auto all = look();
  BOOST_REQUIRE(all.size() == 2u);
  BOOST_TEST(all[0].overdue.events == 5);
  BOOST_TEST(all[0].pruned.hours == 0);
  BOOST_TEST(all[1].overdue.hours == 2);
  BOOST_TEST(all[1].overdue.events == 3 + 2);
  BOOST_TEST(all[1].pruned.hours == 1);
  BOOST_TEST(all[1].pruned.events == 5);
}

BOOST_AUTO_TEST_CASE(hours_of_a_gap_that_were_pruned_are_told_though_they_are_before_its_start) {
  add_hour(first, 5, 0);
  add_hour(second, 3, 0);
  const model::connection made = connect("/a");
  REQUIRE_OK(database.run("UPDATE connection SET kind='scheduled', start_hour=?", third.number));
  REQUIRE_OK(put_hour(database, {{7, first}, 5, 0, 50, 50, 50, 5}));
  BOOST_TEST(look().at(0).pruned.hours == 0);
  REQUIRE_OK(add_gap(database, made.id, {first, second}));
  BOOST_TEST(look().at(0).pruned.events == 5);
  BOOST_TEST(look().at(0).overdue.events == 0);
  BOOST_TEST(list_gaps(database, made.id)->size() == 1U);
  REQUIRE_OK(put_hour(database, {{7, second}, 3, 0, 30, 30, 30, 3}));
  BOOST_TEST(look().at(0).pruned.hours == 2);
  BOOST_TEST(list_gaps(database, made.id)->empty());
}

BOOST_AUTO_TEST_CASE(who_delivers_merges_alone_misses_no_events) {
  add_hour(first, 5, 0);
  connect("/b");
  REQUIRE_OK(database.execute("UPDATE connection SET data='merged-ids'"));
  BOOST_TEST(look()[0].overdue.events == 0);
}

BOOST_AUTO_TEST_CASE(who_was_followed_by_another_to_its_place_misses_no_events) {
  add_hour(first, 5, 0);
  connect("/b");
  REQUIRE_OK(database.execute("UPDATE connection SET kind='scheduled', state='disabled', start_hour=0"));
  BOOST_TEST(look()[0].overdue.events == 5);
  model::connection next;
  next.project = 7;
  next.place = {"/b"};
  next.kind = model::connection_kind::scheduled;
  next.created_at = now;
  next.start = {0};
  REQUIRE_OK(add_connection(database, next));
  BOOST_TEST(look()[0].overdue.events == 0);
  BOOST_TEST(look()[1].overdue.events == 5);
}

BOOST_AUTO_TEST_CASE(a_held_moment_does_not_see_what_is_written_later) {
  auto reader = state_file::open(state.path(), access::read);
  REQUIRE_OK(reader);
  REQUIRE_OK(hold_moment(reader->database()));
  REQUIRE_OK(add_organization(database, {2, "later"}, now));
  const auto seen = list_organizations(reader->database());
  REQUIRE_OK(seen);
  BOOST_TEST(seen->size() == 1u);
}

BOOST_AUTO_TEST_CASE(the_worker_is_the_one_that_wrote_itself_down) {
  auto nobody = find_worker(database);
  REQUIRE_OK(nobody);
  BOOST_TEST(!nobody->has_value());
  REQUIRE_OK(state.become_worker("export", base::fixed_clock(now)));
  const auto worker = find_worker(database);
  REQUIRE_OK(worker);
  BOOST_REQUIRE(worker->has_value());
  BOOST_TEST((*worker)->pid == ::getpid());
  BOOST_TEST((*worker)->doing == "export");
  BOOST_TEST(((*worker)->since == now));
}

BOOST_AUTO_TEST_CASE(the_worker_lock_is_held_as_long_as_the_worker_lives) {
  const auto path = dir / "other.db";
  BOOST_TEST((look_at_worker_lock(path).error().code == errc::not_found));
  {
    auto worker = state_file::open(path, access::create);
    REQUIRE_OK(worker);
    BOOST_TEST((look_at_worker_lock(path).value() == worker_lock::free));
    REQUIRE_OK(worker->become_worker("export", base::fixed_clock(now)));
    BOOST_TEST((look_at_worker_lock(path).value() == worker_lock::held));
  }
  BOOST_TEST((look_at_worker_lock(path).value() == worker_lock::free));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::store::overview_tests
