// One export: every closed hour that the store holds, planned and delivered.
#pragma once

#include "base/clock.hpp"
#include "export/plan.hpp"
#include "export/settings.hpp"
#include "store/state_file.hpp"

#include <functional>
#include <stop_token>
#include <vector>

namespace spillway::exporting {

struct waiting_hour {
  store::hour_key key;
  std::int64_t events = 0;
};

struct summary {
  std::int64_t hours = 0;  // delivered now
  std::int64_t empty_hours = 0;  // of these, marked only
  std::int64_t objects = 0;
  std::int64_t events = 0;
  std::int64_t bytes = 0;
  std::vector<waiting_hour> open;      // not ended yet
  std::vector<waiting_hour> gathered;  // late events that wait for the next partition
  std::vector<model::hour> pruned;     // what is missing there is not in the store any more
  std::vector<model::hour> partly_pruned;  // delivered without what is not
  std::vector<failure> failures;       // of hours that an operator must look at; the others went on

  summary& operator+=(const summary& more);
};

struct progress {
  std::int64_t hours = 0;
  std::int64_t hours_total = 0;
  std::int64_t events = 0;
  std::int64_t bytes = 0;
};
using progress_sink = std::function<void(const progress&)>;  // empty: nobody wants to know

// Plans what one connection needs: after this the ledger knows all its jobs. Open and gathered hours are only named,
// and those whose events are damaged in the store are among the failures.
// Thread rule: one at a time for each project, unless wanted.planning sees to it.
// errc::interrupted: `stop` was asked; what was planned stays. errc::locked: the connection is not what it was when it
// was read (check_unchanged).
// REQUIRES: recover_jobs was called since the worker lock was taken; hours whose jobs run are left alone.
result<summary> plan_connection(store::state_file& state, const model::project& project,
                                const model::connection& connection, const settings& wanted, const base::clock& clock,
                                const std::stop_token& stop = {});

// What `export` does: the same for the connection of every project (or of one) to a place, made if it is not there.
// Which connections these are. errc::not_found: there is no such project.
result<std::vector<model::connection>> plan_all(store::state_file& state, const settings& wanted,
                                                std::optional<model::project_id> only_project, const base::clock& clock,
                                                summary& planned, const std::stop_token& stop = {});

struct delivery_world {
  bucket::bucket& to;
  const base::clock& clock;
  std::stop_token stop;
  progress_sink report;
};

// Delivers every job of these connections that is not delivered, side by side on `wanted.threads` threads, and adds to
// `done`. REQUIRES: as plan_connection; they all deliver to wanted.place.
// A conflict fails its own job only, and so do events that are damaged in the store. Any other failure ends the run:
// its job is `waiting` again, as are those not begun.
// errc::interrupted: `stop` was asked; jobs that had begun were finished. errc::locked: as check_unchanged, the same.
result<void> deliver_all(store::state_file& state, const std::vector<model::connection>& connections,
                         const settings& wanted, const delivery_world& world, summary& done);

}  // namespace spillway::exporting
