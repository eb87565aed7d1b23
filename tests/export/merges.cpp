#include "export/merge_plan.hpp"

#include "export/deliver.hpp"
#include "store/connections.hpp"
#include "store/merge_log.hpp"
#include "support/export_run.hpp"

namespace spillway::exporting::merges_tests {
namespace {

const std::string key = "-1/-1_2020-01-25_14.json.gz";

struct fixture : test::export_run {
  fixture() : export_run(1) {
    REQUIRE_OK(store::add_project(state.database(), {1, 1, {}, {}, 0}, clock.now()));
    auto made = store::open_connection(state.database(), 1, to.place, {}, clock.now()).value();
    made.data = model::data_choice::both;
    REQUIRE_OK(store::change_connection(state.database(), made));
  }
  void merge(std::int64_t id, std::int64_t behind_ms = 0) {
    const std::int64_t ms = test::test_start.time_since_epoch().count() / 1000 + behind_ms;
    REQUIRE_OK(store::add_merge(state.database(), {1, ms, ms, id, 8}));
    if (behind_ms == 0) {
      text_ += model::to_line({1, ms, ms, id, 8});
    }
  }
  const std::string& text() const { return text_; }
  void check_text() { BOOST_TEST(test::read_single_member(objects().at(key)) == text_); }

private:
  std::string text_;
};

BOOST_FIXTURE_TEST_SUITE(export_merges, fixture)

BOOST_AUTO_TEST_CASE(an_hour_is_one_object_without_a_marker_in_the_order_in_which_merges_came) {
  merge(10);
  merge(9);
  merge(7, 3'600'000);
  deliver();
  check_text();
  BOOST_TEST(objects().size() == 2U);
  BOOST_TEST(deliver().objects == 0);
}

BOOST_AUTO_TEST_CASE(late_merges_rewrite_their_hour) {
  merge(10);
  deliver();
  merge(9);
  BOOST_TEST(deliver().objects == 1);
  check_text();
}

BOOST_AUTO_TEST_CASE(late_merges_wait_for_a_delivery_of_their_hour_that_is_under_way) {
  merge(10);
  deliver();
  REQUIRE_OK(state.database().run("UPDATE job SET state='running' WHERE kind='merges'"));
  merge(9);
  REQUIRE_OK(plan());
  BOOST_TEST(number("SELECT count(*) FROM job WHERE state='running'") == 1);
  REQUIRE_OK(state.database().run("UPDATE job SET state='waiting' WHERE kind='merges'"));
  deliver();
  check_text();
}

BOOST_AUTO_TEST_CASE(an_object_that_is_not_ours_is_a_conflict) {
  merge(10);
  bucket::memory_body foreign("somebody else's");
  REQUIRE_OK(bucket().put(key, foreign, {}));
  BOOST_TEST(deliver().failures.size() == 1U);
  BOOST_TEST(objects().at(key) == "somebody else's");
}

BOOST_AUTO_TEST_CASE(a_file_of_fewer_merges_that_nobody_heard_of_is_ours) {
  merge(10);
  deliver();
  merge(9);
  REQUIRE_OK(state.database().execute("UPDATE object SET delivered_at=NULL, etag=''"));
  BOOST_TEST(deliver().failures.empty());
  check_text();
}

// Planned before there were more of them, and behind another connection that has put those.
BOOST_AUTO_TEST_CASE(a_file_of_more_merges_stays) {
  merge(10);
  REQUIRE_OK(plan());
  merge(9);
  const std::string zipped = test::gzip_of(text());
  bucket::memory_body newer(zipped);
  REQUIRE_OK(bucket().put(key, newer, {}));
  const auto planned = store::list_objects_of(state.database(), to.place)->at(0);
  auto reader = state.open_reader().value();
  const auto project = store::find_project(state.database(), 1).value().value();
  const job_plan late{project, jobs().at(0), {planned}};
  CHECK_OK(exporting::deliver(bucket(), reader, late, to));
  check_text();
}

// The file is the organization's: each of its connections to a place comes to the same one.
BOOST_AUTO_TEST_CASE(projects_of_other_engines_make_the_same_file) {
  merge(10);
  REQUIRE_OK(store::add_project(state.database(), {2, 1, {}, model::compression{6}, 0}, clock.now()));
  auto other = store::open_connection(state.database(), 2, to.place, {}, clock.now()).value();
  other.data = model::data_choice::both;
  REQUIRE_OK(store::change_connection(state.database(), other));
  REQUIRE_OK(plan());
  const auto rows = store::list_objects_of(state.database(), to.place).value();
  BOOST_REQUIRE(rows.size() == 2U);
  BOOST_CHECK(rows[0].sha256 == rows[1].sha256);
  auto reader = state.open_reader().value();
  const auto project = store::find_project(state.database(), 2).value().value();
  for (const store::object_row& each : rows) {
    CHECK_OK(exporting::deliver(bucket(), reader, {project, jobs().at(0), {each}}, to));
  }
  check_text();
}

BOOST_AUTO_TEST_CASE(a_file_of_other_merges_is_not_ours) {
  for (const std::string& text : {std::string(), model::to_line({1, 2, 3, 4, 5}), std::string("{")}) {
    BOOST_TEST_CONTEXT(text) {
      fixture run;
      run.merge(10);
      const std::string zipped = test::gzip_of(text);
      bucket::memory_body foreign(zipped);
      REQUIRE_OK(run.bucket().put(key, foreign, {}));
      BOOST_TEST(run.deliver().failures.size() == 1U);
      BOOST_TEST((run.objects().at(key) == zipped));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_comes_behind_a_plan_does_not_show_in_it) {
  merge(10);
  REQUIRE_OK(plan());
  const auto before = jobs();
  merge(9);
  const auto object = store::list_objects_of(state.database(), to.place)->at(0);
  const auto project = store::find_project(state.database(), 1).value().value();
  auto reader = state.open_reader().value();
  std::string bytes;
  const auto body = open_body(reader, {project, store::job_kind::merges, before.at(0).hour}, object).value();
  REQUIRE_OK(body->read([&bytes](std::string_view piece) -> result<void> {
    bytes += piece;
    return {};
  }));
  BOOST_CHECK(base::sha256_of(bytes) == object.sha256);
  deliver();
  check_text();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::exporting::merges_tests
