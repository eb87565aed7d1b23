#include "store/upload_log.hpp"

#include "support/check_result.hpp"
#include "support/store_check.hpp"
#include "support/temp_dir.hpp"

namespace spillway::store {
namespace {

struct fixture {
  test::temp_dir dir;
  state_file state = test::open_state(dir / "state.db");
  const place here{"s3://raw", "http://localhost:9000"};
  const base::instant now{std::chrono::hours{1}};

  std::string ids(const place& in) {
    std::string all;
    for (const upload_row& each : list_uploads(state.database(), in).value()) {
      all += each.key + "=" + each.upload_id + " ";
    }
    return all;
  }
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

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::store
