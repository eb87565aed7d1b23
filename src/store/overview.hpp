// The state file at a glance: sums that need no row of an event, a job or an input in memory.
//
// Thread rule: as the database. Everything here reads only.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "db/sqlite.hpp"
#include "model/hour.hpp"
#include "model/project.hpp"
#include "store/input_log.hpp"
#include "store/connections.hpp"
#include "store/ledger.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace spillway::store {

// From now on `state` shows one moment, beside whoever writes, until it is closed.
result<void> hold_moment(db::database& state);

struct project_overview {
  model::project project;
  std::int64_t duplicates = 0;
  std::int64_t hours = 0;  // that have events
  std::optional<model::hour> first_hour;
  std::optional<model::hour> last_hour;
};
result<std::vector<project_overview>> overview_of_projects(db::database& state);  // by project

struct input_overview {
  std::int64_t inputs = 0;
  std::int64_t finished = 0;
  input_counts counts;
};
result<input_overview> overview_of_inputs(db::database& state);

// Hours that have events which the destination does not hold, and should: of a connection that was set up, hours before
// its start are only missed where something of them was delivered, or it has served them before a break; of one that
// another has followed to its place, none.
struct missing_events {
  std::int64_t hours = 0;
  std::int64_t events = 0;
};

struct connection_overview {
  model::connection connection;
  std::array<std::int64_t, 5> jobs{};  // by job_state
  std::optional<model::hour> last_delivered;
  missing_events open;     // of hours that end after `now`
  missing_events overdue;  // of hours that have ended
  missing_events pruned;   // that are not in the store any more: it came too late for them
};
// By id.
result<std::vector<connection_overview>> overview_of_connections(db::database& state, base::instant now);

// Who took the worker lock last.
struct worker_row {
  std::int64_t pid = 0;  // in its own PID namespace
  std::string doing;
  base::instant since;
};
result<std::optional<worker_row>> find_worker(db::database& state);

enum class worker_lock { free, held };

// Whether a process has the worker lock just now. errc::not_found: no such file.
// REQUIRES: this process has the state file not open: closing any descriptor of a file takes away SQLite's locks on it.
result<worker_lock> look_at_worker_lock(const std::filesystem::path& path);

}  // namespace spillway::store
