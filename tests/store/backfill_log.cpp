#include "store/backfill_log.hpp"

#include "store/catalog.hpp"
#include "store/connections.hpp"
#include "support/check_result.hpp"
#include "support/store_check.hpp"
#include "support/temp_dir.hpp"

namespace spillway::store::backfill_log_tests {
namespace {

const base::instant start = base::from_us(1'579'960'800'000'000);

struct fixture {
  fixture() {
    REQUIRE_OK(add_organization(database, {1, "organization"}, start));
    REQUIRE_OK(add_project(database, {1, 1, {}, {}, 0}, start));
    REQUIRE_OK(open_connection(database, 1, {"/one"}, {}, start));
    REQUIRE_OK(open_connection(database, 1, {"/two"}, {}, start));
  }
  backfill_row like(model::connection_id connection, std::int64_t first = 10, std::int64_t last = 20) const {
    backfill_row made;
    made.connection = connection;
    made.first = {first};
    made.last = {last};
    made.created_at = start;
    return made;
  }
  backfill_row add(model::connection_id connection) { return add_backfill(database, like(connection)).value(); }
  test::temp_dir dir;
  state_file state = test::open_state(dir / "state.db");
  db::database& database = state.database();
};

BOOST_FIXTURE_TEST_SUITE(store_backfill_log, fixture)

BOOST_AUTO_TEST_CASE(it_starts_at_its_first_hour_and_is_followed) {
  backfill_row made = add(1);
  BOOST_CHECK(made.next == made.first);
  made.next = {15};
  made.state = backfill_state::running;
  made.objects = 7;
  made.reason = "hour 12: it is damaged";
  made.code = errc::corrupt;
  made.hint = "restore it";
  made.failed_hours = 3;
  made.pruned_hours = 2;
  made.pruned = "2020-01-25_9, 2020-01-25_11";
  REQUIRE_OK(change_backfill(database, made));
  const auto read = find_backfill(database, made.id).value().value();
  BOOST_TEST(read.next.number == 15);
  BOOST_TEST(read.objects == 7);
  BOOST_TEST(read.reason == made.reason);
  BOOST_CHECK(read.code == errc::corrupt);
  BOOST_TEST(read.hint == made.hint);
  BOOST_TEST(read.failed_hours == 3);
  BOOST_TEST(read.pruned_hours == 2);
  BOOST_TEST(read.pruned == made.pruned);
  BOOST_TEST(!read.is_over());
  made.state = backfill_state::done;
  made.ended_at = start;
  REQUIRE_OK(change_backfill(database, made));
  BOOST_CHECK(find_backfill(database, made.id).value()->ended_at == start);
}

BOOST_AUTO_TEST_CASE(one_that_was_cancelled_stays_so_whatever_is_written_later) {
  backfill_row made = add(1);
  REQUIRE_OK(cancel_backfill(database, made.id, start));
  made.state = backfill_state::done;
  made.next = {21};
  made.ended_at = start + std::chrono::hours{1};
  REQUIRE_OK(change_backfill(database, made));
  const auto read = find_backfill(database, made.id).value().value();
  BOOST_CHECK(read.state == backfill_state::cancelled);
  BOOST_CHECK(read.ended_at == start);
  CHECK_FAILS(cancel_backfill(database, made.id, start), errc::conflict);
}

BOOST_AUTO_TEST_CASE(one_that_another_connection_has_taken_over_is_written_by_that_one_alone) {
  backfill_row early = add(1);
  REQUIRE_OK(move_backfills(database, 1, 2));
  backfill_row late = find_backfill(database, early.id).value().value();
  late.state = backfill_state::done;
  late.ended_at = start;
  BOOST_TEST(change_backfill(database, late).value());
  early.state = backfill_state::running;
  BOOST_TEST(!change_backfill(database, early).value());
  BOOST_CHECK(find_backfill(database, early.id).value()->state == backfill_state::done);
  BOOST_CHECK(find_backfill(database, early.id).value()->ended_at == start);
}

BOOST_AUTO_TEST_CASE(the_next_one_of_a_connection_is_the_first_that_is_not_over) {
  BOOST_TEST(!find_next_backfill(database, 1).value().has_value());
  const auto first = add(1);
  const auto second = add(1);
  add(2);
  BOOST_TEST(find_next_backfill(database, 1).value()->id == first.id);
  REQUIRE_OK(cancel_backfill(database, first.id, start));
  BOOST_TEST(find_next_backfill(database, 1).value()->id == second.id);
  BOOST_TEST(list_backfills(database)->size() == 3U);
}

BOOST_AUTO_TEST_CASE(asking_again_finds_the_one_under_way) {
  const auto made = add(1);
  BOOST_TEST(find_open_backfill(database, like(1)).value()->id == made.id);
  backfill_row replacing = like(1);
  replacing.foreign = model::foreign_objects::replace;
  for (const backfill_row& other : {like(2), like(1, 11), like(1, 10, 19), replacing}) {
    BOOST_TEST(!find_open_backfill(database, other).value().has_value());
  }
  REQUIRE_OK(cancel_backfill(database, made.id, start));
  BOOST_TEST(!find_open_backfill(database, like(1)).value().has_value());
}

BOOST_AUTO_TEST_CASE(asking_again_when_more_hours_have_closed_finds_the_one_under_way_and_it_gets_these) {
  const auto made = add(1);
  BOOST_TEST(find_open_backfill(database, like(1, 10, 21)).value()->id == made.id);
  REQUIRE_OK(extend_backfill(database, made.id, {21}));
  BOOST_TEST(find_backfill(database, made.id).value()->last.number == 21);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::store::backfill_log_tests
