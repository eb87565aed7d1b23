// How long a call may take, and the one place where it waits.
//
// Sockets never block; whoever must wait does so in waiter::wait, by ppoll on the socket and on an eventfd that a stop
// request makes readable. So deadlines hold to the kernel's timer, a stop wakes a waiting call at once, and neither
// needs a thread or an event loop: calls run in the thread that makes them. (Asio's blocking calls know no deadline,
// and its asynchronous ones want a loop to run in.)
#pragma once

#include "base/result.hpp"
#include "net/descriptor.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

namespace spillway::net {

// Deadlines are on the monotonic clock: setting the machine's time does not move them.
using moment = std::chrono::steady_clock::time_point;

// When a call must end: it is made once, for the whole of what a person asked for, and handed down.
struct call_limits {
  moment deadline = moment::max();
  std::stop_token stop;
  // Each byte of the answer that comes puts the deadline off to so much later, at least; 0: none does.
  std::chrono::milliseconds silence_max{0};
};

inline call_limits within(std::chrono::milliseconds time, std::stop_token stop = {}) {
  return {std::chrono::steady_clock::now() + time, std::move(stop)};
}

enum class interest { read, write, either };
enum class wait_end {
  readable,  // also when both are true, and when the socket is broken: reading then says how
  writable,
  timed_out,  // the deadline, or the earlier moment that was given
  stopped,
};

// Thread rule: one thread at a time. One for each call; not copied or moved.
class waiter {
public:
  // errc::io: no descriptor for the stop.
  static result<std::unique_ptr<waiter>> make(call_limits limits);

  // Waits until `file` is ready, but not longer than to the deadline and to `until`.
  wait_end wait(int file, interest wanted, moment until) const;

  // timed_out or stopped, if the call must end now. Asked at every step, so that a peer that is never slow enough to be
  // waited for does not run on.
  std::optional<wait_end> ended() const;

  // Something of the answer has come, and was taken.
  void heard();

  const call_limits& limits() const { return limits_; }

private:
  explicit waiter(call_limits limits, descriptor wake_up);

  call_limits limits_;
  descriptor wake_up_;  // readable as soon as a stop is asked for; none if none can be
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;  // goes before wake_up_ does
};

// What a caller is told of a call that had to end: errc::unavailable or errc::interrupted.
failure to_failure(wait_end end);

}  // namespace spillway::net
