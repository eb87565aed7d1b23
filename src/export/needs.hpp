// Which hours of a connection are to be delivered, and why the others are not.
#pragma once

#include "export/settings.hpp"
#include "store/event_store.hpp"

#include <vector>

namespace spillway::exporting {

// What is to be done about one hour of one project.
enum class need {
  nothing,  // all of it is planned or delivered
  plan,     // it has events that no object holds yet, or is empty and has no marker
  gather,   // its late events wait: for late_partition_interval, or for a delivery of the hour that is under way
  open,     // it has not ended
  pruned,   // it has events that no object holds, and none of them is in the store any more
};

struct hour_need {
  store::hour_key key;
  need what = need::nothing;
  std::int64_t events = 0;            // of it that are in the store
  std::int64_t text_bytes = 0;        // of these
  std::int64_t unplanned_events = 0;  // that no plan holds yet
  std::int64_t planned_bytes = 0;     // of its text, that is planned
  std::int64_t pruned_bytes = 0;      // of its text, that are not in the store any more
};

// Are events among those that no object holds which are not in the store any more?
constexpr bool is_partly_pruned(const hour_need& of) { return of.planned_bytes < of.pruned_bytes; }

// The state of the hours of a connection, as settings::hours says. Only reads.
result<std::vector<hour_need>> find_needs(db::database& state, const model::project& project,
                                          const model::connection& connection, const settings& wanted,
                                          base::instant now);

}  // namespace spillway::exporting
