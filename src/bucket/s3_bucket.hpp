// A bucket of S3 or of a server that speaks its protocol.
//
// - Up to 16 MiB an object is one PUT; above, a multipart upload with parts of 16 MiB, four under way for all puts of
//   this bucket together: 64 MiB of memory. Parts are signed with their hash, and kept by S3 only if it agrees.
// - Each request is tried up to five times (s3_retry.hpp), and at once where an answer says what to do differently
//   (region, clock, credentials: s3_requester.hpp). While the destination is down, one request at a time finds out
//   (breaker.hpp).
// - No ACL is ever sent. `checksum` is what is stored with each object besides: servers that refuse it are told with
//   --checksum md5 or none.
#pragma once

#include "base/clock.hpp"
#include "bucket/aws_settings.hpp"
#include "bucket/bucket.hpp"
#include "s3/requests.hpp"

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

namespace spillway::bucket {

struct s3_options {
  std::string name;            // of the bucket: "raw"
  std::string expected_owner;  // account id; empty: any
  s3::checksum checksum = s3::checksum::sha256;
  aws_settings aws;
  // Finds `aws` again when its credentials have to be renewed: files change. Null: they do not.
  std::function<result<aws_settings>()> find_again = {};
};

// Nothing is sent yet. `clock` must tell the real time, and live as long as the bucket. `stop` ends requests under way.
// errc::usage: no bucket's name, no URL of an endpoint, no region. errc::not_found, errc::invalid: the CA bundle.
result<std::unique_ptr<bucket>> open_s3(const s3_options& wanted, const base::clock& clock, std::stop_token stop);

}  // namespace spillway::bucket
