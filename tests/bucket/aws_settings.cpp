#include "bucket/aws_settings.hpp"

#include "fs/atomic_file.hpp"
#include "support/check_result.hpp"
#include "support/temp_dir.hpp"

#include <map>
#include <string>

namespace spillway::bucket::aws_settings_tests {
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
  BOOST_TEST(found->credentials.keys.access_key_id == "ID");
  BOOST_TEST(found->credentials.keys.secret_access_key == "secret");
  BOOST_TEST(found->credentials.keys.session_token == "token");
  BOOST_TEST(found->region == "us-east-1");
  BOOST_TEST(found->endpoint_url == "");
}

BOOST_AUTO_TEST_CASE(without_credentials_the_next_step_is_named) {
  const auto found = find();
  CHECK_FAILS(found, errc::denied);
  BOOST_TEST(found.error().hint.find("AWS_ACCESS_KEY_ID") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(half_a_pair_of_keys_in_the_environment_is_not_passed_over_for_another_identity) {
  write_files();
  variables["AWS_ACCESS_KEY_ID"] = "ID";
  const auto found = find();
  CHECK_FAILS(found, errc::denied);
  BOOST_TEST(found.error().cause.find("AWS_SECRET_ACCESS_KEY") != std::string::npos);
  BOOST_TEST(find({"work", {}, {}, {}})->credentials.keys.access_key_id == "WORK");
}

BOOST_AUTO_TEST_CASE(the_default_profile_is_used_where_the_environment_has_no_keys) {
  write_files();
  BOOST_TEST(find()->credentials.keys.access_key_id == "DEFAULT");
  BOOST_TEST(find()->region == "eu-central-1");
  variables["AWS_ACCESS_KEY_ID"] = "ID";
  variables["AWS_SECRET_ACCESS_KEY"] = "secret";
  BOOST_TEST(find()->credentials.keys.access_key_id == "ID");
  BOOST_TEST(find()->region == "eu-central-1");
}

BOOST_AUTO_TEST_CASE(a_profile_has_keys_and_settings_in_two_files) {
  write_files();
  variables["AWS_PROFILE"] = "work";
  const auto found = find();
  REQUIRE_OK(found);
  BOOST_TEST(found->credentials.keys.access_key_id == "WORK");
  BOOST_TEST(found->credentials.keys.session_token == "three");
  BOOST_TEST(found->region == "eu-west-1");
  BOOST_TEST(found->endpoint_url == "http://localhost:9000");
  BOOST_TEST(found->ca_bundle == "/ca.pem");
}

// botocore reads the three of them from one section: the credentials file's, if that has an id.
BOOST_AUTO_TEST_CASE(keys_and_token_are_of_one_file) {
  write_files();
  write("config",
        "[default]\naws_session_token = stale\n"
        "[profile work]\naws_access_key_id = OLD\naws_secret_access_key = old\naws_session_token = stale\n"
        "[profile far]\naws_access_key_id = FAR\naws_secret_access_key = far\n");
  write("credentials",
        "[default]\naws_access_key_id = DEFAULT\naws_secret_access_key = one\n"
        "[work]\naws_access_key_id = WORK\naws_secret_access_key = two\n"
        "[far]\naws_session_token = stale\naws_secret_access_key = stale\n");
  const struct {
    const char *profile, *id, *secret;
  } rows[] = {{"default", "DEFAULT", "one"}, {"work", "WORK", "two"}, {"far", "FAR", "far"}};
  for (const auto& row : rows) {
    const auto found = find({row.profile, {}, {}, {}});
    REQUIRE_OK(found);
    BOOST_TEST(found->credentials.keys.access_key_id == row.id);
    BOOST_TEST(found->credentials.keys.secret_access_key == row.secret);
    BOOST_TEST(found->credentials.keys.session_token == "");
  }
}

BOOST_AUTO_TEST_CASE(an_id_in_one_file_and_a_secret_in_the_other_are_no_keys) {
  const std::string id = "aws_access_key_id = ID\n";
  const std::string secret = "aws_secret_access_key = marker-secret\ncredential_process = /bin/keys\n";
  write_files();
  for (const bool is_id_in_credentials : {true, false}) {
    write("credentials", "[work]\n" + (is_id_in_credentials ? id : secret));
    write("config", "[profile work]\n" + (is_id_in_credentials ? secret : id));
    const auto found = find({"work", {}, {}, {}});
    CHECK_FAILS(found, errc::denied);
    BOOST_TEST(found.error().cause == "profile work has an aws_access_key_id without an aws_secret_access_key");
    BOOST_TEST(found.error().hint.find("one file") != std::string::npos);
  }
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
  BOOST_TEST(found->credentials.keys.access_key_id == "WORK");
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

BOOST_AUTO_TEST_CASE(a_role_is_assumed_with_the_keys_of_its_source_profile) {
  write_files();
  write("config",
        "[profile far]\nrole_arn = arn:aws:iam::2:role/far\nsource_profile = near\nexternal_id = outside\n"
        "role_session_name = me\nduration_seconds = 900\n"
        "[profile near]\nrole_arn = arn:aws:iam::1:role/near\nsource_profile = work\n");
  const auto found = find({"far", {}, {}, {}});
  REQUIRE_OK(found);
  BOOST_TEST(found->credentials.keys.access_key_id == "WORK");
  BOOST_REQUIRE(found->credentials.roles.size() == 2U);
  BOOST_TEST(found->credentials.roles[0].arn == "arn:aws:iam::1:role/near");
  BOOST_TEST(found->credentials.roles[0].session_name == "spillway");
  BOOST_TEST(found->credentials.roles[0].duration.count() == 3600);
  BOOST_TEST(found->credentials.roles[1].arn == "arn:aws:iam::2:role/far");
  BOOST_TEST(found->credentials.roles[1].external_id == "outside");
  BOOST_TEST(found->credentials.roles[1].session_name == "me");
  BOOST_TEST(found->credentials.roles[1].duration.count() == 900);
}

BOOST_AUTO_TEST_CASE(a_profile_may_assume_a_role_with_its_own_keys_or_those_of_the_environment) {
  write_files();
  write("credentials", "[own]\naws_access_key_id=OWN\naws_secret_access_key=s\n");
  write("config",
        "[profile own]\nrole_arn = arn:1\nsource_profile = own\n"
        "[profile env]\nrole_arn = arn:2\ncredential_source = Environment\n");
  variables["AWS_ACCESS_KEY_ID"] = "ID";
  variables["AWS_SECRET_ACCESS_KEY"] = "secret";
  BOOST_TEST(find({"own", {}, {}, {}})->credentials.keys.access_key_id == "OWN");
  BOOST_TEST(find({"env", {}, {}, {}})->credentials.keys.access_key_id == "ID");
  BOOST_TEST(find({"env", {}, {}, {}})->credentials.roles.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_program_is_asked_where_there_are_no_keys) {
  write_files();
  write("config",
        "[profile asks]\ncredential_process = /bin/keys --json\n[profile work]\ncredential_process = /bin/other\n");
  const auto found = find({"asks", {}, {}, {}});
  REQUIRE_OK(found);
  BOOST_TEST(found->credentials.process == "/bin/keys --json");
  BOOST_TEST(find({"work", {}, {}, {}})->credentials.process == "");
}

BOOST_AUTO_TEST_CASE(what_can_not_be_followed_is_said) {
  write_files();
  write("config",
        "[profile round]\nrole_arn = a\nsource_profile = trip\n[profile trip]\nrole_arn = b\nsource_profile = round\n"
        "[profile alone]\nrole_arn = a\n[profile lost]\nrole_arn = a\nsource_profile = nowhere\n"
        "[profile mfa]\nrole_arn = a\nsource_profile = work\nmfa_serial = m\n"
        "[profile long]\nrole_arn = a\nsource_profile = work\nduration_seconds = 99999\n");
  for (const char* name : {"round", "alone", "lost", "mfa", "long"}) {
    CHECK_FAILS(find({name, {}, {}, {}}), errc::usage);
  }
}

BOOST_AUTO_TEST_CASE(a_source_of_credentials_that_is_not_known_is_named) {
  write_files();
  write("config", "[profile machine]\nrole_arn = a\ncredential_source = Ec2InstanceMetadata\n");
  const auto found = find({"machine", {}, {}, {}});
  CHECK_FAILS(found, errc::usage);
  BOOST_TEST(found.error().cause ==
             "profile machine has the credential_source Ec2InstanceMetadata, which is not known here");
  BOOST_TEST(found.error().hint.find("credential_process") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(roles_are_assumed_at_an_endpoint_of_their_own) {
  write_files();
  variables["AWS_PROFILE"] = "work";
  variables["AWS_ENDPOINT_URL_STS"] = "http://localhost:9001";
  BOOST_TEST(find()->sts_endpoint_url == "http://localhost:9001");
  BOOST_TEST(find()->endpoint_url == "http://localhost:9000");
  variables["AWS_ENDPOINT_URL"] = "http://localhost:9002";
  variables.erase("AWS_ENDPOINT_URL_STS");
  BOOST_TEST(find()->sts_endpoint_url == "http://localhost:9002");
}

// As in AWS's own tools: the endpoint that is named is the bucket's.
BOOST_AUTO_TEST_CASE(an_endpoint_that_an_option_names_is_not_one_for_roles) {
  variables["AWS_ACCESS_KEY_ID"] = "ID";
  variables["AWS_SECRET_ACCESS_KEY"] = "secret";
  const aws_options wanted{{}, {}, "http://bucket:9000", {}};
  BOOST_TEST(find(wanted)->endpoint_url == "http://bucket:9000");
  BOOST_TEST(find(wanted)->sts_endpoint_url == "");
  variables["AWS_ENDPOINT_URL"] = "http://localhost:9002";
  BOOST_TEST(find(wanted)->endpoint_url == "http://bucket:9000");
  BOOST_TEST(find(wanted)->sts_endpoint_url == "http://localhost:9002");
}

// As `aws configure --profile 'my prof'` writes it.
BOOST_AUTO_TEST_CASE(a_profile_with_a_space_in_its_name_is_in_quotes) {
  write_files();
  write("credentials", "[my prof]\naws_access_key_id = MINE\naws_secret_access_key = s\n");
  write("config", "[profile 'my prof']\nregion = eu-west-3\n");
  BOOST_TEST(find({"my prof", {}, {}, {}})->credentials.keys.access_key_id == "MINE");
  BOOST_TEST(find({"my prof", {}, {}, {}})->region == "eu-west-3");
}

BOOST_AUTO_TEST_CASE(an_endpoint_of_a_service_goes_before_that_of_the_profile) {
  write_files();
  write("config",
        "[default]\nservices = near\nendpoint_url = http://all\n"
        "[services near]\ns3 =\n  endpoint_url = http://s3\nsts =\n  endpoint_url = http://sts\n"
        "[profile work]\nservices = gone\n");
  BOOST_TEST(find()->endpoint_url == "http://s3");
  BOOST_TEST(find()->sts_endpoint_url == "http://sts");
  variables["AWS_ENDPOINT_URL"] = "http://environment";
  BOOST_TEST(find()->endpoint_url == "http://environment");
  CHECK_FAILS(find({"work", {}, {}, {}}), errc::usage);
}

BOOST_AUTO_TEST_CASE(endpoints_that_are_configured_can_be_ignored_by_a_variable_that_goes_before_the_profile) {
  write_files();
  write("config", "[default]\nendpoint_url = http://all\nignore_configured_endpoint_urls = True\n");
  variables["AWS_ENDPOINT_URL_S3"] = "http://environment";
  BOOST_TEST(find()->endpoint_url == "");
  BOOST_TEST(find({{}, {}, "http://option", {}})->endpoint_url == "http://option");
  variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "false";
  BOOST_TEST(find()->endpoint_url == "http://environment");
  variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
  write("config", "[default]\nendpoint_url = http://all\n");
  BOOST_TEST(find()->endpoint_url == "");
  BOOST_TEST(find()->sts_endpoint_url == "");
}

BOOST_AUTO_TEST_CASE(a_file_is_named_below_the_home_directory_too) {
  write_files();
  variables["AWS_SHARED_CREDENTIALS_FILE"] = "~/credentials";
  variables["AWS_CONFIG_FILE"] = "~/config";
  BOOST_TEST(find()->credentials.keys.access_key_id == "DEFAULT");
  BOOST_TEST(find()->region == "eu-central-1");
}

BOOST_AUTO_TEST_CASE(a_profile_is_named_by_two_variables_in_the_order_of_aws) {
  write_files();
  variables["AWS_DEFAULT_PROFILE"] = "work";
  BOOST_TEST(find()->credentials.keys.access_key_id == "WORK");
  variables["AWS_PROFILE"] = "default";
  BOOST_TEST(find()->credentials.keys.access_key_id == "WORK");
}

BOOST_AUTO_TEST_CASE(what_a_named_profile_lacks_is_asked_of_the_profile) {
  write_files();
  write("config", "[profile bare]\nregion = eu-west-1\n[profile sso]\nsso_session = s\n");
  const auto bare = find({"bare", {}, {}, {}});
  CHECK_FAILS(bare, errc::denied);
  BOOST_TEST(bare.error().cause == "profile bare has none");
  const auto sso = find({"sso", {}, {}, {}});
  CHECK_FAILS(sso, errc::usage);
  BOOST_TEST(sso.error().cause.find("sso_session") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(settings_have_no_case_and_a_comment_may_stand_behind_a_section) {
  const auto parsed = parse_aws_file("[a] ; comment\nAWS_Access_Key_ID=ID\nregion: eu-west-1\n");
  REQUIRE_OK(parsed);
  const aws_sections wanted = {{"a", {{"aws_access_key_id", "ID"}, {"region", "eu-west-1"}}}};
  BOOST_TEST((*parsed == wanted));
}

BOOST_AUTO_TEST_CASE(settings_may_be_indented_and_what_is_deeper_belongs_to_the_one_above) {
  const auto parsed = parse_aws_file(
      "[default]\n  aws_access_key_id = ID\n  s3 =\n    region = nested\n  aws_secret_access_key = secret\n"
      "[profile far]\n\tregion = eu-west-1\nca_bundle = /ca.pem\n  of = the line above\n");
  REQUIRE_OK(parsed);
  const aws_sections wanted = {
      {"default",
       {{"aws_access_key_id", "ID"}, {"s3", ""}, {"s3.region", "nested"}, {"aws_secret_access_key", "secret"}}},
      {"far", {{"region", "eu-west-1"}, {"ca_bundle", "/ca.pem"}}}};
  BOOST_TEST((*parsed == wanted));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::bucket::aws_settings_tests
