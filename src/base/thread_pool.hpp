// A fixed number of threads and two queues. Tasks know which thread they run on, so that each thread can have tools of
// its own (a parser, a compressor) without locks.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace spillway::base {

class thread_pool {
public:
  // Called with the number of the thread, 0 to threads - 1. Must not throw.
  using task = std::function<void(std::size_t worker)>;
  enum class urgency { normal, urgent };  // urgent tasks go first

  explicit thread_pool(std::size_t threads);
  // Lets running tasks end, and drops those that have not begun.
  ~thread_pool();
  thread_pool(const thread_pool&) = delete;
  thread_pool& operator=(const thread_pool&) = delete;

  std::size_t threads() const { return threads_.size(); }

  // Thread rule: from any thread.
  void post(task added, urgency when = urgency::normal);

private:
  void work(std::size_t worker);
  void stop();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<task> normal_;
  std::deque<task> urgent_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

// Has `work` done on a thread of the pool, and gives what it gives, or what it throws. What `work` refers to must live
// until then.
template <class Value>
std::future<Value> run_on(thread_pool& pool, std::function<Value(std::size_t worker)> work,
                          thread_pool::urgency when = thread_pool::urgency::normal) {
  auto task = std::make_shared<std::packaged_task<Value(std::size_t)>>(std::move(work));
  std::future<Value> pending = task->get_future();
  pool.post([task](std::size_t worker) { (*task)(worker); }, when);
  return pending;
}

}  // namespace spillway::base
