#include "bucket/s3_retry.hpp"

#include <algorithm>

namespace spillway::bucket {
namespace {

// The code whose delays apply; nullopt: trying again is of no use.
std::optional<errc> passing_code(int attempt, const result<s3_answer>& last) {
  if (!last) {
    return is_passing(last.error().code) ? std::optional(last.error().code) : std::nullopt;
  }
  const s3::verdict& verdict = last->verdict;
  const bool reads_again = verdict.remedy == s3::remedy::read_body_again && attempt == 2;
  if (verdict.remedy != s3::remedy::none && !reads_again) {
    return std::nullopt;
  }
  switch (verdict.action) {
    case s3::action::retry: return errc::unavailable;
    case s3::action::retry_slowly: return errc::throttled;
    default: return std::nullopt;
  }
}

}  // namespace

std::optional<std::chrono::milliseconds> pause_before(int attempt, const result<s3_answer>& last, double random) {
  const auto code = passing_code(attempt, last);
  if (!code || attempt > request_attempts_max) {
    return std::nullopt;
  }
  const std::chrono::milliseconds drawn = retry_delay(*code, attempt, random);
  return last ? std::max(drawn, last->verdict.retry_after) : drawn;
}

result<s3_answer> ask_with_retries(s3_requester& requester, const retry_world& world,
                                   const s3_requester::asking& what) {
  for (int attempt = 2;; ++attempt) {
    result<s3_answer> made = requester.ask(what);
    const auto pause = pause_before(attempt, made, world.random());
    if (!pause) {
      return made;
    }
    if (!world.wait(*pause)) {
      return failure{errc::interrupted, {}, "asked to stop while waiting to try again", {}};
    }
  }
}

}  // namespace spillway::bucket
