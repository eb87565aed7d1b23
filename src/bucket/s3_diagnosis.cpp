#include "bucket/s3_diagnosis.hpp"

#include "bucket/s3_connection.hpp"
#include "net/lookup.hpp"

#include <chrono>
#include <utility>

namespace spillway::bucket {
namespace {

constexpr std::chrono::seconds patience{15};

void look_up_host(const s3::origin& origin, const std::stop_token& stop, s3_diagnosis& made) {
  const auto found = net::look_up(net::system_lookup, origin.host, static_cast<std::uint16_t>(origin.port),
                                  net::within(patience, stop));
  if (!found) {
    made.lookup_failure = found.error();
    return;
  }
  for (const net::endpoint& each : *found) {
    made.addresses.push_back(net::to_string(each));
  }
}

void ask_for_bucket(s3_requester& requester, const base::clock& clock, s3_diagnosis& made) {
  const base::instant sent_at = clock.now();
  s3_requester::asking what{&s3::head_bucket};
  what.patience = patience;
  const auto asked = requester.ask(what);
  if (!asked || asked->on_the_way) {
    made.way_failure = asked ? *asked->on_the_way : asked.error();
    return;
  }
  if (!asked->is_ok()) {
    made.refusal = asked->to_failure();
  }
  made.region = s3::find_header(asked->answer.headers, "x-amz-bucket-region");
  if (made.region.empty()) {
    made.region = asked->verdict.region;
  }
  made.skew = s3::measure_skew(asked->answer.headers, sent_at, clock.now());
}

}  // namespace

result<s3_diagnosis> diagnose_s3(const s3_options& wanted, const base::clock& clock, const std::stop_token& stop) {
  SPILLWAY_TRY_ASSIGN(s3_connection connected, connect_s3(wanted, clock, stop));
  const s3::bucket_address bucket = connected.asking.bucket;
  s3_diagnosis made;
  made.endpoint = s3::to_string(bucket.endpoint);
  made.is_encrypted = bucket.endpoint.origin.scheme == s3::scheme::https;
  look_up_host(s3::origin_of(bucket), stop, made);
  if (!made.lookup_failure) {
    credentials_provider credentials(std::move(connected.fetch), clock);
    s3_requester requester(*connected.client, credentials, clock, std::move(connected.asking));
    ask_for_bucket(requester, clock, made);
  }
  return made;
}

}  // namespace spillway::bucket
