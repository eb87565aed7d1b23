#include "bucket/bucket_rules.hpp"
#include "support/check_result.hpp"

namespace spillway::bucket {
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
  BOOST_CHECK(read->default_encryption == encryption::sse_kms);
  BOOST_TEST(read->kms_key_id == "arn:aws:kms:eu-west-1:123456789012:key/6f6e1a5c");
  BOOST_TEST(read->policy == R"({"Version":"2012-10-17","Statement":[]})");
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
  BOOST_CHECK(read->default_encryption == encryption::none);
  BOOST_TEST(read->policy.empty());
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
                                 R"({"policy":"{}"})",
                                 R"({"deny":"s3:PutObject"})",
                                 R"({"deny":[1]})",
                                 R"({"deny":["PutObject"]})",
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
}  // namespace spillway::bucket
