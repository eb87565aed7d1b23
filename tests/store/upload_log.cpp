#include "store/upload_log.hpp"

#include "store/catalog.hpp"
#include "store/connections.hpp"
#include "support/check_result.hpp"
#include "support/store_check.hpp"
#include "support/temp_dir.hpp"

namespace spillway::store::upload_log_tests {
namespace {

struct fixture {
  test::temp_dir dir;
  state_file state = test::open_state(dir / "state.db");
  const place here{"s3://raw", "http://localhost:9000"};
  const base::instant now{std::chrono::hours{1}};

  static std::string ids_of(const result<std::vector<upload_row>>& listed) {
    std::string all;
    for (const upload_row& each : listed.value()) {
      all += each.key + "=" + each.upload_id + " ";
    }
    return all;
  }
  std::string ids(const place& in) { return ids_of(list_uploads(state.database(), in)); }
};

BOOST_FIXTURE_TEST_SUITE(store_upload_log, fixture)

BOOST_AUTO_TEST_CASE(uploads_are_listed_until_they_are_removed) {
  REQUIRE_OK(add_upload(state.database(), here, "k1", "one", now));
  REQUIRE_OK(add_upload(state.database(), here, "k2", "two", now));
  BOOST_TEST(ids(here) == "k1=one k2=two ");
  BOOST_CHECK(list_uploads(state.database(), here).value()[0].begun_at == now);
  REQUIRE_OK(remove_upload(state.database(), here, "k1", "one"));
  REQUIRE_OK(remove_upload(state.database(), here, "k1", "one"));
  BOOST_TEST(ids(here) == "k2=two ");
}

BOOST_AUTO_TEST_CASE(the_same_bucket_name_at_another_endpoint_is_another_place) {
  REQUIRE_OK(add_upload(state.database(), here, "k", "one", now));
  BOOST_TEST(ids({"s3://raw", ""}) == "");
  BOOST_TEST(ids({"s3://raw", "http://localhost:9001"}) == "");
}

BOOST_AUTO_TEST_CASE(an_upload_of_a_job_that_is_running_is_no_leftover) {
  db::database& ledger = state.database();
  REQUIRE_OK(add_organization(ledger, {1, "organization"}, now));
  REQUIRE_OK(add_project(ledger, {1, 1, {}, {}, 0}, now));
  const model::connection connection = open_connection(ledger, 1, here, {}, now).value();
  auto change = db::transaction::begin(ledger).value();
  for (const char* key : {"k1", "k2"}) {
    object_row object;
    object.key = key;
    REQUIRE_OK(plan_job(ledger, connection.id, job_kind::events, {key[1]}, marker_kind::off, {{object}, 0, 0}, now));
  }
  REQUIRE_OK(change.commit());
  for (const char* key : {"k1", "k2", "k3"}) {
    REQUIRE_OK(add_upload(ledger, here, key, "id", now));
  }
  REQUIRE_OK(start_job(ledger, 1));
  BOOST_TEST(ids_of(list_leftover_uploads(ledger, here)) == "k2=id k3=id ");
  REQUIRE_OK(suspend_job(ledger, 1, "cut off"));
  BOOST_TEST(ids_of(list_leftover_uploads(ledger, here)) == "k1=id k2=id k3=id ");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::store::upload_log_tests
