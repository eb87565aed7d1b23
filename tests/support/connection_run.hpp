// A state file with connections, buckets in memory, and agents that deliver: as `spillway run` does it, step by step.
#pragma once

#include "connection/agent.hpp"
#include "connection/life_cycle.hpp"
#include "connection/set_up.hpp"
#include "support/ingest_run.hpp"
#include "support/memory_bucket.hpp"
#include "support/unreliable_bucket.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace spillway::test {

// "s3://one" of "s3://one/prefix".
inline std::string bucket_of(const std::string& place) { return place.substr(0, place.find('/', 5)); }

class connection_run : public ingest_run {
public:
  connection_run() : ingest_run(1) {
    clock.set(test_start + std::chrono::minutes{17});
    wanted.rules.now = test_now;
    REQUIRE_OK(store::add_project(state.database(), {1, 1, {}, {}, 0}, clock.now()));
  }

  model::connection like(const std::string& place, model::project_id project = 1) const {
    model::connection made;
    made.project = project;
    made.place = {place};
    return made;
  }
  connection::created create(const model::connection& like) {
    REQUIRE_OK(connection::check_allowed(state.database(), like));
    auto change = db::transaction::begin(state.database()).value();
    const auto made = connection::add(state.database(), like, clock.now());
    REQUIRE_OK(made);
    REQUIRE_OK(change.commit());
    return *made;
  }
  connection::created create(const std::string& place) { return create(like(place)); }
  void disable(model::connection_id id) { REQUIRE_OK(connection::disable(state.database(), id, clock.now())); }
  connection::enabled enable(model::connection_id id) {
    auto change = db::transaction::begin(state.database()).value();
    const auto made = connection::enable(state.database(), id, clock.now());
    REQUIRE_OK(made);
    REQUIRE_OK(change.commit());
    return *made;
  }
  result<void> remove(model::connection_id id) {
    auto change = db::transaction::begin(state.database()).value();
    SPILLWAY_TRY(connection::remove(state.database(), id, clock.now()));
    return change.commit();
  }
  void wait(std::chrono::seconds time) { clock.set(clock.now() + time); }
  void wait(std::chrono::hours time) { clock.set(clock.now() + time); }

  // `count` events of the hour that is `hours` behind test_start.
  void add_events(std::size_t count, std::int64_t hours = 0, model::project_id project = 1) {
    raw_event first;
    first.app = project;
    first.uploaded_at = test_start + std::chrono::hours{hours};
    const std::string name = "batch-" + std::to_string(++batches_);
    REQUIRE_OK(try_take({write(name, to_lines(count, first, std::chrono::milliseconds{1}, name))}));
  }
  model::hour hour(std::int64_t hours = 0) const { return {model::hour_of(test_start).number + hours}; }

  std::shared_ptr<memory_bucket> bucket(const std::string& name) {
    auto& found = buckets_[name];
    found = found ? found : std::make_shared<memory_bucket>(clock, name);
    return found;
  }
  unreliable_bucket& door(const std::string& name) { return *open_door(name); }
  std::string keys(const std::string& name) {
    std::string all;
    for (const auto& [key, body] : bucket(name)->tree()) {
      all += key + "\n";
    }
    return all;
  }

  connection::agent agent_of(model::connection_id id) { return {state.share().value(), id, world}; }
  connection::step_outcome step(connection::agent& of, connection::patience how = connection::patience::scheduled) {
    auto made = of.step(how, {});
    REQUIRE_OK(made);
    return *made;
  }
  connection::step_outcome step(model::connection_id id) {
    connection::agent one = agent_of(id);
    return step(one, connection::patience::none);
  }
  std::vector<store::job_row> jobs() { return store::list_jobs(state.database()).value(); }

  std::function<void()> on_open = [] {};
  std::vector<notify::incident_event> told;
  connection::agent_world world{
      clock,
      [this](const model::connection& of) -> result<connection::opened_bucket> {
        on_open();
        const std::string name = bucket_of(of.place.destination);
        const bool has_prefix = of.place.destination.size() > name.size();
        return connection::opened_bucket{open_door(name),
                                         has_prefix ? of.place.destination.substr(name.size() + 1) : "",
                                         {}};
      },
      [] { return 0.5; },
      [this](const notify::incident&, notify::incident_event what) {
        const std::lock_guard turn(together_);
        told.push_back(what);
      }};

private:
  std::shared_ptr<unreliable_bucket> open_door(const std::string& name) {
    const std::lock_guard turn(together_);
    auto& found = doors_[name];
    found = found ? found : std::make_shared<unreliable_bucket>(bucket(name), clock, 1);
    return found;
  }
  std::mutex together_;  // connections do their work side by side
  std::map<std::string, std::shared_ptr<memory_bucket>> buckets_;
  std::map<std::string, std::shared_ptr<unreliable_bucket>> doors_;
  int batches_ = 0;
};

}  // namespace spillway::test
