#include "s3/object_head.hpp"

#include "support/check_result.hpp"

#include <string>

namespace spillway::s3_object_head_tests {
namespace {

}  // namespace

BOOST_AUTO_TEST_SUITE(s3_object_head)

BOOST_AUTO_TEST_CASE(the_headers_of_an_object_are_read) {
  const auto head = s3::read_object_head({{"Content-Length", "812"},
                                          {"ETag", "\"9b2cf535f27731c974343645a3985328\""},
                                          {"Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"},
                                          {"x-amz-checksum-sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="},
                                          {"x-amz-server-side-encryption", "aws:kms"},
                                          {"x-amz-server-side-encryption-aws-kms-key-id", "arn:aws:kms:NAME"}});
  REQUIRE_OK(head);
  BOOST_TEST(head->bytes == 812U);
  BOOST_TEST(head->etag == "9b2cf535f27731c974343645a3985328");
  BOOST_TEST((head->modified_at && base::format_utc(*head->modified_at) == "1994-11-06T08:49:37Z"));
  BOOST_TEST((head->sha256 == base::sha256_of("hello")));
  BOOST_TEST((head->encryption == s3::encryption::sse_kms));
  BOOST_TEST(head->kms_key_id == "arn:aws:kms:NAME");
}

BOOST_AUTO_TEST_CASE(what_is_absent_or_of_another_kind_is_left_out) {
  const auto head = s3::read_object_head(
      {{"etag", "abc-2"}, {"x-amz-checksum-sha256", "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=-2"}});
  REQUIRE_OK(head);
  BOOST_TEST(head->etag == "abc-2");
  BOOST_TEST(head->bytes == 0U);
  BOOST_TEST(!head->sha256);
  BOOST_CHECK(head->sha256_of_parts == base::sha256_of("hello"));
  BOOST_TEST((head->encryption == s3::encryption::none));
  BOOST_TEST(!head->modified_at);
}

BOOST_AUTO_TEST_CASE(headers_of_no_object_are_refused) {
  CHECK_FAILS(s3::read_object_head({}), errc::corrupt);
  CHECK_FAILS(s3::read_object_head({{"etag", "\"\""}}), errc::corrupt);
  for (const char* bad : {"-1", "x", "1 2", "99999999999999999999"}) {
    BOOST_TEST_CONTEXT(bad) {
      CHECK_FAILS(s3::read_object_head({{"etag", "a"}, {"content-length", bad}}), errc::corrupt);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::s3_object_head_tests
