// Segments that nobody needs any more, and the space that they took.
//
// The ledger and the duplicate index stay: what was delivered is known, and does not come in again. The beginning of an
// hour's text is gone then (E1 in store/event_store.hpp); events that are late are delivered behind it as always.
//
// Thread rule: as the database.
#pragma once

#include "model/connection.hpp"
#include "store/event_store.hpp"

#include <string>
#include <vector>

namespace spillway::store {

struct prunable_hour {
  hour_key key;
  std::int64_t segments = 0;
  std::int64_t events = 0;         // in these
  std::int64_t deflate_bytes = 0;  // of these
};

// What becomes of hours of which the filter of every connection that has delivered them left events out: these are in
// no bucket.
enum class filtered_hours { stay, go };

// Hours before `end` with segments, whose every event is delivered for each connection of the project: at least one,
// and none that has not done it and is to. One of `export` is to do every hour, one that is enabled, or was within the
// last day (it may go on where it stopped, model::takeover_time_max), those from its start and those that it served
// before a break; and all are to do what they have planned, and what a backfill asks of them.
result<std::vector<prunable_hour>> list_prunable_hours(db::database& state, model::hour end, base::instant now,
                                                       filtered_hours filtered);

// Drops the segments of the first `hours_max` of them, in the order of projects and hours, that are behind `behind`
// (one of project 0: of all), and says which these were; empty if there are no more. They are looked at and dropped in
// one transaction, since an hour may have got late events, or a connection that is to deliver it, a moment ago.
// REQUIRES: no open transaction.
result<std::vector<prunable_hour>> prune_hours(db::database& state, model::hour end, base::instant now,
                                               filtered_hours filtered, const hour_key& behind, std::int64_t hours_max);

// Why hours before `end` stay.
struct hour_keeper {
  enum class why { to_deliver, not_delivered, filtered } reason = why::to_deliver;
  model::connection_id connection = 0;  // of why::to_deliver: that has not delivered them and is to
  std::string destination;
  std::int64_t hours = 0;  // several may keep the same
};

// Connections in their order, then what nothing has delivered and is to, then what filters left events of
// (filtered_hours::stay); without those that keep none.
result<std::vector<hour_keeper>> list_hour_keepers(db::database& state, model::hour end, base::instant now,
                                                   filtered_hours filtered);

// Hands pages that are free back to the file system, so many at most, and says whether more are left. The file gets
// shorter with the next checkpoint.
enum class free_pages { none, some };
result<free_pages> give_back(db::database& state, std::int64_t pages_max);

}  // namespace spillway::store
