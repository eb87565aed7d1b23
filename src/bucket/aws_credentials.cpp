#include "bucket/aws_credentials.hpp"

#include "bucket/s3_http.hpp"
#include "s3/clock_skew.hpp"
#include "s3/endpoint.hpp"
#include "s3/error_class.hpp"
#include "s3/requests.hpp"
#include "s3/response_xml.hpp"

#include <chrono>
#include <optional>
#include <utility>

namespace spillway::bucket {
namespace {

constexpr std::chrono::seconds credentials_patience{60};
// So long before the end new ones are fetched, as AWS's own tools do (botocore, credentials.py).
constexpr std::chrono::minutes renewal_margin{5};
// Between two tries to renew what still holds: no request waits for a source that does not answer but every so often.
// What is so new holds, whatever it says of its end: the source's clock or ours may be wrong.
constexpr std::chrono::seconds renewal_pause{30};

// STS's answer, with how far its clock is from ours.
struct sts_answer {
  s3::response answer;
  s3::verdict verdict;
  std::optional<s3::clock_skew> skew;
};

// `request` was signed with `keys` and `skew`.
result<sts_answer> ask_sts(const s3::request& request, const s3::credentials& keys, s3::clock_skew skew,
                           const sts_access& sts, const base::clock& clock, const std::stop_token& stop) {
  const base::instant sent_at = clock.now();
  auto came = sts.client->send(request.origin, to_http(request, nullptr), net::within(credentials_patience, stop));
  if (!came) {
    return failure(came.error());
  }
  sts_answer made{to_response(std::move(*came)), {}, {}};
  made.skew = s3::measure_skew(made.answer.headers, sent_at, clock.now());
  made.verdict = s3::classify(
      made.answer, {.success_root = "AssumeRoleResponse", .skew_measured = made.skew, .skew_used = skew, .keys = keys});
  return made;
}

result<timed_credentials> assume(const role_to_assume& wanted, const s3::credentials& with, const sts_access& sts,
                                 const base::clock& clock, const std::stop_token& stop) {
  SPILLWAY_TRY_ASSIGN(const s3::endpoint where, sts.endpoint_url.empty() ? s3::aws_service_endpoint("sts", sts.region)
                                                                         : s3::parse_endpoint(sts.endpoint_url));
  SPILLWAY_TRY_ASSIGN(s3::request request,
                      s3::assume_role(where, {wanted.arn, wanted.session_name, wanted.duration, wanted.external_id}));
  const auto ask = [&](s3::clock_skew skew) -> result<sts_answer> {
    SPILLWAY_TRY(s3::sign(request, with, {sts.region, "sts"}, clock.now() + skew));
    return ask_sts(request, with, skew, sts, clock, stop);
  };
  SPILLWAY_TRY_ASSIGN(sts_answer made, ask(s3::clock_skew{0}));
  if (made.verdict.remedy == s3::remedy::correct_clock) {
    SPILLWAY_TRY_ASSIGN(made, ask(*made.skew));
  }
  if (made.verdict.action != s3::action::proceed) {
    return s3::to_failure(made.verdict, {});
  }
  SPILLWAY_TRY_ASSIGN(s3::assumed_role role, s3::parse_assume_role(made.answer.body));
  // They expire by the server's clock, and are watched by ours.
  return timed_credentials{std::move(role.credentials), role.expires_at - made.skew.value_or(s3::clock_skew{0})};
}

bool are_same(const s3::credentials& one, const s3::credentials& other) {
  return one.access_key_id == other.access_key_id && one.secret_access_key == other.secret_access_key &&
         one.session_token == other.session_token;
}

}  // namespace

result<timed_credentials> fetch_credentials(const credential_source& from, const sts_access& sts,
                                            const base::clock& clock, const std::stop_token& stop) {
  timed_credentials held{from.keys, {}};
  if (!from.process.empty()) {
    SPILLWAY_TRY_ASSIGN(held, run_credential_process(from.process, credentials_patience, stop));
  }
  for (const role_to_assume& role : from.roles) {
    auto assumed = assume(role, held.keys, sts, clock, stop);
    if (!assumed) {
      return base::while_doing("assuming " + role.arn, std::move(assumed).error());
    }
    held = std::move(*assumed);
  }
  return held;
}

result<s3::credentials> credentials_provider::current() {
  const std::scoped_lock lock(mutex_);
  const base::instant now = clock_.now();
  const bool is_fresh = held_ && (!held_->expires_at || now < *held_->expires_at - renewal_margin);
  const bool is_new = held_ && now < fetched_at_ + renewal_pause;
  const bool is_good = is_new || (held_ && (!held_->expires_at || now < *held_->expires_at));
  if (!is_fresh && !(is_good && now < next_try_at_)) {
    result<timed_credentials> fetched = fetch_();
    next_try_at_ = now + renewal_pause;
    if (fetched) {
      held_ = std::move(*fetched);
      fetched_at_ = now;
    } else if (!is_good) {
      return base::while_doing("getting credentials", std::move(fetched).error());
    }
  }
  return held_->keys;
}

bool credentials_provider::renew(const s3::credentials& used) {
  const std::scoped_lock lock(mutex_);
  if (held_ && !are_same(held_->keys, used)) {
    return true;  // another thread has been here
  }
  result<timed_credentials> fetched = fetch_();
  if (!fetched || are_same(fetched->keys, used)) {
    return false;
  }
  held_ = std::move(*fetched);
  fetched_at_ = clock_.now();
  next_try_at_ = fetched_at_ + renewal_pause;
  return true;
}

}  // namespace spillway::bucket
