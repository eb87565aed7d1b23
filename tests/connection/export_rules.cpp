#include "connection/export_rules.hpp"

#include "access/claim.hpp"
#include "store/catalog.hpp"
#include "store/connections.hpp"
#include "store/ledger.hpp"
#include "support/connection_run.hpp"

namespace spillway::connection::export_rules_tests {
namespace {

const model::place to{"s3://one"};

struct fixture : test::connection_run {
  fixture() {
    REQUIRE_OK(store::add_organization(state.database(), {2, "other"}, clock.now()));
    REQUIRE_OK(store::add_project(state.database(), {22, 2, {}, {}, 0}, clock.now()));
    REQUIRE_OK(
        store::add_project(state.database(), {5, 1, {}, {}, 0, "", model::project_kind::portfolio}, clock.now()));
  }
  result<void> look(std::optional<model::project_id> only = {}) { return check_export(state.database(), to, only); }
};

BOOST_FIXTURE_TEST_SUITE(connection_export_rules, fixture)

BOOST_AUTO_TEST_CASE(projects_without_events_are_no_part_of_an_export) {
  CHECK_OK(look());
  add_events(1);
  CHECK_OK(look());
}

BOOST_AUTO_TEST_CASE(a_portfolio_is_no_source_and_keeps_no_other_project_from_being_one) {
  CHECK_FAILS(look(5), errc::usage);
  REQUIRE_OK(store::count_events(state.database(), 5, 1));  // as of a state file that took one in
  CHECK_FAILS(look(5), errc::usage);
  CHECK_OK(look());
  CHECK_OK(look(1));
  add_events(1, 0, 22);  // of another organization than the portfolio
  CHECK_OK(look());
}

BOOST_AUTO_TEST_CASE(events_of_two_organizations_do_not_go_to_one_bucket) {
  add_events(1);
  add_events(1, 0, 22);
  CHECK_FAILS(look(), errc::conflict);
  CHECK_OK(look(22));
}

BOOST_AUTO_TEST_CASE(a_bucket_of_another_organizations_connection_is_refused) {
  add_events(1);
  create(like("s3://one/below", 22));
  CHECK_FAILS(look(), errc::conflict);
  disable(1);
  CHECK_OK(look());
}

BOOST_AUTO_TEST_CASE(who_has_exported_to_a_place_before_goes_on_there_beside_another_organization) {
  add_events(1);
  db::database& database = state.database();
  const auto other = store::open_connection(database, 22, to, {}, clock.now()).value();
  REQUIRE_OK(
      store::plan_job(database, other.id, store::job_kind::events, hour(), model::marker_kind::off, {}, clock.now()));
  const std::int64_t job = store::list_jobs(database).value().back().id;
  REQUIRE_OK(store::start_job(database, job));
  REQUIRE_OK(store::finish_job(database, job, clock.now()));
  CHECK_FAILS(look(1), errc::conflict);
  REQUIRE_OK(store::open_connection(database, 1, to, {}, clock.now()));
  CHECK_OK(look(1));
}

BOOST_AUTO_TEST_CASE(a_claim_of_another_organization_is_seen_by_who_makes_none) {
  CHECK_OK(check_claim(*bucket("s3://one"), 1));
  REQUIRE_OK(access::claim_bucket(*bucket("s3://one"), {2, "other"}, clock.now()));
  CHECK_FAILS(check_claim(*bucket("s3://one"), 1), errc::conflict);
  CHECK_OK(check_claim(*bucket("s3://one"), 2));
  door("s3://one").set({0, 0, {{clock.now(), clock.now() + std::chrono::hours{1}, errc::denied}}});
  CHECK_OK(check_claim(door("s3://one"), 1));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::connection::export_rules_tests
