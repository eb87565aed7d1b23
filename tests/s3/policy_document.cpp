#include "s3/policy_document.hpp"

#include "support/check_result.hpp"

#include <string>

#include <boost/json.hpp>

namespace spillway::s3_policy_document_tests {
namespace {

namespace json = boost::json;
using s3::legacy_statement;

const s3::grant given{"raw", "arn:aws:iam::111122223333:role/spillway-export-187520", "spillway-export-187520", ""};

std::string statement_of(const s3::grant& value) {
  return json::serialize(json::parse(s3::bucket_policy(value)).at("Statement").at(0));
}
const std::string ours = statement_of(given);
const std::string legacy = statement_of(s3::legacy_grant(given));

// A statement of the user's.
std::string users(const std::string& sid) {
  return R"({"Sid":")" + sid +
         R"(","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::raw/*","Condition":{"Bool":)"
         R"({"aws:SecureTransport":"false"}}})";
}
std::string policy_with(const std::string& statements) {
  return R"({"Version":"2008-10-17","Id":"theirs","Statement":)" + statements + "}";
}
std::string replaced(std::string text, const std::string& from, const std::string& to) {
  BOOST_REQUIRE(text.find(from) != std::string::npos);
  return text.replace(text.find(from), from.size(), to);
}
std::string merged(const std::string& existing, legacy_statement legacy_too = legacy_statement::keep) {
  const auto made = s3::merge_policy(existing, given, legacy_too);
  REQUIRE_OK(made);
  return *made;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(s3_policy_document)

BOOST_AUTO_TEST_CASE(a_bucket_without_a_policy_gets_the_generated_one) {
  BOOST_TEST(merged("") == s3::bucket_policy(given));
}

BOOST_AUTO_TEST_CASE(the_statement_comes_behind_those_that_are_there) {
  const std::string theirs = users("1") + "," + users("2");
  BOOST_TEST(merged(policy_with("[" + theirs + "]")) == policy_with("[" + theirs + "," + ours + "]"));
  BOOST_TEST(merged(policy_with(users("1"))) == policy_with("[" + users("1") + "," + ours + "]"));
  BOOST_TEST(merged(policy_with("[]")) == policy_with("[" + ours + "]"));
}

BOOST_AUTO_TEST_CASE(a_statement_of_the_same_sid_is_replaced_in_its_place) {
  const std::string old = replaced(ours, "\"s3:PutObject\"", "\"s3:ListParts\"");
  const std::string wanted = policy_with("[" + users("1") + "," + ours + "," + users("2") + "]");
  BOOST_TEST(merged(policy_with("[" + users("1") + "," + old + "," + users("2") + "]")) == wanted);
  BOOST_TEST(merged(policy_with("[" + users("1") + "," + old + "," + users("2") + "," + old + "]")) == wanted);
  BOOST_TEST(merged(wanted) == wanted);
}

BOOST_AUTO_TEST_CASE(the_statement_of_the_old_kind_goes_if_it_shall) {
  const std::string with_legacy = policy_with("[" + users("1") + "," + legacy + "," + users("2") + "]");
  BOOST_TEST(merged(with_legacy) == policy_with("[" + users("1") + "," + legacy + "," + users("2") + "," + ours + "]"));
  BOOST_TEST(merged(with_legacy, legacy_statement::remove) ==
             policy_with("[" + users("1") + "," + users("2") + "," + ours + "]"));
}

BOOST_AUTO_TEST_CASE(the_old_kind_is_known_however_it_is_spelled) {
  const std::string root = "\"arn:aws:iam::111122223333:root\"";
  const std::string spellings[] = {legacy, replaced(legacy, root, "[" + root + "]"),
                                   replaced(legacy, root, "\"111122223333\""),
                                   replaced(legacy, "\"Sid\":\"", "\"Sid\":\"other"),
                                   replaced(legacy, "\"s3:AbortMultipartUpload\",\"s3:DeleteObject\"",
                                            "\"s3:DeleteObject\",\"s3:AbortMultipartUpload\"")};
  for (const std::string& each : spellings) {
    BOOST_TEST_CONTEXT(each) {
      BOOST_TEST(merged(policy_with("[" + each + "]"), legacy_statement::remove) == policy_with("[" + ours + "]"));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_only_like_the_old_kind_stays) {
  const std::string root = "\"arn:aws:iam::111122223333:root\"";
  const std::string others[] = {replaced(legacy, root, "\"arn:aws:iam::999988887777:root\""),
                                replaced(legacy, root, "[" + root + ",\"arn:aws:iam::999988887777:root\"]"),
                                replaced(legacy, "{\"AWS\":" + root + "}", "\"*\""),
                                replaced(legacy, "{\"AWS\":", "{\"Service\":\"x\",\"AWS\":"),
                                replaced(legacy, "\"s3:PutObject\"", "\"s3:PutObject\",\"s3:PutObjectAcl\""),
                                replaced(legacy, ",\"s3:PutObject\"", ""),
                                replaced(legacy, "\"arn:aws:s3:::raw/*\"", "\"arn:aws:s3:::raw/x/*\""),
                                replaced(legacy, "\"Allow\"", "\"Deny\""),
                                replaced(legacy, "\"Effect\"", "\"Condition\":{},\"Effect\""),
                                replaced(legacy, "\"Action\"", "\"NotAction\"")};
  for (const std::string& each : others) {
    BOOST_TEST_CONTEXT(each) {
      BOOST_TEST(merged(policy_with("[" + each + "]"), legacy_statement::remove) ==
                 policy_with("[" + each + "," + ours + "]"));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_policy_is_refused) {
  for (const char* text : {"{", "[]", "null", "text", "{}", R"({"Version":"2012-10-17"})", R"({"Statement":1})",
                           R"({"Statement":[1]})", R"({"Statement":[[]]})", "{\"Statement\":[]} x"}) {
    BOOST_TEST_CONTEXT(text) {
      CHECK_FAILS(s3::check_policy(text), errc::invalid);
      const auto made = s3::merge_policy(text, given, legacy_statement::keep);
      CHECK_FAILS(made, errc::invalid);
      BOOST_TEST((made || made.error().text().find("MalformedPolicy") != std::string::npos));
    }
  }
  CHECK_OK(s3::check_policy(s3::bucket_policy(given)));
  CHECK_OK(s3::check_policy(policy_with(users("1"))));
}

BOOST_AUTO_TEST_CASE(a_policy_of_20_kb_is_the_longest) {
  const auto of_bytes = [](std::size_t bytes) {
    return policy_with("[" + users(std::string(bytes - policy_with("[" + users("") + "]").size(), 'x')) + "]");
  };
  CHECK_OK(s3::check_policy(of_bytes(20'480)));
  CHECK_FAILS(s3::check_policy(of_bytes(20'481)), errc::too_large);
  const std::size_t added = ours.size() + 1;
  CHECK_OK(s3::merge_policy(of_bytes(20'480 - added), given, legacy_statement::keep));
  const auto made = s3::merge_policy(of_bytes(20'481 - added), given, legacy_statement::keep);
  CHECK_FAILS(made, errc::too_large);
  BOOST_TEST((made || made.error().text().find("20481 bytes, and S3 takes 20480") != std::string::npos));
}

BOOST_AUTO_TEST_CASE(a_bucket_may_spell_the_statement_otherwise) {
  BOOST_TEST(s3::has_grant(s3::bucket_policy(given), given));
  BOOST_TEST(s3::has_grant(policy_with("[" + users("1") + "," + ours + "]"), given));
  const std::string principal = "\"" + given.principal_arn + "\"";
  BOOST_TEST(s3::has_grant(policy_with(replaced(ours, principal, "[" + principal + "]")), given));
  for (const std::string& text :
       {std::string("{"), policy_with("[]"), policy_with(legacy), policy_with(replaced(ours, ",\"s3:PutObject\"", "")),
        policy_with(replaced(ours, "\"Effect\"", "\"Condition\":{},\"Effect\""))}) {
    BOOST_TEST_CONTEXT(text) { BOOST_TEST(!s3::has_grant(text, given)); }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::s3_policy_document_tests
