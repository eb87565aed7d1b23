#include "cli/signals.hpp"

#include <csignal>
#include <cstdlib>

#include <pthread.h>

namespace spillway::cli {
namespace {

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  // A terminal that is closed ends a run as the others do; whom `nohup` has started stays.
  struct sigaction at_start{};
  if (sigaction(SIGHUP, nullptr, &at_start) == 0 && at_start.sa_handler != SIG_IGN) {
    sigaddset(&set, SIGHUP);
  }
  return set;
}

}  // namespace

signal_watch::signal_watch() {
  const sigset_t watched = watched_signals();
  pthread_sigmask(SIG_BLOCK, &watched, nullptr);
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of write() that is said, not a death
  waiter_ = std::thread([this, watched] {
    for (int seen = 0;;) {
      int caught = 0;
      sigwait(&watched, &caught);
      if (ending_) {
        return;
      }
      if (++seen > 1) {
        std::_Exit(128 + caught);
      }
      source_.request_stop();
    }
  });
}

signal_watch::~signal_watch() {
  ending_ = true;
  pthread_kill(waiter_.native_handle(), SIGTERM);
  waiter_.join();
}

}  // namespace spillway::cli
