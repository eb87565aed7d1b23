#include "connection/scheduler.hpp"

#include "base/due.hpp"
#include "base/exception.hpp"
#include "base/stoppable_wait.hpp"
#include "base/thread_pool.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <future>
#include <iterator>
#include <map>
#include <memory>
#include <set>
#include <thread>

#include <fmt/format.h>

namespace spillway::connection {
namespace {

// How soon a change in the state file, or the end of an hour, is noticed.
constexpr std::chrono::seconds look_interval{1};

// Between two steps of a connection: the next hour closes before.
constexpr std::chrono::minutes step_wait_max = std::chrono::hours{1} + settling_usual;

// Side by side in one round: more buckets at once than cores is good, since most of the time is waiting.
constexpr std::size_t agents_at_once = 8;

result<std::vector<model::connection>> list_enabled(db::database& state) {
  SPILLWAY_TRY_ASSIGN(std::vector<model::connection> all, store::list_connections(state));
  std::erase_if(all, [](const model::connection& each) {
    return each.kind == model::connection_kind::implicit || each.state == model::connection_state::disabled;
  });
  return all;
}

// A connection's agent on its thread.
class agent_thread {
public:
  agent_thread(store::state_file state, model::connection on, agent_world& world, const report_sink& report,
               std::mutex& reporting)
      : connection_(std::move(on)),
        agent_(std::move(state), connection_.id, world),
        world_(world),
        report_(report),
        reporting_(reporting),
        thread_([this](std::stop_token stop) { work(stop); }) {}

  void ask_to_stop() { thread_.request_stop(); }
  bool has_ended() const { return has_ended_; }
  // REQUIRES: it has ended.
  const std::optional<failure>& failed() const { return failed_; }

  // Something in the state file may have changed.
  void wake() {
    {
      const std::scoped_lock lock(mutex_);
      is_woken_ = true;
    }
    woken_.notify_one();
  }

private:
  void work(std::stop_token stop) {
    while (!stop.stop_requested()) {
      auto made = step(stop);
      if (!made) {
        if (made.error().code != errc::interrupted) {
          failed_ = made.error();
        }
        break;
      }
      if (made->done.hours > 0 || made->failed || !made->failures().empty()) {
        const std::scoped_lock lock(reporting_);
        report_({connection_, *made});
      }
      if (!made->next) {
        break;
      }
      wait_until(*made->next, stop);
    }
    has_ended_ = true;
  }

  result<step_outcome> step(const std::stop_token& stop) {
    try {
      return agent_.step(patience::scheduled, stop);
    } catch (const std::exception& thrown) {
      return base::failure_of(thrown, fmt::format("delivering for connection {}", connection_.id));
    }
  }

  // By the clock of the world, which may be a test's or be set back; looked at once a second.
  void wait_until(base::instant due, std::stop_token stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested() && !is_woken_ && !base::is_due(due, world_.clock.now(), step_wait_max)) {
      woken_.wait_for(lock, stop, look_interval, [this] { return is_woken_; });
    }
    is_woken_ = false;
  }

  const model::connection connection_;
  agent agent_;
  agent_world& world_;
  const report_sink& report_;
  std::mutex& reporting_;
  std::mutex mutex_;
  std::condition_variable_any woken_;
  bool is_woken_ = false;
  std::atomic<bool> has_ended_ = false;
  std::optional<failure> failed_;
  std::jthread thread_;  // behind everything that it uses: it ends first
};

// The threads of all enabled connections, as the state file has them from second to second.
class crew {
public:
  crew(store::state_file& state, agent_world& world, const report_sink& report)
      : state_(state), world_(world), report_(report) {}
  crew(const crew&) = delete;
  crew& operator=(const crew&) = delete;

  // All are asked before one of them is waited for.
  ~crew() {
    for (const auto& [id, thread] : threads_) {
      thread->ask_to_stop();
    }
  }

