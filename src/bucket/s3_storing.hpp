// How objects and parts are stored, from the bucket's words into those of s3.
#pragma once

#include "bucket/bucket.hpp"
#include "net/message.hpp"
#include "s3/requests.hpp"

namespace spillway::bucket {

s3::storing to_storing(const put_options& options, s3::checksum checksum);

// What the body must hash to is signed: S3 takes nothing else. Without such a hash among `options` it is read twice.
// errc::corrupt: it hashes to something else than they say; and what reading fails with.
result<s3::payload> to_payload(body_source& body, const put_options& options, s3::checksum checksum);

// Reads `body` as often as it is sent; it must live as long.
net::http_body to_http(body_source& body);

}  // namespace spillway::bucket
