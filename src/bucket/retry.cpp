#include "bucket/retry.hpp"

#include "base/stoppable_wait.hpp"

#include <algorithm>
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
