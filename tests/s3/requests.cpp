#include "s3/requests.hpp"

#include "base/bytes.hpp"
#include "s3/response_xml.hpp"
#include "support/check_result.hpp"

#include <string>

namespace spillway::s3_requests_tests {
namespace {

using s3::checksum;
using s3::find_header;
using s3::storing;

const s3::bucket_address bucket = {*s3::parse_endpoint("http://127.0.0.1:9000"), "raw", ""};
const std::string key = "1/1_2020-01-25_17#1.json.gz";
const std::string key_target = "/raw/1/1_2020-01-25_17%231.json.gz";
const s3::upload_address upload = {key, "id+/="};
const s3::payload hello = s3::payload_of("hello");

// "PUT /raw/a?partNumber=1", and the headers as "name: value" lines.
std::string line_of(const result<s3::request>& made) {
  REQUIRE_OK(made);
  return std::string(s3::to_string(made->method)) + " " + s3::target(*made);
}
std::string headers_of(const result<s3::request>& made) {
  REQUIRE_OK(made);
  std::string lines;
  for (const s3::header& each : made->headers) {
    lines += each.name + ": " + each.value + "\n";
  }
  return lines;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(s3_requests)

BOOST_AUTO_TEST_CASE(each_operation_has_its_method_and_target) {
  const std::pair<result<s3::request>, std::string> rows[] = {
      {s3::put_object(bucket, key, hello, {}), "PUT " + key_target},
      {s3::head_object(bucket, key), "HEAD " + key_target},
      {s3::get_object(bucket, key, {}), "GET " + key_target},
      {s3::delete_object(bucket, key), "DELETE " + key_target},
      {s3::list_objects(bucket, {}), "GET /raw?list-type=2&encoding-type=url&max-keys=1000"},
      {s3::list_objects(bucket, {"1/", "1/a b", 7}),
       "GET /raw?list-type=2&encoding-type=url&max-keys=7&prefix=1%2F&start-after=1%2Fa%20b"},
      {s3::create_multipart_upload(bucket, key, {}), "POST " + key_target + "?uploads"},
      {s3::upload_part(bucket, upload, 3, hello, checksum::none),
       "PUT " + key_target + "?partNumber=3&uploadId=id%2B%2F%3D"},
      {s3::complete_multipart_upload(bucket, upload, {}, storing::when::always),
       "POST " + key_target + "?uploadId=id%2B%2F%3D"},
      {s3::abort_multipart_upload(bucket, upload), "DELETE " + key_target + "?uploadId=id%2B%2F%3D"},
      {s3::list_parts(bucket, upload, 0), "GET " + key_target + "?uploadId=id%2B%2F%3D"},
      {s3::list_parts(bucket, upload, 5), "GET " + key_target + "?uploadId=id%2B%2F%3D&part-number-marker=5"},
      {s3::list_multipart_uploads(bucket, {}), "GET /raw?uploads&encoding-type=url"},
      {s3::list_multipart_uploads(bucket, {"1/", "1/a", "x"}),
       "GET /raw?uploads&encoding-type=url&prefix=1%2F&key-marker=1%2Fa&upload-id-marker=x"},
      {s3::head_bucket(bucket), "HEAD /raw"},
      {s3::get_bucket_location(bucket), "GET /raw?location"},
      {s3::get_bucket_policy(bucket), "GET /raw?policy"},
      {s3::put_bucket_policy(bucket, "{}"), "PUT /raw?policy"},
      {s3::delete_bucket_policy(bucket), "DELETE /raw?policy"},
      {s3::get_bucket_encryption(bucket), "GET /raw?encryption"},
      {s3::put_bucket_encryption(bucket, {}), "PUT /raw?encryption"},
      {s3::delete_bucket_encryption(bucket), "DELETE /raw?encryption"}};
  for (const auto& [made, line] : rows) {
    BOOST_TEST(line_of(made) == line);
    BOOST_TEST((made->origin == bucket.endpoint.origin));
  }
}

BOOST_AUTO_TEST_CASE(no_request_sets_an_acl_and_all_demand_the_owner) {
  s3::bucket_address owned = bucket;
  owned.owner = "111122223333";
  for (const auto& made : {s3::put_object(owned, key, hello, {}), s3::create_multipart_upload(owned, key, {}),
                           s3::list_objects(owned, {}), s3::abort_multipart_upload(owned, upload)}) {
    BOOST_TEST(headers_of(made).find("x-amz-expected-bucket-owner: 111122223333\n") != std::string::npos);
    BOOST_TEST(headers_of(made).find("acl") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(a_put_says_how_the_object_is_stored) {
  storing how;
  BOOST_TEST(headers_of(s3::put_object(bucket, key, hello, how)) ==
             "content-type: application/gzip\n"
             "x-amz-checksum-sha256: LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=\n");
  how = {storing::when::absent, s3::encryption::sse_kms, "arn:aws:kms:NAME", checksum::md5, "application/json"};
  BOOST_TEST(headers_of(s3::put_object(bucket, key, s3::payload_of("hello", checksum::md5), how)) ==
             "content-type: application/json\n"
             "content-md5: XUFAKrxLKna5cZ2REBfFkg==\n"
             "x-amz-server-side-encryption: aws:kms\n"
             "x-amz-server-side-encryption-aws-kms-key-id: arn:aws:kms:NAME\n"
             "if-none-match: *\n");
  how = {storing::when::always, s3::encryption::sse_s3, "", checksum::none, "text/plain"};
  BOOST_TEST(headers_of(s3::put_object(bucket, key, hello, how)) ==
             "content-type: text/plain\nx-amz-server-side-encryption: AES256\n");
}

BOOST_AUTO_TEST_CASE(a_request_knows_the_hash_and_the_length_of_its_body) {
  const auto put = s3::put_object(bucket, key, hello, {});
  BOOST_TEST(put->body_bytes == 5U);
  BOOST_TEST(put->body == "");
  BOOST_TEST(put->payload_sha256 == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
  const auto policy = s3::put_bucket_policy(bucket, "{}");
  BOOST_TEST(policy->body == "{}");
  BOOST_TEST(policy->body_bytes == 2U);
  BOOST_TEST(policy->payload_sha256 == base::sha256_hex(base::sha256_of("{}")));
  BOOST_TEST(find_header(policy->headers, "content-md5") == "mZFLkyvTelC5g8XnyQrpOw==");
  BOOST_TEST(s3::head_bucket(bucket)->payload_sha256 == base::sha256_hex(base::sha256_of("")));
}

BOOST_AUTO_TEST_CASE(an_upload_with_checksums_announces_them_and_repeats_them) {
  BOOST_TEST(headers_of(s3::create_multipart_upload(bucket, key, {})) ==
             "content-type: application/gzip\nx-amz-checksum-algorithm: SHA256\n");
  BOOST_TEST(headers_of(s3::upload_part(bucket, upload, 1, hello, checksum::sha256)) ==
             "x-amz-checksum-sha256: LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=\n");
  const auto complete = s3::complete_multipart_upload(bucket, upload, {{1, "a", hello.sha256, 5}, {2, "b&<", {}, 5}},
                                                      storing::when::absent);
  REQUIRE_OK(complete);
  BOOST_TEST(complete->body ==
             "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
             "<Part><PartNumber>1</PartNumber><ETag>&quot;a&quot;</ETag>"
             "<ChecksumSHA256>LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=</ChecksumSHA256></Part>"
             "<Part><PartNumber>2</PartNumber><ETag>&quot;b&amp;&lt;&quot;</ETag></Part></CompleteMultipartUpload>");
  BOOST_TEST(find_header(complete->headers, "if-none-match") == "*");
}

BOOST_AUTO_TEST_CASE(a_range_is_counted_from_zero) {
  const auto range = [](std::uint64_t first, std::uint64_t bytes) {
    return std::string(find_header(s3::get_object(bucket, key, s3::byte_range{first, bytes})->headers, "range"));
  };
  BOOST_TEST(range(0, 10) == "bytes=0-9");
  BOOST_TEST(range(7, 1) == "bytes=7-7");
  BOOST_TEST(range(5, UINT64_MAX) == "bytes=5-");
  CHECK_FAILS(s3::get_object(bucket, key, s3::byte_range{5, 0}), errc::invalid);
  BOOST_TEST(headers_of(s3::get_object(bucket, key, {})) == "");
  BOOST_TEST(headers_of(s3::head_object(bucket, key)) == "x-amz-checksum-mode: ENABLED\n");
}

BOOST_AUTO_TEST_CASE(a_bucket_encryption_is_read_back) {
  using enum s3::encryption_setting::bucket_keys;
  const s3::encryption_setting rows[] = {{s3::encryption::sse_s3, "", off, ""},
                                         {s3::encryption::sse_s3, "", on, ""},
                                         {s3::encryption::sse_kms, "", off, ""},
                                         {s3::encryption::sse_kms, "arn:aws:kms:a&b", on, ""}};
  for (const s3::encryption_setting& value : rows) {
    const auto made = s3::put_bucket_encryption(bucket, value);
    REQUIRE_OK(made);
    BOOST_TEST(find_header(made->headers, "content-md5").size() == 24U);
    const auto read = s3::parse_bucket_encryption(made->body);
    REQUIRE_OK(read);
    BOOST_TEST((read->algorithm == value.algorithm));
    BOOST_TEST(read->kms_key_id == value.kms_key_id);
    BOOST_TEST((read->keys == value.keys));
    BOOST_TEST(read->document == "");
  }
  CHECK_FAILS(s3::put_bucket_encryption(bucket, {s3::encryption::bucket_default, "", off, ""}), errc::bug);
}

BOOST_AUTO_TEST_CASE(a_document_of_a_server_is_put_back_as_it_is) {
  s3::encryption_setting value;
  value.document =
      "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms:dsse"
      "</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>";
  BOOST_TEST(s3::put_bucket_encryption(bucket, value)->body == value.document);
  value.document = "<VersioningConfiguration/>";
  CHECK_FAILS(s3::put_bucket_encryption(bucket, value), errc::invalid);
}

BOOST_AUTO_TEST_CASE(settings_of_a_bucket_name_their_permission_and_demand_the_owner) {
  s3::bucket_address owned = bucket;
  owned.owner = "111122223333";
  const std::pair<result<s3::request>, std::string> rows[] = {
      {s3::get_bucket_policy(owned), "s3:GetBucketPolicy"},
      {s3::put_bucket_policy(owned, "{}"), "s3:PutBucketPolicy"},
      {s3::delete_bucket_policy(owned), "s3:DeleteBucketPolicy"},
      {s3::get_bucket_encryption(owned), "s3:GetEncryptionConfiguration"},
      {s3::put_bucket_encryption(owned, {}), "s3:PutEncryptionConfiguration"},
      {s3::delete_bucket_encryption(owned), "s3:PutEncryptionConfiguration"}};
  for (const auto& [made, permission] : rows) {
    REQUIRE_OK(made);
    BOOST_TEST(made->permission == permission);
    BOOST_TEST(find_header(made->headers, "x-amz-expected-bucket-owner") == "111122223333");
  }
}

BOOST_AUTO_TEST_CASE(a_role_is_asked_for_in_a_form) {
  const auto made =
      s3::assume_role(bucket.endpoint, {"arn:aws:iam::1:role/x", "spillway", std::chrono::hours{1}, "an id"});
  BOOST_TEST(line_of(made) == "POST /");
  BOOST_TEST(made->body ==
             "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fx&RoleSessionName=spillway"
             "&DurationSeconds=3600&ExternalId=an%20id");
}

BOOST_AUTO_TEST_CASE(what_would_be_another_request_is_refused) {
  s3::bucket_address nowhere = bucket;
  nowhere.name = "raw/../other";
  CHECK_FAILS(s3::head_bucket(nowhere), errc::invalid);
  CHECK_FAILS(s3::delete_object(nowhere, key), errc::invalid);
  CHECK_FAILS(s3::delete_object(bucket, ""), errc::invalid);
  CHECK_OK(s3::delete_object(bucket, std::string(1024, 'a')));
  CHECK_FAILS(s3::delete_object(bucket, std::string(1025, 'a')), errc::invalid);
  CHECK_FAILS(s3::abort_multipart_upload(bucket, {key, ""}), errc::invalid);
  CHECK_FAILS(s3::upload_part(bucket, upload, 0, hello, checksum::none), errc::invalid);
  CHECK_FAILS(s3::upload_part(bucket, upload, 10'001, hello, checksum::none), errc::invalid);
  CHECK_FAILS(s3::upload_part(bucket, upload, 1, hello, checksum::md5), errc::bug);
  const std::string evil = "a\r\nx-amz-acl: public-read";
  storing how;
  how.content_type = evil;
  CHECK_FAILS(s3::put_object(bucket, key, hello, how), errc::invalid);
  CHECK_FAILS(s3::create_multipart_upload(bucket, key, how), errc::invalid);
  how = {};
  how.encryption = s3::encryption::sse_kms;
  how.kms_key_id = evil;
  CHECK_FAILS(s3::put_object(bucket, key, hello, how), errc::invalid);
  nowhere = bucket;
  nowhere.owner = evil;
  CHECK_FAILS(s3::head_bucket(nowhere), errc::invalid);
  BOOST_TEST(line_of(s3::delete_object(bucket, evil)) == "DELETE /raw/a%0D%0Ax-amz-acl%3A%20public-read");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::s3_requests_tests
