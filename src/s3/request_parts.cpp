#include "s3/request_parts.hpp"

#include "base/bytes.hpp"

namespace spillway::s3 {
namespace {


}  // namespace

payload payload_of(std::string_view bytes, checksum with) {
  payload body{bytes.size(), base::sha256_of(bytes), {}};
  if (with == checksum::md5) {
    body.md5 = base::md5_of(bytes);
  }
  return body;
}

result<request> make_bucket_request(method verb, std::string_view permission, const bucket_address& bucket) {
  if (!is_bucket_name(bucket.name)) {
    return failure{errc::invalid,
                   "addressing the bucket " + base::printable(bucket.name),
                   "not a bucket's name: 3 to 63 letters, digits, '-' and '.'",
                   {}};
  }
  request made;
  made.method = verb;
  made.permission = permission;
  made.origin = origin_of(bucket);
  made.path = path_of(bucket, {});
  made.payload_sha256 = base::sha256_hex(base::sha256_of({}));
  if (!bucket.owner.empty()) {
    SPILLWAY_TRY(made.headers.add("x-amz-expected-bucket-owner", bucket.owner));
  }
  return made;
}

result<request> make_object_request(method verb, std::string_view permission, const bucket_address& bucket,
                                    std::string_view key) {
  // An empty key would make a request for the bucket of one for an object.
  if (key.empty() || key.size() > model::key_bytes_max) {
    return failure{errc::invalid, "addressing the key " + base::printable(key), "a key has 1 to 1,024 bytes", {}};
  }
  SPILLWAY_TRY_ASSIGN(request made, make_bucket_request(verb, permission, bucket));
  made.path = path_of(bucket, key);
  return made;
}

void announce(request& value, const payload& body) {
  value.body_bytes = body.bytes;
  value.payload_sha256 = base::sha256_hex(body.sha256);
}

void carry(request& value, std::string document) {
  value.body_bytes = document.size();
  value.payload_sha256 = base::sha256_hex(base::sha256_of(document));
  value.body = std::move(document);
}

result<void> add_content_md5(request& value) {
  return value.headers.add("content-md5", base::to_base64(base::md5_of(value.body)));
}

result<void> add_checksum(request& value, const payload& body, checksum with) {
  switch (with) {
    case checksum::none: return {};
    case checksum::sha256: return value.headers.add("x-amz-checksum-sha256", base::to_base64(body.sha256));
    case checksum::md5: break;
  }
  if (!body.md5) {
    return failure{errc::bug, "building a request", "it shall carry an MD5 that nobody computed", {}};
  }
  return value.headers.add("content-md5", base::to_base64(*body.md5));
}

result<void> add_encryption(request& value, const storing& how) {
  if (how.encryption == encryption::bucket_default) {
    return {};
  }
  SPILLWAY_TRY(value.headers.add("x-amz-server-side-encryption", to_string(how.encryption)));
  if (how.encryption == encryption::sse_kms && !how.kms_key_id.empty()) {
    SPILLWAY_TRY(value.headers.add("x-amz-server-side-encryption-aws-kms-key-id", how.kms_key_id));
  }
  return {};
}

std::string xml_escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      default: escaped += c;
    }
  }
  return escaped;
}

}  // namespace spillway::s3
