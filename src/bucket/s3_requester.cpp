#include "bucket/s3_requester.hpp"

#include "bucket/s3_http.hpp"
#include "s3/requests.hpp"

#include <utility>

namespace spillway::bucket {
namespace {

// A body may take so long: a line of 1 Mbit a second is slow, and not dead.
constexpr std::uint64_t slowest_bytes_per_second = std::uint64_t{1} << 17;

failure not_sent() {
  return {errc::unavailable, {}, "the destination does not answer, as another request has just found", {}};
}

// What the answer, or that there is none, says of the destination.
breaker::outcome outcome_of(const s3_answer& made) {
  if (made.on_the_way) {
    return made.on_the_way->code == errc::unavailable ? breaker::outcome::failed : breaker::outcome::unknown;
  }
  const bool is_down = made.verdict.error_class == s3::error_class::transient;
  return is_down ? breaker::outcome::failed : breaker::outcome::answered;
}

// A refusal that does not say of what: AWS's of a HEAD. Credentials that have expired look like another region.
bool is_wordless(const s3::verdict& refusal) { return refusal.status == 400 && refusal.s3_code.empty(); }

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
    if (lessons == lessons_max || !learn(made, with, what)) {
      return made;
    }
  }
}

result<s3_answer> s3_requester::attempt(const asking& what, attempted& with) {
  breaker_turn turn(breaker_);  // before the clock is read: a signature is good for minutes, and a probe may take them
  SPILLWAY_TRY_ASSIGN(s3::request request, what.build(with.known.bucket));
  const base::instant sent_at = clock_.now();
  SPILLWAY_TRY(s3::sign(request, with.keys, {with.known.region}, sent_at + with.known.skew));
  bool has_begun = false;
  const net::piece_sink pieces = [&](std::string_view piece) {
    has_begun = true;
    return (*what.sink)(piece);
  };
  s3_answer made;
  auto came = turn.may_send() ? send(request, what, what.sink != nullptr ? pieces : net::piece_sink())
                              : net::http_result<net::http_response>(net::http_failure{not_sent()});
  if (came) {
    made.answer = to_response(std::move(*came));
    with.measured = s3::measure_skew(made.answer.headers, sent_at, clock_.now());
  } else {
    made.on_the_way = came.error();
  }
  const base::instant now = clock_.now() + with.measured.value_or(with.known.skew);
  made.verdict = s3::classify(made.answer,
                              {what.success_root, with.measured, with.known.skew, request.permission, now, with.keys});
  if (made.on_the_way) {  // for whoever passes on the verdict alone
    made.verdict.message = made.on_the_way->text();
    made.verdict.hint = made.on_the_way->hint;
  }
  turn.came_out(outcome_of(made));
  if (made.on_the_way && has_begun && made.on_the_way->code == errc::unavailable) {
    made.on_the_way->code = errc::io;
    made.on_the_way->hint = "run the command again";
  }
  if (made.on_the_way && made.on_the_way->code != errc::unavailable) {
    return *made.on_the_way;
  }
  return made;
}

net::http_result<net::http_response> s3_requester::send(const s3::request& request, const asking& what,
                                                        const net::piece_sink& sink) {
  const net::http_request http = to_http(request, what.body);
  const std::chrono::seconds for_body{static_cast<std::int64_t>(http.body.bytes / slowest_bytes_per_second)};
  net::call_limits limits =
      net::within(what.patience + for_body, what.stop == when_stopped::end ? stop_ : std::stop_token());
  if (sink) {
    limits.silence_max = what.patience;
  }
  return client_.send(request.origin, http, limits, sink);
}

// Whether the same request has a better chance now.
bool s3_requester::learn(const s3_answer& from, const attempted& used, const asking& what) {
  switch (from.verdict.remedy) {
    case s3::remedy::reload_credentials: return credentials_.renew(used.keys);
    case s3::remedy::change_region:
      return learn_region(from, used, what) || (is_wordless(from.verdict) && credentials_.renew(used.keys));
    case s3::remedy::correct_clock: return learn_clock(used);
    default: return false;
  }
}

bool s3_requester::learn_clock(const attempted& used) {
  if (!used.measured) {
    return false;
  }
  const std::scoped_lock lock(mutex_);
  known_.skew = *used.measured;
  return true;
}

bool s3_requester::learn_region(const s3_answer& from, const attempted& used, const asking& what) {
  const std::string region = from.verdict.region.empty() ? ask_for_region(used, what) : from.verdict.region;
  if (region.empty() || region == used.known.region) {
    return false;
  }
  const std::scoped_lock lock(mutex_);
  // Only AWS has a host for each region; an endpoint of one's own stays, and is signed for what it asks.
  const auto own = s3::aws_endpoint(used.known.region);
  const auto other = s3::aws_endpoint(region);
  if (own && other && own->origin == used.known.bucket.endpoint.origin) {
    known_.bucket.endpoint = *other;
  }
  known_.region = region;
  return true;
}

// HeadBucket's answer names it, whatever else it says; empty: this one's does not.
std::string s3_requester::ask_for_region(const attempted& used, const asking& what) {
  asking head{&s3::head_bucket};
  head.patience = what.patience;
  head.stop = what.stop;
  attempted with{used.known, used.keys, {}};
  const auto made = attempt(head, with);
  return made ? made->verdict.region : std::string();
}

}  // namespace spillway::bucket