  result<void> follow_state_file() {
    SPILLWAY_TRY_ASSIGN(bool has_changed, see_change());
    for (auto each = threads_.begin(); each != threads_.end();) {
      if (!each->second->has_ended()) {
        ++each;
        continue;
      }
      if (const auto& failed = each->second->failed()) {
        return *failed;
      }
      each = threads_.erase(each);
      has_changed = true;  // it may have been disabled and enabled again meanwhile
    }
    if (!has_changed) {
      return {};
    }
    SPILLWAY_TRY_ASSIGN(const std::vector<model::connection> enabled, list_enabled(state_.database()));
    for (const auto& [id, thread] : threads_) {
      const bool is_wanted = std::ranges::count(enabled, id, &model::connection::id) > 0;
      is_wanted ? thread->wake() : thread->ask_to_stop();
    }
    return start_missing(enabled);
  }

private:
  // Whether another connection to the file has written since the last look; our own threads have, too.
  result<bool> see_change() {
    SPILLWAY_TRY_ASSIGN(const auto version, state_.database().query_number("PRAGMA data_version"));
    return std::exchange(seen_version_, version.value_or(0)) != version.value_or(0) || threads_.empty();
  }

  result<void> start_missing(const std::vector<model::connection>& enabled) {
    for (const model::connection& each : enabled) {
      if (threads_.contains(each.id)) {
        continue;
      }
      if (threads_.size() == agents_max) {
        say_that_it_waits(each);
        continue;
      }
      waiting_.erase(each.id);
      SPILLWAY_TRY_ASSIGN(store::state_file shared, state_.share());
      threads_.emplace(each.id, std::make_unique<agent_thread>(std::move(shared), each, world_, report_, reporting_));
    }
    return {};
  }

  // Once: it begins when one of the others is disabled.
  void say_that_it_waits(const model::connection& of) {
    if (!waiting_.insert(of.id).second) {
      return;
    }
    step_report said{of, {}};
    said.outcome.failed = failure{errc::too_large, "running",
                                  fmt::format("{} other connections are enabled, and no more are at work", agents_max),
                                  "use several state files"};
    const std::scoped_lock lock(reporting_);
    report_(said);
  }

  store::state_file& state_;
  agent_world& world_;
  const report_sink& report_;
  std::set<model::connection_id> waiting_;
  std::int64_t seen_version_ = -1;
  std::mutex reporting_;
  std::map<model::connection_id, std::unique_ptr<agent_thread>> threads_;
};

// Steps until nothing is due any more; one failure ends it.
result<step_outcome> work_off(agent& of, const agent_world& world, std::stop_token stop) {
  step_outcome all;
  for (;;) {
    SPILLWAY_TRY_ASSIGN(step_outcome made, of.step(patience::none, stop));
    // What is open, gathered or has failed is named by every step; it is what the last one has found.
    for (auto* listed : {&all.done.open, &all.done.gathered}) {
      listed->clear();
    }
    all.done.failures.clear();
    all.done += made.done;
    std::ranges::move(made.failed_backfills, std::back_inserter(all.failed_backfills));
    all.failed = std::move(made.failed);
    all.next = made.next;
    if (all.failed || !all.next || *all.next > world.clock.now()) {
      return all;
    }
  }
}

}  // namespace

result<std::vector<step_report>> run_once(store::state_file& state, agent_world& world, std::stop_token stop) {
  SPILLWAY_TRY_ASSIGN(const std::vector<model::connection> enabled, list_enabled(state.database()));
  std::vector<std::future<result<step_outcome>>> pending;
  base::thread_pool pool(std::clamp<std::size_t>(enabled.size(), 1, agents_at_once));
  for (const model::connection& each : enabled) {
    // The state file is shared when its turn has come: each has several open files.
    pending.push_back(
        base::run_on<result<step_outcome>>(pool, [&state, &each, &world, stop](std::size_t) -> result<step_outcome> {
          SPILLWAY_TRY_ASSIGN(store::state_file shared, state.share());
          agent at_work(std::move(shared), each.id, world);
          return work_off(at_work, world, stop);
        }));
  }
  for (auto& each : pending) {
    each.wait();
  }
  std::vector<step_report> reports;
  for (std::size_t i = 0; i < enabled.size(); ++i) {
    SPILLWAY_TRY_ASSIGN(step_outcome outcome, pending[i].get());
    reports.push_back({enabled[i], std::move(outcome)});
  }
  return reports;
}

result<void> run(store::state_file& state, agent_world& world, std::stop_token stop, const report_sink& report) {
  crew all(state, world, report);
  while (!stop.stop_requested()) {
    SPILLWAY_TRY(all.follow_state_file());
    base::wait_unless_stopped(stop, look_interval);
  }
  return {};
}

}  // namespace spillway::connection
