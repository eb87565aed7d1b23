// Merged Amplitude IDs of every organization, by the hour of `merge_server_time`. A record is kept once.
//
// Thread rule: as the database. Writing functions need a transaction only when several of them belong together.
//
// Invariants:
// M1  The records of an hour have an order that never changes: a new one comes behind all that are there, and none is
//     ever taken away. What is planned as the first N of an hour is the same records for ever.
// M2  merge_record.hour is the hour of its merge_server_time.
#pragma once

#include "base/result.hpp"
#include "db/sqlite.hpp"
#include "model/hour.hpp"
#include "model/merge.hpp"
#include "model/project.hpp"

#include <cstdint>
#include <vector>

namespace spillway::store {

struct merge_hour {
  model::hour hour;
  std::int64_t merges = 0;  // at least 1
  friend bool operator==(const merge_hour&, const merge_hour&) = default;
};

// False: a record of the same five values is there already, and nothing was added. REQUIRES: its organization is there.
result<bool> add_merge(db::database& state, const model::merge& added);

// The hours that have records, by hour.
result<std::vector<merge_hour>> list_merge_hours(db::database& state, model::organization_id organization);

// The first `count_max` records of an hour in the order in which they were taken in; fewer if there are not so many.
result<std::vector<model::merge>> read_merges(db::database& state, model::organization_id organization,
                                              model::hour hour, std::int64_t count_max);

}  // namespace spillway::store
