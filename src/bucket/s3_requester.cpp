#include "bucket/s3_requester.hpp"

#include <utility>

namespace spillway::bucket {
namespace {

// A body may take so long: a line of 1 Mbit a second is slow, and not dead.
constexpr std::uint64_t slowest_bytes_per_second = std::uint64_t{1} << 17;

net::address address_of(const s3::origin& where) {
  return {where.scheme == s3::scheme::https ? net::scheme::https : net::scheme::http, where.host,
          static_cast<std::uint16_t>(where.port)};
}

net::http_request to_http(const s3::request& signed_request, const net::http_body* body) {
  net::http_request made;
  made.method = s3::to_string(signed_request.method);
  made.target = s3::target(signed_request);
  made.fields.emplace_back("host", s3::authority(signed_request.origin));
  for (const s3::header& each : signed_request.headers) {
    made.fields.emplace_back(each.name, each.value);
  }
  made.body = body != nullptr ? *body : net::memory_body(signed_request.body);
  made.repeat = signed_request.method == s3::method::post ? net::repeat::unsafe : net::repeat::safe;
  return made;
}

s3::response to_response(net::http_response came) {
  s3::response made;
  made.status = came.status;
  made.body = std::move(came.body);
  for (auto& [name, value] : came.fields) {
    made.headers.push_back({std::move(name), std::move(value)});
  }
  return made;
}

}  // namespace

failure s3_answer::to_failure() const { return on_the_way ? *on_the_way : s3::to_failure(verdict, {}); }

s3_requester::s3_requester(net::http_client& client, const base::clock& clock, settings wanted)
    : client_(client),
      clock_(clock),
      credentials_(std::move(wanted.credentials)),
      stop_(std::move(wanted.stop)),
      known_{std::move(wanted.bucket), std::move(wanted.region), {}} {}

s3_requester::knowledge s3_requester::known() const {
  const std::scoped_lock lock(mutex_);
  return known_;
}

result<s3_answer> s3_requester::ask(const asking& what) {
  // Twice, for a clock and a region that are both wrong.
  constexpr int lessons_max = 2;
  for (int lessons = 0;; ++lessons) {
    const knowledge with = known();
    std::optional<s3::clock_skew> measured;
    SPILLWAY_TRY_ASSIGN(s3_answer made, attempt(what, with, measured));
    if (lessons == lessons_max || !learn(made, measured, with)) {
      return made;
    }
  }
}

result<s3_answer> s3_requester::attempt(const asking& what, const knowledge& with,
                                        std::optional<s3::clock_skew>& measured) {
  SPILLWAY_TRY_ASSIGN(s3::request request, what.build(with.bucket));
  const base::instant sent_at = clock_.now();
  SPILLWAY_TRY(s3::sign(request, credentials_, {with.region}, sent_at + with.skew));
  const net::http_request http = to_http(request, what.body);
  const std::chrono::seconds for_body{static_cast<std::int64_t>(http.body.bytes / slowest_bytes_per_second)};
  const std::stop_token stop = what.stop == when_stopped::end ? stop_ : std::stop_token();
  auto came = client_.send(address_of(request.origin), http, net::within(what.patience + for_body, stop),
                           what.sink != nullptr ? *what.sink : net::piece_sink());
  s3_answer made;
  if (!came) {
    const net::http_failure why = came.error();
    if (why.code != errc::unavailable) {
      return failure(why);
    }
    made.on_the_way = why;
  } else {
    made.answer = to_response(std::move(*came));
    measured = s3::measure_skew(made.answer.headers, sent_at, clock_.now());
  }
  made.verdict = s3::classify(made.answer, {what.success_root, measured, with.skew});
  return made;
}

// Whether the same request has a better chance now.
bool s3_requester::learn(const s3_answer& from, std::optional<s3::clock_skew> measured, const knowledge& used) {
  const std::scoped_lock lock(mutex_);
  if (from.verdict.remedy == s3::remedy::correct_clock && measured) {
    known_.skew = *measured;
    return true;
  }
  if (from.verdict.remedy != s3::remedy::change_region || from.verdict.region.empty() ||
      from.verdict.region == used.region) {
    return false;
  }
  // Only AWS has a host for each region; an endpoint of one's own stays, and is signed for what it asks.
  const auto own = s3::aws_endpoint(used.region);
  const auto other = s3::aws_endpoint(from.verdict.region);
  if (own && other && own->origin == used.bucket.endpoint.origin) {
    known_.bucket.endpoint = *other;
  }
  known_.region = from.verdict.region;
  return true;
}

}  // namespace spillway::bucket
