#include "bucket/s3_connection.hpp"

#include "s3/endpoint.hpp"

#include <utility>

namespace spillway::bucket {

result<s3_connection> connect_s3(const s3_options& wanted, const base::clock& clock, const std::stop_token& stop) {
  if (!s3::is_bucket_name(wanted.name)) {
    return failure{errc::usage, "opening s3://" + wanted.name, "this is no bucket's name",
                   "a name has 3 to 63 letters, digits, '.' and '-'"};
  }
  SPILLWAY_TRY(s3::check_region(wanted.aws.region));
  SPILLWAY_TRY_ASSIGN(s3::endpoint endpoint, wanted.aws.endpoint_url.empty()
                                                 ? s3::aws_endpoint(wanted.aws.region)
                                                 : s3::parse_endpoint(wanted.aws.endpoint_url));
  net::http_settings settings;
  settings.ca_bundle = wanted.aws.ca_bundle;
  SPILLWAY_TRY_ASSIGN(std::unique_ptr<net::http_client> client, net::make_http_client(std::move(settings)));
  const sts_access sts{client.get(), wanted.aws.region, wanted.aws.sts_endpoint_url};
  auto fetch = [from = wanted.aws.credentials, find_again = wanted.find_again, is_first = true, sts, &clock,
                stop]() mutable -> result<timed_credentials> {
    if (find_again && !std::exchange(is_first, false)) {
      SPILLWAY_TRY_ASSIGN(aws_settings found, find_again());
      from = std::move(found.credentials);
    }
    return fetch_credentials(from, sts, clock, stop);
  };
  s3_requester::settings asking{{std::move(endpoint), wanted.name, wanted.expected_owner}, wanted.aws.region, stop};
  return s3_connection{std::move(client), std::move(fetch), std::move(asking)};
}

}  // namespace spillway::bucket
