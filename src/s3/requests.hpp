// The requests that Spillway sends, unsigned. Each is one function of S3's API, named as there.
//
//     SPILLWAY_TRY_ASSIGN(auto request, s3::put_object(bucket, key, s3::payload_of(bytes), {}));
//     SPILLWAY_TRY(s3::sign(request, credentials, {region}, now));
//
// Errors: errc::invalid - the bucket's name, the key (1 to 1,024 bytes), an upload id or a header's value can't be
// sent. No request ever sets an ACL: new buckets refuse them. Source: Amazon S3 API reference, the page of the
// operation's name.
#pragma once

#include "base/hashes.hpp"
#include "base/result.hpp"
#include "model/storage.hpp"
#include "s3/endpoint.hpp"
#include "s3/request.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::s3 {

using model::byte_range;
using model::encryption;
using model::encryption_setting;
using model::part_number_max;

// What is sent besides the signed hash. sha256 is stored with the object and comes back from HeadObject; md5 is for
// servers that know no checksum headers.
enum class checksum { none, sha256, md5 };

// The bytes that a request will carry. Their hash is signed.
struct payload {
  std::uint64_t bytes = 0;
  base::sha256_digest sha256{};
  std::optional<base::md5_digest> md5;  // only for checksum::md5
};
payload payload_of(std::string_view bytes, checksum with = checksum::sha256);

// How an object is stored.
struct storing {
  enum class when { always, absent };  // absent: "If-None-Match: *"; 412 if something is there
  when condition = when::always;
  model::encryption encryption = model::encryption::bucket_default;
  std::string kms_key_id;  // only with sse_kms; empty: the bucket's own, or AWS's
  s3::checksum checksum = s3::checksum::sha256;
  std::string content_type = "application/gzip";
};

// ---- Objects ----

result<request> put_object(const bucket_address& bucket, std::string_view key, const payload& body, const storing& how);
// Asks for the stored checksums too; with SSE-KMS that needs kms:Decrypt.
result<request> head_object(const bucket_address& bucket, std::string_view key);

// `range` is not of 0 bytes: HTTP has no empty range.
result<request> get_object(const bucket_address& bucket, std::string_view key, std::optional<byte_range> range);
result<request> delete_object(const bucket_address& bucket, std::string_view key);

struct list_query {
  std::string prefix;
  std::string after;       // keys behind this one; empty: from the first on
  int objects_max = 1000;  // 1 to 1,000
};
// ListObjectsV2, whose keys come percent-encoded, since XML can't hold every character that a key can.
result<request> list_objects(const bucket_address& bucket, const list_query& query);

// ---- Multipart uploads ----

// An upload under way.
struct upload_address {
  std::string key;
  std::string upload_id;
};
struct stored_part {
  int number = 0;                             // 1 to part_number_max
  std::string etag;                           // without quotes
  std::optional<base::sha256_digest> sha256;  // needed by CompleteMultipartUpload if the upload has checksum::sha256
  std::uint64_t bytes = 0;                    // set by ListParts alone
};
// `how.condition` and the checksum's value belong to CompleteMultipartUpload and UploadPart.
result<request> create_multipart_upload(const bucket_address& bucket, std::string_view key, const storing& how);
result<request> upload_part(const bucket_address& bucket, const upload_address& upload, int part_number,
                            const payload& body, checksum with);
// `parts` by number, without a gap in what was uploaded.
result<request> complete_multipart_upload(const bucket_address& bucket, const upload_address& upload,
                                          const std::vector<stored_part>& parts, storing::when condition);
result<request> abort_multipart_upload(const bucket_address& bucket, const upload_address& upload);
result<request> list_parts(const bucket_address& bucket, const upload_address& upload, int part_number_after);

struct upload_list_query {
  std::string prefix;
  std::string key_after;
  std::string upload_id_after;  // of `key_after`
};
result<request> list_multipart_uploads(const bucket_address& bucket, const upload_list_query& query);

// ---- Buckets ----

// Any answer of AWS's, 403 too, has the region in x-amz-bucket-region.
result<request> head_bucket(const bucket_address& bucket);
result<request> get_bucket_location(const bucket_address& bucket);
result<request> get_bucket_policy(const bucket_address& bucket);
result<request> put_bucket_policy(const bucket_address& bucket, std::string_view policy_json);
result<request> delete_bucket_policy(const bucket_address& bucket);

result<request> get_bucket_encryption(const bucket_address& bucket);
// errc::invalid too: `value.document` is not of that kind.
result<request> put_bucket_encryption(const bucket_address& bucket, const encryption_setting& value);
result<request> delete_bucket_encryption(const bucket_address& bucket);

// ---- STS ----

struct role {
  std::string arn;
  std::string session_name;             // 2 to 64 characters of A-Z a-z 0-9 _ = , . @ -
  std::chrono::seconds duration{3600};  // 15 minutes to 12 hours
  std::string external_id;              // empty: none
};
// Signed with service "sts". MinIO answers it at its S3 endpoint.
// Source: AWS Security Token Service API reference, AssumeRole (version 2011-06-15).
result<request> assume_role(const endpoint& where, const role& wanted);

}  // namespace spillway::s3
