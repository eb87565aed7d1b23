// AWS Signature Version 4: proof that a request comes from who holds a key, for headers and for presigned URLs.
//
// S3's own rules: the path is encoded once and not normalised, the payload's hash is a header, nothing is sent in
// signed chunks. Source: Amazon S3 API reference, "Authenticating requests (AWS Signature Version 4)".
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "s3/request.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace spillway::s3 {

// There is no way to print one, on purpose. The key id is no secret; key and token are.
struct credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  // of temporary credentials; empty for others
};

struct signing_scope {
  std::string region;
  std::string service = "s3";  // "sts" for AssumeRole
};

// Adds X-Amz-Date, X-Amz-Content-Sha256, X-Amz-Security-Token and Authorization, in place of earlier ones: a request
// can be signed again for a repetition. `now` is the corrected time of the clock, read once by the caller.
// errc::invalid: a control character in the credentials or the region.
result<void> sign(request& value, const credentials& who, const signing_scope& scope, base::instant now);

// Source: "Authenticating requests: using query parameters", X-Amz-Expires.
inline constexpr std::chrono::seconds presigned_lifetime_max{604'800};

// A URL that does what the request does, without a header of its own, until `lifetime` after `now`. Headers that the
// request has are signed, and must be sent with the URL. errc::invalid: a lifetime outside 1 s to
// presigned_lifetime_max.
result<std::string> presign(request value, const credentials& who, const signing_scope& scope, base::instant now,
                            std::chrono::seconds lifetime);

// ---- The steps, each with its published vectors in the tests ----

// "20260131T235958Z".
std::string amz_date(base::instant when);
// "20260131/eu-west-1/s3/aws4_request".
std::string scope_text(const signing_scope& scope, base::instant when);

struct canonical_request {
  std::string text;
  std::string signed_headers;  // "host;x-amz-content-sha256;x-amz-date"
};
// Every header is signed, but those that a proxy or the connection may change.
//     PUT
//     /raw/1/1_2020-01-25_17%231.json.gz
//     partNumber=1&uploadId=a%2Fb
//     host:127.0.0.1:9000
//     x-amz-content-sha256:2cf24dba...
//     x-amz-date:20260131T235958Z
//
//     host;x-amz-content-sha256;x-amz-date
//     2cf24dba...
canonical_request make_canonical(const request& value);

//     AWS4-HMAC-SHA256
//     20260131T235958Z
//     20260131/eu-west-1/s3/aws4_request
//     bc01892d...                          (SHA-256 of the canonical request)
std::string string_to_sign(std::string_view canonical, const signing_scope& scope, base::instant now);

// 64 hexadecimal digits.
std::string signature_of(std::string_view text, std::string_view secret_access_key, const signing_scope& scope,
                         base::instant now);

// Adds X-Amz-Algorithm, -Credential, -Date, -Expires and -SignedHeaders to the query.
void add_presign_query(request& value, const credentials& who, const signing_scope& scope, base::instant now,
                       std::chrono::seconds lifetime);

}  // namespace spillway::s3
