// Every connection at work, side by side: each on a thread of its own, so that none waits for another's bucket.
#pragma once

#include "connection/agent.hpp"
#include "store/state_file.hpp"

#include <functional>
#include <stop_token>
#include <vector>

namespace spillway::connection {

// At most so many connections are at work; ours. More wait for their turn in `run --once`; by `run` each is reported
// once, and begun when another one was disabled.
inline constexpr std::size_t agents_max = 256;

struct step_report {
  model::connection connection;
  step_outcome outcome;
};
using report_sink = std::function<void(const step_report&)>;

// One round: every enabled connection does what is due, and its backfills to their end, whatever failed before. By id.
// REQUIRES: the worker lock. errc::interrupted: `stop` was asked; what had begun was finished.
result<std::vector<step_report>> run_once(store::state_file& state, agent_world& world, std::stop_token stop);

// Goes on until `stop` is asked: hour by hour, and with the connections, backfills and switches that come meanwhile in
// the state file. Ends at an object's boundary. `report` is called with what was delivered or has failed, one call at a
// time.
// REQUIRES: the worker lock. A failure is one of the state file.
result<void> run(store::state_file& state, agent_world& world, std::stop_token stop, const report_sink& report);

}  // namespace spillway::connection
