#include "bucket/aws_settings.hpp"

#include "fs/atomic_file.hpp"
#include "support/check_result.hpp"
#include "support/temp_dir.hpp"

#include <map>
#include <string>

namespace spillway::bucket {
namespace {

struct fixture {
  test::temp_dir dir;
  std::map<std::string, std::string> variables{{"HOME", dir.path().string()}};

  void write(const std::string& name, std::string_view text) { REQUIRE_OK(fs::write_file(dir / name, text, 0600)); }
  void write_files() {
    write("credentials",
          "[default]\naws_access_key_id = DEFAULT\naws_secret_access_key = one\n"
          "[work]\naws_access_key_id=WORK\naws_secret_access_key=two\naws_session_token=three\n");
    write("config",
          "[default]\nregion = eu-central-1\n\n# comment\n[profile work]\nregion = eu-west-1\n"
          "s3 =\n  addressing_style = path\nendpoint_url = http://localhost:9000\nca_bundle = /ca.pem\n");
    variables["AWS_SHARED_CREDENTIALS_FILE"] = dir / "credentials";
    variables["AWS_CONFIG_FILE"] = dir / "config";
  }
  result<aws_settings> find(const aws_options& wanted = {}) {
    return find_aws_settings(wanted, [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      return found == variables.end() ? std::nullopt : std::optional(found->second);
    });
  }
};

BOOST_FIXTURE_TEST_SUITE(bucket_aws_settings, fixture)

BOOST_AUTO_TEST_CASE(the_environment_is_enough) {
  variables["AWS_ACCESS_KEY_ID"] = "ID";
  variables["AWS_SECRET_ACCESS_KEY"] = "secret";
  variables["AWS_SESSION_TOKEN"] = "token";
  const auto found = find();
  REQUIRE_OK(found);
  BOOST_TEST(found->credentials.access_key_id == "ID");
  BOOST_TEST(found->credentials.secret_access_key == "secret");
  BOOST_TEST(found->credentials.session_token == "token");
  BOOST_TEST(found->region == "us-east-1");
  BOOST_TEST(found->endpoint_url == "");
}

BOOST_AUTO_TEST_CASE(without_credentials_the_next_step_is_named) {
  const auto found = find();
  CHECK_FAILS(found, errc::denied);
  BOOST_TEST(found.error().hint.find("AWS_ACCESS_KEY_ID") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(half_a_pair_of_keys_is_none) {
  variables["AWS_ACCESS_KEY_ID"] = "ID";
  CHECK_FAILS(find(), errc::denied);
}

BOOST_AUTO_TEST_CASE(the_default_profile_is_used_where_the_environment_has_no_keys) {
  write_files();
  BOOST_TEST(find()->credentials.access_key_id == "DEFAULT");
  BOOST_TEST(find()->region == "eu-central-1");
  variables["AWS_ACCESS_KEY_ID"] = "ID";
  variables["AWS_SECRET_ACCESS_KEY"] = "secret";
  BOOST_TEST(find()->credentials.access_key_id == "ID");
  BOOST_TEST(find()->region == "eu-central-1");
}

BOOST_AUTO_TEST_CASE(a_profile_has_keys_and_settings_in_two_files) {
  write_files();
  variables["AWS_PROFILE"] = "work";
  const auto found = find();
  REQUIRE_OK(found);
  BOOST_TEST(found->credentials.access_key_id == "WORK");
  BOOST_TEST(found->credentials.session_token == "three");
  BOOST_TEST(found->region == "eu-west-1");
  BOOST_TEST(found->endpoint_url == "http://localhost:9000");
  BOOST_TEST(found->ca_bundle == "/ca.pem");
}

BOOST_AUTO_TEST_CASE(options_go_before_the_environment_which_goes_before_files) {
  write_files();
  variables["AWS_ACCESS_KEY_ID"] = "ID";
  variables["AWS_SECRET_ACCESS_KEY"] = "secret";
  variables["AWS_DEFAULT_REGION"] = "ap-south-1";
  BOOST_TEST(find()->region == "ap-south-1");
  variables["AWS_REGION"] = "sa-east-1";
  BOOST_TEST(find()->region == "sa-east-1");
  variables["AWS_ENDPOINT_URL"] = "http://a";
  BOOST_TEST(find()->endpoint_url == "http://a");
  variables["AWS_ENDPOINT_URL_S3"] = "http://b";
  BOOST_TEST(find()->endpoint_url == "http://b");
  const auto found = find({"work", "us-west-2", "http://c", "/other.pem"});
  REQUIRE_OK(found);
  BOOST_TEST(found->credentials.access_key_id == "WORK");
  BOOST_TEST(found->region == "us-west-2");
  BOOST_TEST(found->endpoint_url == "http://c");
  BOOST_TEST(found->ca_bundle == "/other.pem");
}

BOOST_AUTO_TEST_CASE(a_profile_that_is_not_there_is_an_error) {
  write_files();
  CHECK_FAILS(find({"nobody", "", "", ""}), errc::usage);
}

BOOST_AUTO_TEST_CASE(a_broken_file_is_named_by_line_and_never_quoted) {
  write_files();
  write("credentials", "[default]\naws_access_key_id = ID\nmarker-secret\n");
  const auto found = find();
  CHECK_FAILS(found, errc::invalid);
  BOOST_TEST(found.error().text().find("line 3") != std::string::npos);
  BOOST_TEST(found.error().text().find("marker-secret") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::bucket
