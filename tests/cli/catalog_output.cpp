#include "cli/catalog_output.hpp"

#include "cli/json_output.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

namespace spillway::cli_catalog_output_tests {
namespace {

using spillway::cli::facts_of;
using spillway::cli::json_text;
using spillway::cli::table_of;
using spillway::cli::to_json;
using spillway::store::project_overview;

const std::vector<model::organization> organizations = {{1, "local", {"ops@example.com"}}, {2, "other\x1b"}};

std::vector<project_overview> two_projects() {
  project_overview used;
  used.project = {187520, 1, model::record_form::observed, {6}, 1'234};
  used.project.name = "shop";
  used.duplicates = 5;
  used.hours = 2;
  used.first_hour = model::parse_hour("2020-01-25_9");
  used.last_hour = model::parse_hour("2020-01-25_17");
  project_overview fresh;
  fresh.project = {7, 1, model::record_form::documented, {}, 0};
  return {fresh, used};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cli_catalog_output)

BOOST_AUTO_TEST_CASE(organizations_name_their_projects) {
  BOOST_TEST(json_text(to_json(facts_of(organizations, two_projects()))) ==
             "[{\"id\":1,\"name\":\"local\",\"administrators\":[\"ops@example.com\"],\"projects\":[7,187520]},"
             "{\"id\":2,\"name\":\"other\\u001b\",\"administrators\":[],\"projects\":[]}]");
  BOOST_TEST(table_of(facts_of(organizations, two_projects()), "") ==
             "ORGANIZATION  NAME       ADMINISTRATORS   PROJECTS\n"
             "           1  local      ops@example.com  7, 187520\n"
             "           2  other\\x1b  -                -\n");
}

BOOST_AUTO_TEST_CASE(projects_tell_what_is_fixed_and_what_they_hold) {
  BOOST_TEST(
      json_text(to_json(two_projects())) ==
      "[{\"id\":7,\"organization\":1,\"name\":null,\"kind\":\"source\",\"record\":\"documented\",\"compression\":\"fast\",\"events\":0,\"duplicates\":0,"
      "\"hours\":0,\"first_hour\":null,\"last_hour\":null},"
      "{\"id\":187520,\"organization\":1,\"name\":\"shop\",\"kind\":\"source\",\"record\":\"observed\",\"compression\":\"6\",\"events\":1234,"
      "\"duplicates\":5,\"hours\":2,\"first_hour\":\"2020-01-25_9\",\"last_hour\":\"2020-01-25_17\"}]");
  BOOST_TEST(
      table_of(two_projects(), "") ==
      "PROJECT  NAME  ORGANIZATION  RECORD      COMPRESSION  EVENTS  DUPLICATES  HOURS  FIRST HOUR    LAST HOUR\n"
      "      7  -                1  documented  fast              0           0      0  -             -\n"
      " 187520  shop             1  observed    6             1,234           5      2  2020-01-25_9  2020-01-25_17\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::cli_catalog_output_tests
