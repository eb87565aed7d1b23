#include "base/thread_pool.hpp"

#include <utility>

namespace spillway::base {
thread_pool::thread_pool(std::size_t threads) {
  threads_.reserve(threads);
  try {
    for (std::size_t worker = 0; worker < threads; ++worker) {
      threads_.emplace_back([this, worker] { work(worker); });
    }
  } catch (...) {
    // The system gives no more threads: those that run end first, or the process would.
    stop();
    throw;
  }
}

thread_pool::~thread_pool() { stop(); }

void thread_pool::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& each : threads_) {
    each.join();
  }
}

void thread_pool::post(task added, urgency when) {
  {
    const std::lock_guard lock(mutex_);
    (when == urgency::urgent ? urgent_ : normal_).push_back(std::move(added));
  }
  wake_.notify_one();
}

void thread_pool::work(std::size_t worker) {
  for (;;) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopping_ || !normal_.empty() || !urgent_.empty(); });
    if (stopping_) {
      return;
    }
    std::deque<task>& queue = urgent_.empty() ? normal_ : urgent_;
    const task next = std::move(queue.front());
    queue.pop_front();
    lock.unlock();
    next(worker);
  }
}

}  // namespace spillway::base
