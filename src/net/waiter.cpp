#include "net/waiter.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include <poll.h>
#include <sys/eventfd.h>

namespace spillway::net {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

// The wait ends later than asked for by nothing but the kernel; a moment too far off for a timespec is a week.
timespec time_left(moment until) {
  constexpr nanoseconds longest = std::chrono::weeks{1};
  const moment now = steady_clock::now();
  const nanoseconds left = until <= now ? nanoseconds{0} : until - now > longest ? longest : nanoseconds{until - now};
  return {static_cast<time_t>(left.count() / 1'000'000'000), static_cast<long>(left.count() % 1'000'000'000)};
}

short poll_events(interest wanted) {
  switch (wanted) {
    case interest::read: return POLLIN;
    case interest::write: return POLLOUT;
    case interest::either: return POLLIN | POLLOUT;
  }
  return 0;
}

}  // namespace

result<std::unique_ptr<waiter>> waiter::make(call_limits limits) {
  descriptor wake_up;
  if (limits.stop.stop_possible()) {
    wake_up = descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!wake_up) {
      return base::from_errno(errno, "making an eventfd");
    }
  }
  return std::unique_ptr<waiter>(new waiter(std::move(limits), std::move(wake_up)));
}

waiter::waiter(call_limits limits, descriptor wake_up) : limits_(std::move(limits)), wake_up_(std::move(wake_up)) {
  if (wake_up_) {
    on_stop_.emplace(limits_.stop, [file = wake_up_.get()] {
      const std::uint64_t one = 1;
      // It can't fail: the counter takes 2^64 - 2 of them.
      [[maybe_unused]] const ssize_t written = ::write(file, &one, sizeof one);
    });
  }
}

wait_end waiter::wait(int file, interest wanted, moment until) const {
  const moment end = std::min(until, limits_.deadline);
  for (;;) {
    pollfd polled[] = {{file, poll_events(wanted), 0}, {wake_up_.get(), POLLIN, 0}};
    const timespec left = time_left(end);
    const int ready = ::ppoll(polled, 2, &left, nullptr);
    if (polled[1].revents != 0 && ready > 0) {
      return wait_end::stopped;
    }
    if (ready > 0) {
      // POLLERR and POLLHUP come unasked.
      const bool is_writable = polled[0].revents == POLLOUT;
      return is_writable ? wait_end::writable : wait_end::readable;
    }
    if (steady_clock::now() >= end) {
      return wait_end::timed_out;
    }
  }
}

std::optional<wait_end> waiter::ended() const {
  if (limits_.stop.stop_requested()) {
    return wait_end::stopped;
  }
  if (steady_clock::now() >= limits_.deadline) {
    return wait_end::timed_out;
  }
  return std::nullopt;
}

void waiter::heard() {
  if (limits_.silence_max.count() > 0) {
    limits_.deadline = std::max(limits_.deadline, steady_clock::now() + limits_.silence_max);
  }
}

failure to_failure(wait_end end) {
  if (end == wait_end::stopped) {
    return {errc::interrupted, "", "stopped", {}};
  }
  return {errc::unavailable, "", "timed out", {}};
}

}  // namespace spillway::net
