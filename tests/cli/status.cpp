#include "cli/status.hpp"

#include "cli/json_output.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

namespace spillway::cli_status_tests {
namespace {

using spillway::cli::describe;
using spillway::cli::json_text;
using spillway::cli::status_facts;
using spillway::cli::to_json;

status_facts empty_status() {
  status_facts facts;
  facts.path = "./spillway.db";
  facts.bytes = 131'072;
  return facts;
}

status_facts busy_status() {
  status_facts facts = empty_status();
  facts.worker = {12, "export", *spillway::base::parse_timestamp("2020-01-25T18:00:00")};
  facts.inputs = {3, 2, {10, 6, 1, 2, 1}};
  facts.rejects = 1;
  store::connection_overview to;
  to.connection.id = 1;
  to.connection.project = 187520;
  to.connection.place = {"/srv/bucket"};
  to.jobs = {1, 0, 4, 0, 0};
  to.last_delivered = model::parse_hour("2020-01-25_17");
  to.open = {1, 3};
  to.overdue = {1, 1};
  spillway::cli::connection_facts about;
  about.connection = to.connection;
  about.organization = 1;
  facts.connections.push_back({to, about});
  return facts;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cli_status)

BOOST_AUTO_TEST_CASE(an_empty_file_says_that_there_is_nothing) {
  BOOST_TEST(describe(empty_status()) ==
             "state file ./spillway.db: 131.1 kB\n"
             "worker: none\n"
             "organizations: none\n"
             "projects: none\n"
             "inputs: 0, 0 to the end\n"
             "  received 0 = stored 0 + duplicates 0 + applied 0 + rejected 0\n"
             "rejects: none\n"
             "connections: none\n");
}

BOOST_AUTO_TEST_CASE(what_is_delivered_and_what_is_not_is_told_by_connection) {
  BOOST_TEST(
      describe(busy_status()) ==
      "state file ./spillway.db: 131.1 kB\n"
      "worker: process 12 (export) since 2020-01-25T18:00:00Z\n"
      "organizations: none\n"
      "projects: none\n"
      "inputs: 3, 2 to the end\n"
      "  received 10 = stored 6 + duplicates 1 + applied 2 + rejected 1\n"
      "rejects: 1 kept (spillway rejects)\n"
      "connections:\n"
      "  CONNECTION  PROJECT  DESTINATION  STATE      DELIVERED  WAITING  RUNNING  FAILED  BLOCKED  LAST DELIVERED  "
      "OPEN                TO BE DELIVERED\n"
      "           1   187520  /srv/bucket  by export          4        1        0       0        0  2020-01-25_17   "
      "3 events in 1 hour  1 event in 1 hour\n");
}

BOOST_AUTO_TEST_CASE(what_was_pruned_before_it_was_delivered_is_told) {
  status_facts facts = busy_status();
  facts.connections.front().overview.pruned = {2, 30};
  BOOST_TEST(describe(facts).ends_with(
      "\nconnection 1: it will not deliver 30 events in 2 hours, which were pruned before\n"));
}

BOOST_AUTO_TEST_CASE(the_document_has_the_same_facts) {
  BOOST_TEST(
      json_text(to_json(busy_status())) ==
      "{\"state_file\":{\"path\":\"./spillway.db\",\"bytes\":131072,\"wal_bytes\":0},"
      "\"worker\":{\"pid\":12,\"doing\":\"export\",\"since\":\"2020-01-25T18:00:00Z\"},"
      "\"organizations\":[],\"projects\":[],"
      "\"inputs\":{\"count\":3,\"finished\":2,\"received\":10,\"stored\":6,\"duplicates\":1,\"applied\":2,"
      "\"rejected\":1},\"rejects\":1,"
      "\"connections\":[{\"id\":1,\"project\":187520,\"organization\":1,\"destination\":\"/srv/bucket\","
      "\"endpoint\":null,\"kind\":\"implicit\",\"state\":\"enabled\",\"data\":\"events\",\"filter\":null,"
      "\"complete\":\"manifest\",\"max_object_bytes\":268435456,\"sse\":null,\"sse_kms_key_id\":null,"
      "\"checksum\":\"sha256\",\"profile\":null,\"region\":null,\"ca_bundle\":null,\"principal\":\"role\",\"claim\":"
      "false,"
      "\"created_by\":{\"name\":null,\"mail\":null},\"created_at\":\"1970-01-01T00:00:00Z\",\"disabled_at\":null,"
      "\"first_hour\":null,\"undelivered\":{\"hours\":0,\"first_hour\":null,\"last_hour\":null},\"access\":null,"
      "\"gaps\":[],\"migration\":null,"
      "\"jobs\":{\"waiting\":1,\"running\":0,\"delivered\":4,\"failed\":0,\"blocked\":0},"
      "\"last_delivered_hour\":\"2020-01-25_17\",\"open\":{\"hours\":1,\"events\":3},"
      "\"to_be_delivered\":{\"hours\":1,\"events\":1},\"pruned\":{\"hours\":0,\"events\":0}}],\"mails\":{\"waiting\":0,"
      "\"refused\":[]}}");
  BOOST_TEST((to_json(empty_status()).at("worker").is_null()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::cli_status_tests
