#include "connection/set_up.hpp"

#include "store/catalog.hpp"
#include "support/connection_run.hpp"

namespace spillway::connection::set_up_tests {
namespace {

using std::chrono::hours;

constexpr const char* dear = R"({"column":"event_type","operator":"is","values":["view"]})";

struct fixture : test::connection_run {
  result<created> try_set_up(const model::connection& to) {
    return set_up(state.database(), to, world.open(to).value(), "nonce", clock.now());
  }
};

BOOST_FIXTURE_TEST_SUITE(connection_set_up, fixture)

BOOST_AUTO_TEST_CASE(it_starts_at_midnight_of_today_and_leaves_nothing_of_the_probe) {
  const auto made = try_set_up(like("s3://one"));
  REQUIRE_OK(made);
  BOOST_CHECK(made->connection.start == model::first_hour_of_day(clock.now()));
  BOOST_TEST(keys("s3://one").empty());
}

BOOST_AUTO_TEST_CASE(without_access_there_is_no_connection) {
  door("s3://one").set({0, 0, {{clock.now(), clock.now() + hours{1}, errc::denied}}});
  const auto made = try_set_up(like("s3://one"));
  CHECK_FAILS(made, errc::denied);
  BOOST_TEST(made.error().text().find("s3:PutObject") != std::string::npos);
  BOOST_TEST(store::list_connections(state.database())->empty());
}

BOOST_AUTO_TEST_CASE(what_may_not_be_is_said_before_the_bucket_is_asked) {
  REQUIRE_OK(store::add_project(state.database(), {5, 1, {}, {}, 0, "", model::project_kind::portfolio}, clock.now()));
  CHECK_FAILS(check_allowed(state.database(), like("s3://one", 5)), errc::usage);
  CHECK_FAILS(check_allowed(state.database(), like("s3://one", 9)), errc::not_found);
  model::connection broken = like("s3://one");
  broken.filter = "{";
  CHECK_FAILS(check_allowed(state.database(), broken), errc::usage);
  create("s3://one");
  CHECK_FAILS(check_allowed(state.database(), like("s3://one")), errc::conflict);
  REQUIRE_OK(store::add_organization(state.database(), {2, "other"}, clock.now()));
  REQUIRE_OK(store::add_project(state.database(), {22, 2, {}, {}, 0}, clock.now()));
  CHECK_FAILS(check_allowed(state.database(), like("s3://one/below", 22)), errc::conflict);
  CHECK_OK(check_allowed(state.database(), like("s3://one2", 22)));
}

BOOST_AUTO_TEST_CASE(a_bucket_that_another_organization_has_exported_to_is_its_own) {
  REQUIRE_OK(store::add_organization(state.database(), {2, "other"}, clock.now()));
  REQUIRE_OK(store::add_project(state.database(), {22, 2, {}, {}, 0}, clock.now()));
  REQUIRE_OK(store::open_connection(state.database(), 22, {"s3://one", {}}, {}, clock.now()));
  REQUIRE_OK(state.database().execute(
      "INSERT INTO job(connection_id, kind, hour, state, marker, source_bytes, source_events, planned_at, "
      "delivered_at) SELECT max(id), 'events', 1, 'delivered', 'manifest', 0, 0, 0, 0 FROM connection"));
  CHECK_FAILS(check_allowed(state.database(), like("s3://one")), errc::conflict);
  CHECK_OK(check_allowed(state.database(), like("s3://one", 22)));
}

BOOST_AUTO_TEST_CASE(in_the_same_place_it_has_the_history_and_elsewhere_it_goes_on_behind_it) {
  const auto first = create("s3://one");
  add_events(1);
  wait(hours{3});
  step(first.connection.id);
  disable(first.connection.id);
  wait(hours{12});
  const auto elsewhere = create("s3://one/below");
  BOOST_CHECK(elsewhere.connection.start == hour(3));
  BOOST_TEST(!elsewhere.took_over.has_value());
  const auto there = create("s3://one");
  BOOST_CHECK(there.connection.start == first.connection.start);
  BOOST_TEST((there.took_over == first.connection.id));
}

BOOST_AUTO_TEST_CASE(behind_one_that_delivered_no_events_they_start_today) {
  model::connection merges = like("s3://one");
  merges.data = model::data_choice::merged_ids;
  const auto first = create(merges);
  clock.set(clock.now() + std::chrono::days{40});
  disable(first.connection.id);
  const auto second = create("s3://one");
  BOOST_TEST((second.took_over == first.connection.id));
  BOOST_CHECK(second.connection.start == model::first_hour_of_day(clock.now()));
  BOOST_TEST(!second.gap.has_value());
}

// The newest disabled connection of the bucket has another prefix; the history is that of the place.
BOOST_AUTO_TEST_CASE(the_history_comes_from_the_same_place_also_if_another_prefix_was_disabled_later) {
  const auto first = create("s3://one");
  step(first.connection.id);
  disable(first.connection.id);
  wait(hours{1});
  const auto other = create("s3://one/below");
  disable(other.connection.id);
  BOOST_TEST((create("s3://one").took_over == first.connection.id));
}

BOOST_AUTO_TEST_CASE(of_several_in_one_place_the_one_that_was_disabled_last_has_the_history) {
  const auto first = create("s3://one");
  disable(first.connection.id);
  const auto second = create("s3://one");
  disable(second.connection.id);
  wait(hours{1});
  enable(first.connection.id);
  step(first.connection.id);
  disable(first.connection.id);
  BOOST_TEST((create("s3://one").took_over == first.connection.id));
}

// A key has one content: what may be in the bucket already must not come again otherwise.
BOOST_AUTO_TEST_CASE(what_was_planned_is_put_as_it_was_planned_whatever_filter_is_in_force) {
  constexpr const char* none = R"({"column":"event_type","operator":"is","values":["never seen"]})";
  for (const auto& [before, after] : {std::pair{"", none}, {dear, none}, {dear, ""}}) {
    BOOST_TEST_CONTEXT(before << " to " << after) {
      fixture run;
      model::connection to = run.like("s3://one");
      to.filter = before;
      run.create(to);
      run.step(1);
      run.add_events(3);
      run.wait(hours{1});
      run.door("s3://one").set({0, 1});  // it is put, and nobody hears of it
      run.step(1);
      run.disable(1);
      to.filter = after;
      run.create(to);
      run.door("s3://one").set({});
      const auto done = run.step(2);
      BOOST_TEST(!done.failed.has_value());
      BOOST_TEST(done.done.failures.empty());
      BOOST_TEST(done.done.events == 3);
    }
  }
}

// ---- the claim ----

// Of organization 7, which is made now, and its project.
model::connection claiming(test::connection_run& in, const std::string& place, const std::string& endpoint = {}) {
  REQUIRE_OK(store::make_organization_if_absent(in.state.database(), {7, "seven"}, in.clock.now()));
  const auto known = store::list_projects(in.state.database()).value().size();
  const auto project = static_cast<model::project_id>(70 + known);
  REQUIRE_OK(store::add_project(in.state.database(), {project, 7, {}, {}, 0}, in.clock.now()));
  model::connection made = in.like(place, project);
  made.place.endpoint = endpoint;
  made.claim = model::claim_choice::object;
  return made;
}

constexpr const char* claim_line = "spillway-organization.json\n";

BOOST_AUTO_TEST_CASE(a_claim_of_another_installation_of_the_organization_stays) {
  const opened_bucket in = world.open(like("s3://one")).value();
  const auto first = set_up(state.database(), claiming(*this, "s3://one"), in, "nonce", clock.now());
  REQUIRE_OK(first);
  test::connection_run other;
  other.wait(hours{1});
  const auto second = set_up(other.state.database(), claiming(other, "s3://one"), in, "nonce", other.clock.now());
  REQUIRE_OK(second);
  other.disable(second->connection.id);
  const auto stays = release_claim(other.state.database(), second->connection, in);
  REQUIRE_OK(stays);
  BOOST_TEST(stays->value_or("").find("another installation of organization 7 has put it, at ") == 0U);
  BOOST_TEST(keys("s3://one") == claim_line);
  disable(first->connection.id);
  BOOST_TEST(!release_claim(state.database(), first->connection, in)->has_value());
  BOOST_TEST(keys("s3://one") == "");
}

BOOST_AUTO_TEST_CASE(a_claim_stays_until_the_last_connection_to_a_bucket_of_its_name_whatever_the_endpoint) {
  const opened_bucket in = world.open(like("s3://one")).value();
  const auto first = set_up(state.database(), claiming(*this, "s3://one", "http://a"), in, "nonce", clock.now());
  REQUIRE_OK(first);
  model::connection by_name = claiming(*this, "s3://one/below", "http://b");
  by_name.claim = model::claim_choice::none;
  const auto second = set_up(state.database(), by_name, in, "nonce", clock.now());
  REQUIRE_OK(second);
  disable(first->connection.id);
  const auto stays = release_claim(state.database(), first->connection, in);
  REQUIRE_OK(stays);
  BOOST_TEST(stays->value_or("") == "connection 2 delivers to a bucket of this name at http://b");
  BOOST_TEST(keys("s3://one") == claim_line);
  disable(second->connection.id);
  BOOST_TEST(may_have_claimed(state.database(), second->connection).value());
  BOOST_TEST(!release_claim(state.database(), second->connection, in)->has_value());
  BOOST_TEST(keys("s3://one") == "");
}

// As at the end of a migration, and after a pause.
BOOST_AUTO_TEST_CASE(a_claim_is_still_known_when_the_connection_that_put_it_has_been_deleted) {
  const opened_bucket in = world.open(like("s3://one")).value();
  const auto first = set_up(state.database(), claiming(*this, "s3://one"), in, "nonce", clock.now());
  REQUIRE_OK(first);
  wait(hours{30});
  const auto second = set_up(state.database(), claiming(*this, "s3://one/below"), in, "nonce", clock.now());
  REQUIRE_OK(second);
  REQUIRE_OK(remove(first->connection.id));
  BOOST_TEST(!release_claim(state.database(), first->connection, in)->has_value());
  BOOST_TEST(keys("s3://one") == claim_line);
  REQUIRE_OK(remove(second->connection.id));
  BOOST_TEST(!release_claim(state.database(), second->connection, in)->has_value());
  BOOST_TEST(keys("s3://one") == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::connection::set_up_tests
