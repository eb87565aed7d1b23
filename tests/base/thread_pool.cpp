#include "base/thread_pool.hpp"

#include <atomic>
#include <latch>
#include <memory>
#include <set>
#include <stdexcept>
#include <vector>

namespace spillway::base::thread_pool_tests {
namespace {

BOOST_AUTO_TEST_SUITE(base_thread_pool)

BOOST_AUTO_TEST_CASE(every_task_is_done_once) {
  std::atomic<int> done = 0;
  thread_pool pool(4);
  std::vector<std::future<int>> pending;
  for (int i = 0; i < 1'000; ++i) {
    pending.push_back(run_on<int>(pool, [&done, i](std::size_t) {
      ++done;
      return i;
    }));
  }
  for (int i = 0; i < 1'000; ++i) {
    BOOST_TEST(pending[static_cast<std::size_t>(i)].get() == i);
  }
  BOOST_TEST(done == 1'000);
}

BOOST_AUTO_TEST_CASE(each_thread_has_its_own_number) {
  thread_pool pool(4);
  BOOST_TEST(pool.threads() == 4U);
  std::latch all_there(4);  // so that no thread takes two of the tasks
  std::vector<std::future<std::size_t>> pending;
  for (int i = 0; i < 4; ++i) {
    pending.push_back(run_on<std::size_t>(pool, [&all_there](std::size_t worker) {
      all_there.arrive_and_wait();
      return worker;
    }));
  }
  std::set<std::size_t> numbers;
  for (auto& each : pending) {
    numbers.insert(each.get());
  }
  BOOST_CHECK((numbers == std::set<std::size_t>{0, 1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(urgent_tasks_go_first_and_each_kind_in_order) {
  std::vector<int> order;
  std::latch gate(1);
  thread_pool pool(1);
  pool.post([&gate](std::size_t) { gate.wait(); });
  for (const int i : {1, 2, 3}) {
    pool.post([&order, i](std::size_t) { order.push_back(i); });
  }
  for (const int i : {-1, -2}) {
    pool.post([&order, i](std::size_t) { order.push_back(i); }, thread_pool::urgency::urgent);
  }
  auto last = run_on<bool>(pool, [](std::size_t) { return true; });
  gate.count_down();
  last.get();
  BOOST_TEST(order == (std::vector{-1, -2, 1, 2, 3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_a_task_throws_is_given_to_who_waits) {
  thread_pool pool(1);
  auto failing = run_on<int>(pool, [](std::size_t) -> int { throw std::runtime_error("no"); });
  BOOST_CHECK_THROW(failing.get(), std::runtime_error);
  BOOST_TEST(run_on<int>(pool, [](std::size_t) { return 7; }).get() == 7);
}

BOOST_AUTO_TEST_CASE(the_end_waits_for_running_tasks_and_drops_the_others) {
  std::atomic<bool> ended = false;
  std::atomic<int> others = 0;
  std::future<int> dropped;
  std::latch started(1);
  std::latch gate(1);
  auto pool = std::make_unique<thread_pool>(1);
  pool->post([&](std::size_t) {
    started.count_down();
    gate.wait();
    ended = true;
  });
  started.wait();
  pool->post([&](std::size_t) { ++others; });
  dropped = run_on<int>(*pool, [&](std::size_t) { return ++others; });
  std::thread releases([&] { gate.count_down(); });
  pool.reset();
  releases.join();
  BOOST_TEST(ended);
  // Whether the others began depends on which thread was faster; nothing runs any more either way.
  const int begun = others;
  BOOST_TEST(begun <= 2);
  if (begun < 2) {
    BOOST_CHECK_THROW(dropped.get(), std::future_error);
  }
}

BOOST_AUTO_TEST_CASE(tasks_may_post_tasks) {
  thread_pool pool(1);
  auto outer = run_on<std::shared_ptr<std::future<int>>>(pool, [&pool](std::size_t) {
    return std::make_shared<std::future<int>>(run_on<int>(pool, [](std::size_t) { return 3; }));
  });
  BOOST_TEST(outer.get()->get() == 3);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::base::thread_pool_tests
