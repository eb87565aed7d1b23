#include "ingest/project_table.hpp"

#include "store/catalog.hpp"
#include "support/check_result.hpp"
#include "support/store_check.hpp"
#include "support/temp_dir.hpp"

namespace spillway::ingest::project_table_tests {
namespace {

struct fixture {
  test::temp_dir dir;
  store::state_file state = test::open_state(dir / "state.db");

  fixture() {
    REQUIRE_OK(store::add_organization(state.database(), {1, "local"}, {}));
    REQUIRE_OK(store::add_project(state.database(), {5, 1, model::record_form::observed, {6}, 0}, {}));
    REQUIRE_OK(store::add_project(state.database(), {6, 1, model::record_form::observed, {6}, 0}, {}));
    REQUIRE_OK(store::count_events(state.database(), 6, 10));
  }
  project_table load(const project_wishes& wishes = {}) {
    auto table = project_table::load(state.database(), wishes);
    REQUIRE_OK(table);
    return std::move(*table);
  }
  void save(project_table& from) {
    auto commit = db::transaction::begin(state.database());
    REQUIRE_OK(commit);
    REQUIRE_OK(write_changes(state.database(), from.take_changes(), {}));
    REQUIRE_OK(commit->commit());
  }
  model::project project(model::project_id id) { return store::find_project(state.database(), id).value().value(); }
};

project_wishes documented_at_3() {
  project_wishes wishes;
  wishes.form = model::record_form::documented;
  wishes.engine = model::compression{3};
  return wishes;
}

BOOST_FIXTURE_TEST_SUITE(ingest_project_table, fixture)

BOOST_AUTO_TEST_CASE(known_projects_are_as_they_are) {
  project_table table = load();
  const auto found = table.find(6);
  REQUIRE_OK(found);
  BOOST_CHECK((*found)->form == model::record_form::observed);
  BOOST_TEST((*found)->engine.level == 6);
  BOOST_CHECK(table.forms().form_of(6) == model::record_form::observed);
  BOOST_CHECK(table.forms().form_of(99) == model::record_form::documented);
}

BOOST_AUTO_TEST_CASE(portfolios_are_told_from_sources_also_where_one_is_made_meanwhile) {
  project_table table = load();
  BOOST_TEST(table.portfolios().empty());
  REQUIRE_OK(table.find(7));
  REQUIRE_OK(store::add_project(state.database(), {7, 1, {}, {}, 0, "", model::project_kind::portfolio}, {}));
  CHECK_FAILS(write_changes(state.database(), table.take_changes(), {}), errc::conflict);
  BOOST_TEST(load().portfolios().contains(7));
}

BOOST_AUTO_TEST_CASE(a_new_project_is_as_wished_or_by_default) {
  project_table table = load();
  BOOST_CHECK(table.find(7).value()->form == model::record_form::documented);
  BOOST_TEST(table.find(7).value()->engine.level == 0);
  save(table);
  BOOST_TEST(project(7).organization == 1);

  project_wishes wishes;
  wishes.form = model::record_form::observed;
  wishes.engine = model::compression{9};
  project_table second = load(wishes);
  BOOST_CHECK(second.forms().form_of(8) == model::record_form::observed);
  BOOST_TEST(second.find(8).value()->engine.level == 9);
  save(second);
  BOOST_CHECK(project(8).form == model::record_form::observed);
  BOOST_TEST(project(8).engine.level == 9);
}

BOOST_AUTO_TEST_CASE(wishes_change_what_has_no_event_yet) {
  project_table table = load(documented_at_3());
  BOOST_CHECK(table.forms().form_of(5) == model::record_form::documented);
  model::project* found = table.find(5).value();
  table.count_event(*found);
  save(table);
  BOOST_CHECK(project(5).form == model::record_form::documented);
  BOOST_TEST(project(5).engine.level == 3);
  BOOST_TEST(project(5).events == 1);
}

BOOST_AUTO_TEST_CASE(wishes_do_not_change_what_has_events) {
  project_wishes other_form;
  other_form.form = model::record_form::documented;
  CHECK_FAILS(load(other_form).find(6), errc::usage);
  project_wishes other_engine;
  other_engine.engine = model::compression{3};
  CHECK_FAILS(load(other_engine).find(6), errc::usage);
  project_wishes same;
  same.form = model::record_form::observed;
  same.engine = model::compression{6};
  project_table table = load(same);
  CHECK_OK(table.find(6));
}

BOOST_AUTO_TEST_CASE(known_projects_keep_their_organization_and_new_ones_get_the_one_that_is_named) {
  project_wishes wishes;
  wishes.organization = 2;
  project_table table = load(wishes);
  BOOST_TEST(table.find(6).value()->organization == 1);
  BOOST_TEST(table.find(7).value()->organization == 2);
  save(table);
  BOOST_TEST(project(7).organization == 2);
}

BOOST_AUTO_TEST_CASE(of_several_organizations_new_projects_need_one_and_known_ones_none) {
  REQUIRE_OK(store::add_organization(state.database(), {2, "other"}, {}));
  project_table table = load();
  CHECK_OK(table.find(6));
  CHECK_FAILS(table.find(7), errc::usage);
  save(table);
  BOOST_TEST(!store::find_project(state.database(), 7).value().has_value());
}

BOOST_AUTO_TEST_CASE(events_are_counted_over_saves) {
  project_table table = load();
  for (int round = 0; round < 3; ++round) {
    model::project* known = table.find(6).value();
    model::project* fresh = table.find(7).value();
    table.count_event(*known);
    table.count_event(*fresh);
    table.count_event(*fresh);
    save(table);
    save(table);  // nothing is left
  }
  BOOST_TEST(project(6).events == 13);
  BOOST_TEST(project(7).events == 6);
}

BOOST_AUTO_TEST_CASE(a_project_that_was_made_meanwhile_is_used_if_it_fits) {
  project_table table = load();
  table.count_event(*table.find(7).value());
  REQUIRE_OK(store::add_project(state.database(), {7, 1, model::record_form::documented, {}, 0, "mine"}, {}));
  save(table);
  BOOST_TEST(project(7).events == 1);
  BOOST_TEST(project(7).name == "mine");
}

BOOST_AUTO_TEST_CASE(a_project_that_was_made_meanwhile_and_does_not_fit_is_named) {
  project_table table = load();
  table.count_event(*table.find(7).value());
  REQUIRE_OK(store::add_project(state.database(), {7, 1, model::record_form::observed, {}, 0}, {}));
  const auto refused = write_changes(state.database(), table.take_changes(), {});
  CHECK_FAILS(refused, errc::conflict);
  BOOST_TEST(refused.error().text().find("project 7: it was made meanwhile") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_project_that_was_deleted_meanwhile_is_named) {
  project_table table = load();
  table.count_event(*table.find(5).value());
  REQUIRE_OK(store::remove_project(state.database(), 5));
  const auto refused = write_changes(state.database(), table.take_changes(), {});
  CHECK_FAILS(refused, errc::not_found);
  BOOST_TEST(refused.error().text().find("project 5: it is not there any more") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::ingest::project_table_tests
