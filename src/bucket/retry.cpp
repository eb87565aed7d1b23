#include "bucket/retry.hpp"

#include "base/stoppable_wait.hpp"

#include <algorithm>
#include <cstdint>
#include <random>

namespace spillway::bucket {
namespace {

constexpr std::chrono::milliseconds first_delay{50};
constexpr std::chrono::milliseconds first_throttled_delay{1'000};
constexpr std::chrono::milliseconds delay_max{20'000};

}  // namespace

bool is_passing(errc code) { return code == errc::throttled || code == errc::unavailable; }

std::chrono::milliseconds retry_delay_max(errc code, int attempt) {
  const auto first = code == errc::throttled ? first_throttled_delay : first_delay;
  return std::min(delay_max, first * (std::int64_t{1} << std::clamp(attempt - 2, 0, 20)));
}

std::chrono::milliseconds retry_delay(errc code, int attempt, double random) {
  const auto longest = static_cast<double>(retry_delay_max(code, attempt).count());
  return std::chrono::milliseconds{static_cast<std::int64_t>(random * longest)};
}

retry_world make_retry_world(std::stop_token stop) {
  retry_world world;
  world.wait = [stop](std::chrono::milliseconds delay) { return base::wait_unless_stopped(stop, delay); };
  world.random = [] {
    thread_local std::mt19937_64 engine{std::random_device{}()};
    return std::uniform_real_distribution<double>(0, 1)(engine);
  };
  return world;
}

}  // namespace spillway::bucket
