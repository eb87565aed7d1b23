// SIGINT and SIGTERM as a stop token: the first asks to stop at the next safe point, the second ends the process.
#pragma once

#include <atomic>
#include <stop_token>
#include <thread>

namespace spillway::cli {

// To be made before any other thread, so that all of them leave the signals to this one.
class signal_watch {
public:
  signal_watch();
  ~signal_watch();
  signal_watch(const signal_watch&) = delete;
  signal_watch& operator=(const signal_watch&) = delete;

  std::stop_token token() const { return source_.get_token(); }

private:
  std::stop_source source_;
  std::atomic<bool> ending_ = false;
  std::thread waiter_;
};

}  // namespace spillway::cli
