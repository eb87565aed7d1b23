#include "bucket/s3_requester.hpp"

#include "bucket/s3_http.hpp"

#include <utility>

namespace spillway::bucket {
namespace {

// A body may take so long: a line of 1 Mbit a second is slow, and not dead.
constexpr std::uint64_t slowest_bytes_per_second = std::uint64_t{1} << 17;

failure not_sent() {
  return {errc::unavailable, {}, "the destination does not answer, as another request has just found", {}};
}

}  // namespace

failure s3_answer::to_failure() const { return on_the_way ? *on_the_way : s3::to_failure(verdict, {}); }

s3_requester::s3_requester(net::http_client& client, credentials_provider& credentials, const base::clock& clock,
                           settings wanted)
    : client_(client),
      credentials_(credentials),
      clock_(clock),
      stop_(std::move(wanted.stop)),
      known_{std::move(wanted.bucket), std::move(wanted.region), {}} {}

s3_requester::knowledge s3_requester::known() const {
  const std::scoped_lock lock(mutex_);
  return known_;
}

result<s3_answer> s3_requester::ask(const asking& what) {
  // For a clock, a region and credentials that are all wrong.
  constexpr int lessons_max = 3;
  for (int lessons = 0;; ++lessons) {
    attempted with{known(), {}, {}};
    SPILLWAY_TRY_ASSIGN(with.keys, credentials_.current());
    SPILLWAY_TRY_ASSIGN(s3_answer made, attempt(what, with));
    if (lessons == lessons_max || !learn(made, with)) {
      return made;
    }
  }
}

result<s3_answer> s3_requester::attempt(const asking& what, attempted& with) {
  SPILLWAY_TRY_ASSIGN(s3::request request, what.build(with.known.bucket));
  const base::instant sent_at = clock_.now();
  SPILLWAY_TRY(s3::sign(request, with.keys, {with.known.region}, sent_at + with.known.skew));
  const net::http_request http = to_http(request, what.body);
  const std::chrono::seconds for_body{static_cast<std::int64_t>(http.body.bytes / slowest_bytes_per_second)};
  const std::stop_token stop = what.stop == when_stopped::end ? stop_ : std::stop_token();
  s3_answer made;
  const breaker::turn turn = breaker_.begin();
  auto came = turn == breaker::turn::refused
                  ? net::http_result<net::http_response>(net::http_failure{not_sent()})
                  : client_.send(address_of(request.origin), http, net::within(what.patience + for_body, stop),
                                 what.sink != nullptr ? *what.sink : net::piece_sink());
  if (came) {
    made.answer = to_response(std::move(*came));
    with.measured = s3::measure_skew(made.answer.headers, sent_at, clock_.now());
  } else {
    made.on_the_way = came.error();
  }
  made.verdict = s3::classify(made.answer, {what.success_root, with.measured, with.known.skew, request.permission});
  const bool is_down = made.verdict.error_class == s3::error_class::transient;
  breaker_.end(turn, is_down ? breaker::outcome::failed : breaker::outcome::answered);
  if (made.on_the_way && made.on_the_way->code != errc::unavailable) {
    return *made.on_the_way;
  }
  return made;
}

// Whether the same request has a better chance now.
bool s3_requester::learn(const s3_answer& from, const attempted& used) {
  if (from.verdict.remedy == s3::remedy::reload_credentials) {
    return credentials_.renew(used.keys);
  }
  const std::scoped_lock lock(mutex_);
  if (from.verdict.remedy == s3::remedy::correct_clock && used.measured) {
    known_.skew = *used.measured;
    return true;
  }
  if (from.verdict.remedy != s3::remedy::change_region || from.verdict.region.empty() ||
      from.verdict.region == used.known.region) {
    return false;
  }
  // Only AWS has a host for each region; an endpoint of one's own stays, and is signed for what it asks.
  const auto own = s3::aws_endpoint(used.known.region);
  const auto other = s3::aws_endpoint(from.verdict.region);
  if (own && other && own->origin == used.known.bucket.endpoint.origin) {
    known_.bucket.endpoint = *other;
  }
  known_.region = from.verdict.region;
  return true;
}

}  // namespace spillway::bucket
