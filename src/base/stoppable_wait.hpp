// Waiting that a stop ends.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace spillway::base {

// False: it was asked to stop, before or meanwhile. Thread rule: any thread.
inline bool wait_unless_stopped(const std::stop_token& stop, std::chrono::milliseconds longest) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, longest, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace spillway::base
