// What lies between this machine and a bucket: its endpoint's name and address, TLS, clocks, regions. One look-up and
// one HeadBucket, which tells a region even where it is refused; then a listing says whether exports are refused, too.
#pragma once

#include "bucket/s3_bucket.hpp"
#include "s3/clock_skew.hpp"

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace spillway::bucket {

struct s3_diagnosis {
  std::string endpoint;                   // "https://s3.eu-west-1.amazonaws.com"
  bool is_encrypted = false;              // TLS
  std::vector<std::string> addresses;     // "127.0.0.1:9000"
  std::optional<failure> lookup_failure;  // why there are none
  std::optional<failure> no_credentials;  // why there are none: a program or STS gave none
  std::optional<failure> way_failure;     // why no answer came: refused, no TLS, a bad certificate
  std::optional<failure> refusal;         // what the last answer says, if it is no success
  std::optional<s3::clock_skew> skew;     // nullopt: no answer told
  std::string region;                     // that the answer named; empty: none
};

// `prefix`: below which exports put their objects; a permission to list may be for it alone.
// errc::usage: an endpoint or a region that can't be one. errc::not_found, errc::invalid: the CA bundle.
result<s3_diagnosis> diagnose_s3(const s3_options& wanted, const std::string& prefix, const base::clock& clock,
                                 const std::stop_token& stop);

}  // namespace spillway::bucket
