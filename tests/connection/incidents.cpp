#include "connection/incidents.hpp"

#include "support/connection_run.hpp"

namespace spillway::connection::incidents_tests {
namespace {

struct fixture : test::connection_run {
  notify::incident begin(const model::connection& of, const std::string& permission) {
    store::access_trouble seen;
    seen.permission = permission;
    auto change = db::transaction::begin(state.database()).value();
    auto made = begin_incident(state.database(), of, seen, clock.now());
    REQUIRE_OK(made);
    return std::move(*made);
  }
  model::connection with_key() const {
    model::connection made = like("s3://raw/analytics");
    made.access.sse = "aws:kms";
    made.access.kms_key_id = "key-1";
    return made;
  }
};

BOOST_FIXTURE_TEST_SUITE(connection_incidents, fixture)

BOOST_AUTO_TEST_CASE(there_is_a_policy_for_the_bucket_and_one_for_its_key) {
  BOOST_TEST(policy_of(with_key()).find("arn:aws:s3:::raw/*") != std::string::npos);
  BOOST_TEST(key_policy_of(with_key()).find("kms:GenerateDataKey") != std::string::npos);
  BOOST_TEST(key_policy_of(like("s3://raw")) == "");
  BOOST_TEST(policy_of(like("/srv/bucket")) == "");
  model::connection elsewhere = with_key();
  elsewhere.place.endpoint = "http://127.0.0.1:9000";
  BOOST_TEST(key_policy_of(elsewhere) == "");
}

BOOST_AUTO_TEST_CASE(the_policy_is_the_one_that_the_missing_permission_belongs_to) {
  BOOST_TEST(begin(with_key(), "s3:PutObject").policy == policy_of(with_key()));
  BOOST_TEST(begin(with_key(), "kms:GenerateDataKey").policy == key_policy_of(with_key()));
}

BOOST_AUTO_TEST_CASE(the_command_has_the_options_of_the_connection) {
  model::connection of = with_key();
  of.access.profile = "exporter";
  of.access.checksum = "md5";
  const notify::incident made = begin(of, "");
  BOOST_TEST(
      verify_command(made) ==
      "spillway verify s3://raw/analytics --profile exporter --sse aws:kms --sse-kms-key-id key-1 --checksum md5");
  BOOST_TEST(made.remedy.ends_with(verify_command(made)));
  BOOST_TEST(verify_command(begin(like("s3://raw"), "s3:PutObject")) == "spillway verify s3://raw");
}

BOOST_AUTO_TEST_CASE(the_remedy_of_a_directory_is_in_its_rules) {
  const notify::incident made = begin(like("/srv/bucket"), "s3:PutObject");
  BOOST_TEST(made.remedy.find("/srv/bucket/.spillway/bucket.json") != std::string::npos);
  BOOST_TEST(made.remedy.find("arn:") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::connection::incidents_tests
