// How often and how soon a request is tried again. Pure but for the waiting, which is handed in.
//
// Source of the numbers: AWS's standard retry mode of November 2026 (50 ms, for throttling 1 s, doubling to 20 s, full
// jitter); five attempts in all, and no token bucket, which a long outage would leave empty.
#pragma once

#include "base/result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>

namespace spillway::bucket {

inline constexpr int request_attempts_max = 5;

// Whether the same request may succeed a little later.
bool is_passing(errc code);

// The longest wait before attempt number `attempt` (2 to request_attempts_max) after a failure of `code`.
std::chrono::milliseconds retry_delay_max(errc code, int attempt);

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
    const auto longest = retry_delay_max(made.error().code, attempt + 1);
    const std::chrono::milliseconds delay{
        static_cast<std::int64_t>(world.random() * static_cast<double>(longest.count()))};
    if (!world.wait(delay)) {
      return failure{errc::interrupted, made.error().doing, "asked to stop while waiting to try again", {}};
    }
  }
}

}  // namespace spillway::bucket
