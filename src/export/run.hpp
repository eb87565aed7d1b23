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
  std::vector<failure> failures;       // of jobs that an operator must look at; the others went on
};

struct progress {
  std::int64_t hours = 0;
  std::int64_t hours_total = 0;
  std::int64_t events = 0;
  std::int64_t bytes = 0;
};
using progress_sink = std::function<void(const progress&)>;

// Plans every hour that needs it: after this the ledger knows all jobs. Open and gathered hours are only named.
result<summary> plan_all(store::state_file& state, const settings& wanted, const base::clock& clock);

// Delivers every job of the destination that is not delivered, side by side on `wanted.threads` threads, and adds to
// `plans`, which plan_all gave. REQUIRES: the worker lock.
// A conflict fails its own job only. Any other failure ends the run: its job is `waiting` again, as are those not begun.
// errc::interrupted: `stop` was asked; jobs that had begun were finished.
result<summary> deliver_all(store::state_file& state, bucket::bucket& to, const settings& wanted, summary plans,
                            const base::clock& clock, std::stop_token stop, const progress_sink& report);

}  // namespace spillway::exporting
