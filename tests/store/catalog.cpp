#include "store/catalog.hpp"

#include "store/merge_log.hpp"
#include "support/check_result.hpp"
#include "support/store_check.hpp"
#include "support/temp_dir.hpp"

#include <string>

namespace spillway::store::catalog_tests {
namespace {

struct fixture {
  test::temp_dir dir;
  state_file state = test::open_state(dir / "state.db");
  db::database& file = state.database();

  void add_one(model::project_id id, model::organization_id organization = 1) {
    if (!find_organization(file, organization).value()) {
      REQUIRE_OK(add_organization(file, {organization, "some"}, {}));
    }
    REQUIRE_OK(add_project(file, {id, organization, model::record_form::observed, {6}, 0}, {}));
  }
  model::project project(model::project_id id) { return find_project(file, id).value().value(); }
};

BOOST_FIXTURE_TEST_SUITE(store_catalog, fixture)

BOOST_AUTO_TEST_CASE(without_any_organization_a_local_one_is_made) {
  const auto made = choose_organization(file, std::nullopt, {});
  REQUIRE_OK(made);
  BOOST_TEST(made->id == 1);
  BOOST_TEST(made->name == "local");
  BOOST_TEST(choose_organization(file, std::nullopt, {}).value().id == 1);
  BOOST_TEST(list_organizations(file).value().size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_organization_that_is_meant_is_not_made) {
  BOOST_TEST(meant_organization(file, std::nullopt).value().id == 1);
  BOOST_TEST(meant_organization(file, 36958).value().name == "organization 36958");
  BOOST_TEST(list_organizations(file).value().empty());
}

BOOST_AUTO_TEST_CASE(a_named_organization_is_made_once) {
  BOOST_TEST(choose_organization(file, 36958, {}).value().id == 36958);
  BOOST_TEST(choose_organization(file, 36958, {}).value().name == "organization 36958");
  BOOST_TEST(choose_organization(file, std::nullopt, {}).value().id == 36958);
  BOOST_TEST(list_organizations(file).value().size() == 1U);
}

BOOST_AUTO_TEST_CASE(of_several_organizations_one_must_be_named) {
  REQUIRE_OK(choose_organization(file, 1, {}));
  REQUIRE_OK(choose_organization(file, 2, {}));
  const auto chosen = choose_organization(file, std::nullopt, {});
  CHECK_FAILS(chosen, errc::usage);
  BOOST_TEST(chosen.error().hint.find("--org") != std::string::npos);
  BOOST_TEST(choose_organization(file, 2, {}).value().id == 2);
}

BOOST_AUTO_TEST_CASE(an_organization_that_merges_have_made_is_meant_only_by_name) {
  const auto chosen = [this] { return choose_organization(file, std::nullopt, {}).value().id; };
  REQUIRE_OK(choose_organization(file, std::nullopt, {}));  // makes the local one
  for (const model::organization_id id : {1, 36958}) {
    REQUIRE_OK(choose_organization(file, id, {}));
    REQUIRE_OK(add_merge(file, {id, 1579971600000, 1579971603000, 9, 8}));
    BOOST_TEST(chosen() == 1);
  }
  add_one(5, 36958);
  CHECK_FAILS(choose_organization(file, std::nullopt, {}), errc::usage);
}

BOOST_AUTO_TEST_CASE(of_organizations_that_merges_alone_have_made_the_first_is_meant) {
  for (const model::organization_id id : {36958, 5}) {
    REQUIRE_OK(choose_organization(file, id, {}));
    REQUIRE_OK(add_merge(file, {id, 1579971600000, 1579971603000, 9, 8}));
    BOOST_TEST(choose_organization(file, std::nullopt, {}).value().id == 36958);
  }
  REQUIRE_OK(choose_organization(file, 7, {}));
  BOOST_TEST(choose_organization(file, std::nullopt, {}).value().id == 7);
}

BOOST_AUTO_TEST_CASE(merges_of_the_only_organization_change_nothing) {
  REQUIRE_OK(choose_organization(file, 36958, {}));
  REQUIRE_OK(add_merge(file, {36958, 1579971600000, 1579971603000, 9, 8}));
  BOOST_TEST(choose_organization(file, std::nullopt, {}).value().id == 36958);
}

BOOST_AUTO_TEST_CASE(ids_are_taken_once) {
  add_one(5);
  CHECK_FAILS(add_organization(file, {1, "again"}, {}), errc::conflict);
  CHECK_FAILS(add_project(file, {5, 1, {}, {}, 0}, {}), errc::conflict);
  CHECK_FAILS(add_project(file, {6, 9, {}, {}, 0}, {}), errc::not_found);
}

BOOST_AUTO_TEST_CASE(of_an_organization_what_is_given_is_changed_and_the_rest_stays) {
  REQUIRE_OK(add_organization(file, {1, "acme", {"a@example.com", "b@example.com"}}, {}));
  REQUIRE_OK(add_organization(file, {2, "other", {"o@example.com"}}, {}));
  const auto found = [this] { return find_organization(file, 1).value().value(); };
  CHECK_OK(change_organization(file, {1, "acme inc", {}}));
  BOOST_TEST(found().name == "acme inc");
  BOOST_TEST(found().administrators.size() == 2U);
  CHECK_OK(change_organization(file, {1, "", {"c@example.com", "c@example.com"}}));
  BOOST_TEST(found().name == "acme inc");
  BOOST_TEST(found().administrators == std::vector<std::string>{"c@example.com"}, boost::test_tools::per_element());
  BOOST_TEST(find_organization(file, 2).value()->administrators.size() == 1U);
  CHECK_FAILS(change_organization(file, {9, "none", {}}), errc::not_found);
}

BOOST_AUTO_TEST_CASE(a_project_comes_back_as_it_was_added) {
  add_one(5);
  BOOST_TEST(project(5).organization == 1);
  BOOST_CHECK(project(5).form == model::record_form::observed);
  BOOST_TEST(project(5).engine.level == 6);
  BOOST_TEST(project(5).events == 0);
  add_one(3);
  const auto all = list_projects(file).value();
  BOOST_REQUIRE(all.size() == 2U);
  BOOST_TEST(all[0].id == 3);
  BOOST_TEST(!find_project(file, 4).value().has_value());
}

BOOST_AUTO_TEST_CASE(form_and_engine_are_fixed_by_the_first_event) {
  add_one(5);
  REQUIRE_OK(change_project(file, {5, 1, model::record_form::documented, {0}, 0}));
  BOOST_CHECK(project(5).form == model::record_form::documented);
  REQUIRE_OK(count_events(file, 5, 3));
  REQUIRE_OK(count_events(file, 5, 4));
  BOOST_TEST(project(5).events == 7);
  CHECK_FAILS(change_project(file, {5, 1, model::record_form::observed, {0}, 0}), errc::conflict);
  CHECK_FAILS(change_project(file, {5, 1, model::record_form::documented, {6}, 0}), errc::conflict);
  CHECK_OK(change_project(file, {5, 1, model::record_form::documented, {0}, 0}));  // nothing would change
  CHECK_FAILS(change_project(file, {9, 1, model::record_form::documented, {0}, 0}), errc::not_found);
}

BOOST_AUTO_TEST_CASE(what_is_in_use_is_not_removed) {
  add_one(5);
  CHECK_FAILS(remove_organization(file, 1), errc::conflict);
  REQUIRE_OK(count_events(file, 5, 1));
  CHECK_FAILS(remove_project(file, 5), errc::conflict);
  REQUIRE_OK(count_events(file, 5, -1));
  REQUIRE_OK(file.execute("INSERT INTO connection(project_id, destination, created_at) VALUES(5, '/bucket', 0)"));
  CHECK_FAILS(remove_project(file, 5), errc::conflict);
  REQUIRE_OK(file.execute("DELETE FROM connection"));
  CHECK_OK(remove_project(file, 5));
  CHECK_OK(remove_organization(file, 1));
  CHECK_FAILS(remove_project(file, 5), errc::not_found);
  CHECK_FAILS(remove_organization(file, 1), errc::not_found);
}

// No event of it is stored, but what came is accounted for.
BOOST_AUTO_TEST_CASE(a_project_with_duplicates_or_applied_events_is_in_use) {
  add_one(5);
  REQUIRE_OK(file.execute("INSERT INTO hour(project_id, hour, duplicates) VALUES(5, 1, 3)"));
  CHECK_FAILS(remove_project(file, 5), errc::conflict);
  REQUIRE_OK(file.execute("DELETE FROM hour"));
  REQUIRE_OK(file.execute("INSERT INTO applied(project_id, uploaded_at, line) VALUES(5, 0, x'')"));
  CHECK_FAILS(remove_project(file, 5), errc::conflict);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::store::catalog_tests
