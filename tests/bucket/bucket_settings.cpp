#include "bucket/bucket_rules.hpp"
#include "support/check_result.hpp"

namespace spillway::bucket::bucket_settings_tests {
namespace {

BOOST_AUTO_TEST_SUITE(bucket_bucket_settings)

BOOST_AUTO_TEST_CASE(every_key_is_read) {
  const auto read = parse_bucket_settings(R"({
    "location": "eu-west-1",
    "default_encryption": "aws:kms",
    "kms_key_id": "arn:aws:kms:eu-west-1:123456789012:key/6f6e1a5c",
    "policy": {"Version": "2012-10-17", "Statement": []},
    "deny": ["s3:DeleteObject", "kms:*"],
    "faults": [
      {"operation": "PutObject", "key": "*_complete", "nth": 2, "times": 3, "error": "SlowDown"},
      {"operation": "*", "delay_ms": 50, "times": 0}
    ]
  })");
  REQUIRE_OK(read);
  BOOST_TEST(read->location == "eu-west-1");
  BOOST_REQUIRE(read->default_encryption.has_value());
  BOOST_CHECK(read->default_encryption->algorithm == encryption::sse_kms);
  BOOST_TEST(read->kms_key_id == "arn:aws:kms:eu-west-1:123456789012:key/6f6e1a5c");
  BOOST_TEST(read->policy.value() == R"({"Version":"2012-10-17","Statement":[]})");
  BOOST_TEST(read->deny.size() == 2U);
  BOOST_REQUIRE(read->faults.size() == 2U);
  BOOST_TEST(read->faults[0].key == "*_complete");
  BOOST_TEST(read->faults[0].nth == 2);
  BOOST_TEST(read->faults[0].times == 3);
  BOOST_TEST(read->faults[0].error == "SlowDown");
  BOOST_TEST(read->faults[1].delay_ms == 50);
}

BOOST_AUTO_TEST_CASE(an_empty_object_changes_nothing) {
  const auto read = parse_bucket_settings("{}");
  REQUIRE_OK(read);
  BOOST_TEST(read->location == "us-east-1");
  BOOST_CHECK(!read->default_encryption.has_value());
  BOOST_CHECK(!read->policy.has_value());
  BOOST_CHECK(!parse_bucket_settings(R"({"default_encryption":"none"})")->default_encryption.has_value());
}

BOOST_AUTO_TEST_CASE(a_whole_encryption_is_read_as_it_is_written) {
  using enum encryption_setting::bucket_keys;
  const std::pair<encryption_setting, std::string> rows[] = {
      {{encryption::sse_s3, "", off, ""}, R"("AES256")"},
      {{encryption::sse_kms, "", off, ""}, R"("aws:kms")"},
      {{encryption::sse_s3, "", on, ""}, R"({"algorithm":"AES256","bucket_keys":true})"},
      {{encryption::sse_kms, "k\"1", off, ""}, R"({"algorithm":"aws:kms","kms_key_id":"k\"1","bucket_keys":false})"}};
  for (const auto& [setting, text] : rows) {
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(to_json(setting) == text);
      const auto read = parse_bucket_settings("{\"default_encryption\":" + text + "}");
      REQUIRE_OK(read);
      BOOST_CHECK(read->default_encryption == setting);
    }
  }
}

BOOST_AUTO_TEST_CASE(one_member_is_set_and_the_others_stay_as_and_where_they_are) {
  const std::string before = R"({ "deny":["s3:DeleteObject"], "policy":{"a":1}, "location":"eu-west-1" })";
  BOOST_TEST(with_setting(before, "policy", R"({"b": 2})").value() ==
             "{\n  \"deny\": [\"s3:DeleteObject\"],\n  \"policy\": {\"b\":2},\n  \"location\": \"eu-west-1\"\n}\n");
  BOOST_TEST(with_setting(before, "policy", std::nullopt).value() ==
             "{\n  \"deny\": [\"s3:DeleteObject\"],\n  \"location\": \"eu-west-1\"\n}\n");
  BOOST_TEST(with_setting("{}", "kms_key_id", R"("k")").value() == "{\n  \"kms_key_id\": \"k\"\n}\n");
  // Nothing to change: not a byte is.
  BOOST_TEST(with_setting(before, "policy", R"({"a":1})").value() == before);
  BOOST_TEST(with_setting(before, "faults", std::nullopt).value() == before);
  CHECK_FAILS(with_setting("[]", "policy", "{}"), errc::invalid);
  CHECK_FAILS(with_setting("{}", "policy", "{"), errc::invalid);
  CHECK_FAILS(with_setting("{}", "policy", R"({"a":1e999})"), errc::invalid);
}

BOOST_AUTO_TEST_CASE(what_can_not_be_taken_is_refused) {
  for (const std::string text : {"",
                                 "{",
                                 "[]",
                                 "null",
                                 "{} x",
                                 R"({"Location":"x"})",
                                 R"({"location":1})",
                                 R"({"default_encryption":"kms"})",
                                 R"({"default_encryption":"default"})",
                                 R"({"default_encryption":{}})",
                                 R"({"default_encryption":{"algorithm":"none"}})",
                                 R"({"default_encryption":{"algorithm":"AES256","key":"k"}})",
                                 R"({"default_encryption":{"algorithm":"AES256","bucket_keys":1}})",
                                 R"({"policy":"{}"})",
                                 R"({"policy":{"a":1e999}})",
                                 R"({"policy":{"a":[{"b":-1e999}]}})",
                                 R"({"deny":"s3:PutObject"})",
                                 R"({"deny":[1]})",
                                 R"({"deny":["PutObject"]})",
                                 R"({"deny":["s3:PutObjekt"]})",
                                 R"({"deny":["s3:PutObject "]})",
                                 R"({"deny":["s3:PutObject","s3:Get?bject"]})",
                                 R"({"deny":["kms:Encrypt"]})",
                                 R"({"deny":[""]})",
                                 R"({"faults":{}})",
                                 R"({"faults":[1]})",
                                 R"({"faults":[{}]})",
                                 R"({"faults":[{"operation":"PutObject"}]})",
                                 R"({"faults":[{"error":"Slowdown"}]})",
                                 R"({"faults":[{"error":"SlowDown","nth":0}]})",
                                 R"({"faults":[{"error":"SlowDown","nth":1.5}]})",
                                 R"({"faults":[{"error":"SlowDown","nth":"1"}]})",
                                 R"({"faults":[{"error":"SlowDown","times":-1}]})",
                                 R"({"faults":[{"delay_ms":10001}]})",
                                 R"({"faults":[{"delay_ms":-1}]})",
                                 R"({"faults":[{"error":"SlowDown","operation":"putobject"}]})",
                                 R"({"faults":[{"error":"SlowDown","Key":"x"}]})",
                                 R"({"faults":[{"delay_ms":18446744073709551615}]})"}) {
    BOOST_TEST_CONTEXT(text) {
      const auto read = parse_bucket_settings(text);
      CHECK_FAILS(read, errc::invalid);
      BOOST_TEST((read || !read.error().cause.empty()));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::bucket::bucket_settings_tests
