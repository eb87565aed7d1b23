#include "bucket/s3_diagnosis.hpp"

#include "bucket/s3_connection.hpp"
#include "net/lookup.hpp"
#include "s3/requests.hpp"

#include <chrono>
#include <utility>

namespace spillway::bucket {
namespace {

constexpr std::chrono::seconds diagnosis_patience{15};

void look_up_host(const s3::origin& origin, const std::stop_token& stop, s3_diagnosis& made) {
  const auto found = net::look_up(net::system_lookup, origin.host, origin.port, net::within(diagnosis_patience, stop));
  if (!found) {
    made.lookup_failure = found.error();
    return;
  }
  for (const net::endpoint& each : *found) {
    made.addresses.push_back(net::to_string(each));
  }
}

// Whether the permission to list is for the prefix alone, which HeadBucket does not name.
bool may_list(s3_requester& requester, const std::string& prefix) {
  const s3::list_query query{prefix.empty() ? prefix : prefix + "/", {}, 1};
  s3_requester::asking what{[&query](const s3::bucket_address& to) { return s3::list_objects(to, query); },
                            "ListBucketResult"};
  what.patience = diagnosis_patience;
  const auto asked = requester.ask(what);
  return asked && asked->is_ok();
}

void ask_for_bucket(s3_requester& requester, const std::string& prefix, const base::clock& clock, s3_diagnosis& made) {
  const base::instant sent_at = clock.now();
  s3_requester::asking what{&s3::head_bucket};
  what.patience = diagnosis_patience;
  const auto asked = requester.ask(what);
  if (!asked || asked->on_the_way) {
    made.way_failure = asked ? *asked->on_the_way : asked.error();
    return;
  }
  const bool is_denied = asked->verdict.error_class == s3::error_class::permission;
  if (!asked->is_ok() && !(is_denied && may_list(requester, prefix))) {
    made.refusal = asked->to_failure();
  }
  made.region = asked->verdict.region;
  made.skew = s3::measure_skew(asked->answer.headers, sent_at, clock.now());
}

}  // namespace

result<s3_diagnosis> diagnose_s3(const s3_options& wanted, const std::string& prefix, const base::clock& clock,
                                 const std::stop_token& stop) {
  SPILLWAY_TRY_ASSIGN(s3_connection connected, connect_s3(wanted, clock, stop));
  const s3::bucket_address bucket = connected.asking.bucket;
  s3_diagnosis made;
  made.endpoint = s3::to_string(bucket.endpoint);
  made.is_encrypted = bucket.endpoint.origin.scheme == s3::scheme::https;
  look_up_host(s3::origin_of(bucket), stop, made);
  if (made.lookup_failure) {
    return made;
  }
  credentials_provider credentials(std::move(connected.fetch), clock);
  if (const auto keys = credentials.current(); !keys) {
    made.no_credentials = keys.error();
    return made;
  }
  s3_requester requester(*connected.client, credentials, clock, std::move(connected.asking));
  ask_for_bucket(requester, prefix, clock, made);
  return made;
}

}  // namespace spillway::bucket
