// Where a bucket is reached: the endpoint of an S3 service, and how the bucket stands in it.
#pragma once

#include "base/result.hpp"
#include "s3/request.hpp"

#include <string>
#include <string_view>

namespace spillway::s3 {

// path: "https://host/bucket/key". virtual_host: "https://bucket.host/key".
enum class addressing { path, virtual_host };

struct endpoint {
  s3::origin origin;
  std::string base_path;  // in front of every path: "" or "/s3/base", without a '/' at the end; not encoded
  s3::addressing addressing = s3::addressing::path;
  friend bool operator==(const endpoint&, const endpoint&) = default;
};

// Reads --endpoint-url: "http://127.0.0.1:9000", "https://[::1]:9000/s3/base", "https://s3.example.com". Path style,
// since a server of one's own rarely has a DNS name for every bucket. errc::usage: another scheme, user information, a
// query, a fragment, or characters that stand in no host name. Whether the address may be connected to is not asked
// here.
result<endpoint> parse_endpoint(std::string_view url);

// As parse_endpoint reads it, always in the same form: "http://127.0.0.1:9000", "https://[::1]:9000/s3/base".
std::string to_string(const endpoint& value);

// AWS's own: "s3.eu-west-1.amazonaws.com" over TLS, virtual-host style. errc::usage: not a region's name.
// Source: AWS General Reference, "Amazon S3 endpoints and quotas".
result<endpoint> aws_endpoint(std::string_view region);
// Of another service, for requests that have no bucket: "sts.eu-west-1.amazonaws.com".
result<endpoint> aws_service_endpoint(std::string_view service, std::string_view region);

// ^[a-z0-9-]{1,63}$, so that a region which a server names can stand in a host name.
bool is_region(std::string_view text);
// errc::usage: it is none.
result<void> check_region(std::string_view text);

// What AWS calls the part of its world that a region lies in. Source: AWS General Reference, "Amazon Resource Names".
struct partition {
  std::string_view name;        // "aws", "aws-cn", "aws-eusc": the second word of an ARN
  std::string_view dns_suffix;  // "amazonaws.com", "amazonaws.com.cn"
};
partition partition_of(std::string_view region);
bool is_partition(std::string_view name);

// Which bucket a request is for.
struct bucket_address {
  s3::endpoint endpoint;
  std::string name;
  std::string owner;  // the account id that x-amz-expected-bucket-owner demands; empty: any
};

// 3 to 63 letters, digits, '.', '-' and '_'. Capitals and '_' are in buckets older than the rule that forbids them.
// Source: Amazon S3 User Guide, "General purpose bucket naming rules".
bool is_bucket_name(std::string_view name);

// The origin and the path of a key, or of the bucket itself if `key` is empty; neither is encoded. Path style is used
// where the endpoint says so, and for names that can't be one label of a host name: a TLS certificate's "*" covers one
// label, so that a name with dots would not verify.
s3::origin origin_of(const bucket_address& bucket);
std::string path_of(const bucket_address& bucket, std::string_view key);

}  // namespace spillway::s3
