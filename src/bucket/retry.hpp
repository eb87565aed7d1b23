// How often and how soon a request is tried again. Pure but for the waiting, which is handed in.
//
// Source of the numbers: AWS's standard retry mode of November 2026 (50 ms, for throttling 1 s, doubling to 20 s, full
// jitter); five attempts in all, and no token bucket, which a long outage would leave empty.
#pragma once

#include "base/result.hpp"
#include "s3/multipart.hpp"

#include <chrono>
#include <functional>
#include <stop_token>

namespace spillway::bucket {

inline constexpr int request_attempts_max = s3::attempts_max;

// Whether the same request may succeed a little later.
bool is_passing(errc code);

// The longest wait before attempt number `attempt` (2 to request_attempts_max) after a failure of `code`.
std::chrono::milliseconds retry_delay_max(errc code, int attempt);
// The wait that is drawn for it: `random` in [0, 1) of the longest.
std::chrono::milliseconds retry_delay(errc code, int attempt, double random);

// What retrying needs of the world. `wait` returns false when it was asked to stop meanwhile.
struct retry_world {
  std::function<bool(std::chrono::milliseconds)> wait;
  std::function<double()> random;  // in [0, 1)
};

// The real one: waits on a condition that `stop` ends.
retry_world make_retry_world(std::stop_token stop);

// Does `request` until it succeeds, fails for good, or has failed request_attempts_max times.
template <class Value>
result<Value> with_retries(const retry_world& world, const std::function<result<Value>()>& request) {
  for (int attempt = 1;; ++attempt) {
    result<Value> made = request();
    if (made || !is_passing(made.error().code) || attempt == request_attempts_max) {
      return made;
    }
    if (!world.wait(retry_delay(made.error().code, attempt + 1, world.random()))) {
      return failure{errc::interrupted, made.error().doing, "asked to stop while waiting to try again", {}};
    }
  }
}

}  // namespace spillway::bucket
