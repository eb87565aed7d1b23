#include "s3/policy.hpp"

#include "support/check_result.hpp"

#include <string>
#include <vector>

#include <boost/json.hpp>

namespace spillway::s3_policy_tests {
namespace {

namespace json = boost::json;

const s3::grant given = {"raw", "arn:aws:iam::111122223333:role/spillway-export-187520", "spillway-export-187520", ""};

s3::grant with_key(std::string key) {
  s3::grant value = given;
  value.kms_key_id = std::move(key);
  return value;
}

// Between the first "<<POLICY\n" behind `mark` and its end.
std::string heredoc(const std::string& text, const std::string& mark) {
  const std::size_t start = text.find("<<POLICY\n", text.find(mark)) + 9;
  return text.substr(start, text.find("\nPOLICY\n", start) + 1 - start);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(s3_policy)

BOOST_AUTO_TEST_CASE(the_bucket_policy_allows_six_actions_on_both_resources) {
  const std::string text = s3::bucket_policy(given);
  const json::value policy = json::parse(text);
  BOOST_TEST(text.ends_with("}\n"));
  BOOST_TEST(policy.at("Version").as_string() == "2012-10-17");
  BOOST_TEST(policy.at("Id").as_string().size() == 36U);
  BOOST_TEST(policy.at("Statement").as_array().size() == 1U);
  const json::value& statement = policy.at("Statement").at(0);
  BOOST_TEST(statement.at("Sid").as_string().size() == 36U);
  BOOST_TEST((statement.at("Sid") != policy.at("Id")));
  BOOST_TEST(statement.at("Effect").as_string() == "Allow");
  BOOST_TEST(json::serialize(statement.at("Action")) ==
             R"(["s3:AbortMultipartUpload","s3:DeleteObject","s3:GetObject","s3:ListBucket","s3:GetBucketLocation",)"
             R"("s3:PutObject"])");
  BOOST_TEST(json::serialize(statement.at("Resource")) == R"(["arn:aws:s3:::raw","arn:aws:s3:::raw/*"])");
  BOOST_TEST(json::serialize(statement.at("Principal")) ==
             R"({"AWS":"arn:aws:iam::111122223333:role/spillway-export-187520"})");
}

BOOST_AUTO_TEST_CASE(the_same_grant_gives_the_same_bytes_and_another_one_others) {
  s3::grant other = given;
  other.bucket = "raw2";
  BOOST_TEST(s3::bucket_policy(given) == s3::bucket_policy(given));
  BOOST_TEST((json::parse(s3::bucket_policy(given)).at("Id") != json::parse(s3::bucket_policy(other)).at("Id")));
}

BOOST_AUTO_TEST_CASE(resources_are_in_the_principals_part_of_the_world) {
  s3::grant china = given;
  china.principal_arn = "arn:aws-cn:iam::111122223333:root";
  BOOST_TEST(s3::bucket_policy(china).find("\"arn:aws-cn:s3:::raw/*\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_old_kind_lets_the_root_of_the_same_account_in) {
  const s3::grant legacy = s3::legacy_grant(given);
  BOOST_TEST(legacy.principal_arn == "arn:aws:iam::111122223333:root");
  BOOST_TEST(s3::account_of(given) == "111122223333");
  CHECK_OK(s3::make_grant(legacy));
  BOOST_TEST(json::serialize(json::parse(s3::bucket_policy(legacy)).at("Statement").at(0).at("Principal")) ==
             R"({"AWS":"arn:aws:iam::111122223333:root"})");
}

BOOST_AUTO_TEST_CASE(the_key_policy_leaves_the_key_to_its_account) {
  const json::value policy =
      json::parse(s3::key_policy(with_key("arn:aws:kms:eu-west-1:999988887777:key/1234abcd-12ab")));
  const json::array& statements = policy.at("Statement").as_array();
  BOOST_REQUIRE_EQUAL(statements.size(), 2U);
  BOOST_TEST(statements[0].at("Principal").at("AWS").as_string() == "arn:aws:iam::999988887777:root");
  BOOST_TEST(statements[0].at("Action").as_string() == "kms:*");
  BOOST_TEST(statements[1].at("Principal").at("AWS").as_string() == given.principal_arn);
  BOOST_TEST(json::serialize(statements[1].at("Action")) == R"(["kms:GenerateDataKey","kms:Decrypt"])");
  // An alias does not say whose it is.
  BOOST_TEST(s3::key_policy(with_key("alias/raw")).find("arn:aws:iam::111122223333:root") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(terraform_gets_the_same_documents) {
  const std::string plain = s3::terraform_policy(given);
  BOOST_TEST(plain.starts_with("resource \"aws_s3_bucket_policy\" \"spillway\" {\n  bucket = \"raw\"\n"));
  BOOST_TEST(heredoc(plain, "aws_s3_bucket_policy") == s3::bucket_policy(given));
  BOOST_TEST(plain.find("kms") == std::string::npos);
  const s3::grant keyed = with_key("alias/raw");
  const std::string both = s3::terraform_policy(keyed);
  BOOST_TEST(heredoc(both, "aws_kms_key_policy") == s3::key_policy(keyed));
  BOOST_TEST(both.find("  key_id = \"alias/raw\"\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(minio_gets_a_policy_of_a_user_and_the_commands_for_it) {
  const json::value policy = json::parse(s3::identity_policy(given));
  BOOST_TEST(policy.at("Statement").at(0).as_object().if_contains("Principal") == nullptr);
  BOOST_TEST(policy.at("Statement").at(0).at("Action").as_array().size() == 6U);
  BOOST_TEST(s3::mc_commands(given) ==
             "mc admin policy create ALIAS spillway-export-187520 spillway-export-187520.json\n"
             "mc admin policy attach ALIAS spillway-export-187520 --user USER\n");
}

BOOST_AUTO_TEST_CASE(the_default_principal_is_a_role_of_the_project) {
  BOOST_TEST(s3::default_principal("111122223333", 187520).value() == given.principal_arn);
  for (const char* bad : {"", "1", "11112222333x", "1111222233334", "arn:aws:iam"}) {
    BOOST_TEST_CONTEXT(bad) { CHECK_FAILS(s3::default_principal(bad, 1), errc::usage); }
  }
}

BOOST_AUTO_TEST_CASE(what_would_need_escaping_is_refused) {
  CHECK_OK(s3::make_grant(given));
  CHECK_OK(s3::make_grant(with_key("arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab")));
  for (const char* good :
       {"arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:user/path/to/M@x.y",
        "arn:aws-us-gov:iam::111122223333:role/service-role/a+b=c,d", "arn:aws-eusc:iam::111122223333:role/a"}) {
    s3::grant value = given;
    value.principal_arn = good;
    BOOST_TEST_CONTEXT(good) { CHECK_OK(s3::make_grant(value)); }
  }
  for (const char* bad :
       {"", "*", "arn:aws:iam::111122223333:role/", "arn:aws:iam::1:role/a", "arn:aws:s3:::raw",
        "arn:aws:iam::111122223333:role/a\"b", "arn:aws:iam::111122223333:role/${x}", "arn:evil:iam::111122223333:root",
        "arn:aws:iam::111122223333:group/a", "arn:aws:iam::111122223333:root\n"}) {
    s3::grant value = given;
    value.principal_arn = bad;
    BOOST_TEST_CONTEXT(bad) { CHECK_FAILS(s3::make_grant(value), errc::usage); }
  }
  for (const char* bad : {"a b", "a\"", "a;b", "", "${a}"}) {
    s3::grant value = given;
    value.name = bad;
    BOOST_TEST_CONTEXT(bad) { CHECK_FAILS(s3::make_grant(value), errc::usage); }
  }
  for (const char* bad : {"a b", "a\"b", "${a}", "a\n"}) {
    BOOST_TEST_CONTEXT(bad) { CHECK_FAILS(s3::make_grant(with_key(bad)), errc::usage); }
  }
  s3::grant elsewhere = given;
  elsewhere.bucket = "raw/x";
  CHECK_FAILS(s3::make_grant(elsewhere), errc::usage);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::s3_policy_tests
