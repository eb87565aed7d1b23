// What a bucket of S3 is asked through, made from its options: the HTTP client, the credentials, the address.
#pragma once

#include "bucket/aws_credentials.hpp"
#include "bucket/retry.hpp"
#include "bucket/s3_bucket.hpp"
#include "bucket/s3_requester.hpp"
#include "net/http_client.hpp"

#include <memory>
#include <stop_token>

namespace spillway::bucket {

struct s3_connection {
  std::unique_ptr<net::http_client> client;
  credentials_provider::fetch_function fetch;  // refers to `client`
  s3_requester::settings asking;
};

// Nothing is sent yet. Errors as open_s3() has them.
result<s3_connection> connect_s3(const s3_options& wanted, const base::clock& clock, const std::stop_token& stop);

// The bucket behind a connection. `clock` as open_s3() wants it; `world` is how tries are waited for.
std::unique_ptr<bucket> make_s3_bucket(s3_connection connected, const base::clock& clock, s3::checksum checksum,
                                       retry_world world);

}  // namespace spillway::bucket
