// Spares a destination that is down: after some failures in a row one request at a time finds out whether it is back.
// Requests that come meanwhile wait for that one and, if it fails, fail with it unsent, so that they pause like it.
//
//     closed --failures_max in a row--> open --a request is answered--> closed
#pragma once

#include "bucket/retry.hpp"

#include <condition_variable>
#include <mutex>

namespace spillway::bucket {

// Thread rule: any thread.
class breaker {
public:
  // A single request has failed for good before the breaker opens.
  static constexpr int failures_max = request_attempts_max;

  enum class turn { send, probe, refused };  // refused: a probe has just failed, and this request is not to be sent
  enum class outcome { failed, answered, unknown };  // unknown: it ended for a reason of ours

  // Waits while another request probes; that one ends by its own deadline.
  turn begin();
  // To be called once for each begin(); breaker_turn does.
  void end(turn which, outcome how);

private:
  std::mutex mutex_;
  std::condition_variable probed_;
  int failures_ = 0;  // in a row
  bool is_probing_ = false;
};

// One request's turn, which ends in any case: a probe that never ended would keep everybody waiting.
class breaker_turn {
public:
  explicit breaker_turn(breaker& of) : of_(of), which_(of.begin()) {}
  ~breaker_turn() { of_.end(which_, how_); }
  breaker_turn(const breaker_turn&) = delete;
  breaker_turn& operator=(const breaker_turn&) = delete;

  bool may_send() const { return which_ != breaker::turn::refused; }
  void came_out(breaker::outcome how) { how_ = how; }

private:
  breaker& of_;
  const breaker::turn which_;
  breaker::outcome how_ = breaker::outcome::unknown;
};

}  // namespace spillway::bucket
