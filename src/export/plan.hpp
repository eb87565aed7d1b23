// Which objects deliver the hours that need it: written to the ledger before the first byte is sent.
#pragma once

#include "base/thread_pool.hpp"
#include "export/needs.hpp"
#include "store/state_file.hpp"

#include <map>
#include <stop_token>
#include <vector>

namespace spillway::exporting {

// errc::locked: the connection was disabled, or another one has taken its place over, since it was read. What would be
// planned for it now is a second history of the place, and of one that is disabled nothing new is begun. REQUIRES: the
// transaction in which it is planned, or a job of it begun.
result<void> check_unchanged(db::database& state, const model::connection& connection);

// Hours whose events are damaged in the store (errc::corrupt). The others go on.
using damaged_hours = std::map<store::hour_key, failure>;

// The tails of hours that are to be planned, compressed as they are and written as segments.
result<damaged_hours> seal_tails(db::database& state, const model::project& project,
                                 const std::vector<hour_need>& needs, base::thread_pool& pool);

// The objects of the events that are not planned yet: segments in order, a new object where the next one would pass
// object_bytes_max; none where a filter leaves everything out. Reads and hashes every byte. REQUIRES: the tail is
// sealed.
result<std::vector<store::object_row>> make_objects(db::database& reader, const model::project& project,
                                                    const model::connection& connection, const hour_need& which,
                                                    const settings& wanted);

// What the plans of all hours of a connection share.
struct planning {
  store::state_file& state;
  const model::project& project;
  const model::connection& connection;
  const settings& wanted;
  base::thread_pool& pool;
  base::instant now;
  const std::stop_token& stop;
};

// Seals, hashes (on every thread of the pool) and writes the plans of all hours that need one, but for those that are
// damaged. Thread rule: one at a time for each project, since it seals tails.
// errc::interrupted: `stop` was asked between two hours; a few of the last ones are not planned. errc::locked: as
// check_unchanged.
result<damaged_hours> plan_hours(const planning& in, const std::vector<hour_need>& needs);

}  // namespace spillway::exporting
