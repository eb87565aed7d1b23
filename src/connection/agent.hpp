// One connection at work: plans and delivers what is due, goes on with its backfills, and knows what failures ask for.
// A step is a function of the state file, the bucket and the clock; threads and waiting are the scheduler's.
#pragma once

#include "connection/delivery.hpp"
#include "connection/incidents.hpp"
#include "export/run.hpp"
#include "store/backfill_log.hpp"
#include "store/connections.hpp"

#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

namespace spillway::connection {

// What agents share. Everything outlives them.
struct agent_world {
  const base::clock& clock;
  bucket_opener open;
  std::function<double()> random;     // in [0, 1); of retries
  incident_sink tell;                 // an incident has begun, or is over
  std::size_t threads = 1;            // of each agent
  exporting::open_hours open_hours = exporting::open_hours::leave;
  std::mutex planning{};  // planning seals the tails of hours, which connections of one project share
};

enum class patience {
  scheduled,  // waits between tries, as trouble.hpp says
  none,       // tries now: somebody has asked
};

struct step_outcome {
  exporting::summary done;
  std::vector<failure> failed_backfills;  // that ended now
  std::optional<failure> failed;          // that ended the step; it is tried again at `next`
  std::optional<base::instant> next;      // when something may be due; none: the connection is gone or disabled

  // Of hours, then of backfills: what an operator must look at. The others went on.
  std::vector<failure> failures() const;
};

// Thread rule: one thread at a time; several agents may share a world.
class agent {
public:
  // `state` is its own (state_file::share).
  agent(store::state_file state, model::connection_id connection, agent_world& world)
      : state_(std::move(state)), id_(connection), world_(world) {}

  // Failures of the state file are returned; those of the bucket are in the outcome.
  result<step_outcome> step(patience how, std::stop_token stop);

private:
  struct subject {
    model::connection connection;
    model::project project;
  };
  result<std::optional<subject>> read_subject();
  result<void> recover_own_jobs();
  result<void> work(const subject& on, patience how, std::stop_token stop, step_outcome& outcome);
  result<void> deliver_due(const subject& on, const exporting::settings& wanted, const exporting::delivery_world& world,
                           step_outcome& outcome);
  result<bool> work_on_backfill(const subject& on, const exporting::settings& usual,
                                const exporting::delivery_world& world, step_outcome& outcome);
  base::instant retry_time(int failures);
  void note_failed_hours(const exporting::summary& done);
  result<void> note_success(const subject& on, const store::undelivered& waited);
  result<void> note_failure(const subject& on, const failure& failed, step_outcome& outcome);

  store::state_file state_;
  const model::connection_id id_;
  agent_world& world_;
  std::optional<opened_bucket> opened_;
  int failures_ = 0;  // in a row, of those that pass
  base::instant retry_at_{};
  base::instant backfill_at_{};  // when one that was refused is tried again by itself
  // Of hours that an operator must look at; they are tried again, and backfills do not wait for them.
  int failed_rounds_ = 0;  // in a row
  base::instant hours_retry_at_{};
  // Jobs that have been running since before the first step: in the hands of the connection that had the history.
  std::optional<std::vector<std::int64_t>> handed_over_;
};

}  // namespace spillway::connection
