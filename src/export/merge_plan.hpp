// The hours of merged Amplitude IDs: one object an hour, rewritten when late ones come. No marker, and no object for an
// hour without any. Source: the specification's "Merged Amplitude IDs file and data format".
#pragma once

#include "export/settings.hpp"
#include "store/merge_log.hpp"
#include "store/state_file.hpp"

#include <cstdint>
#include <vector>

namespace spillway::exporting {

// The closed hours that have merges which no plan holds: every hour known, since "all merged Amplitude IDs" are
// exported; of a backfill those of its range.
result<std::vector<store::merge_hour>> find_due_merges(db::database& state, const model::project& project,
                                                       const model::connection& connection, const settings& wanted,
                                                       base::instant now);

// Plans these. How many hours they were. errc::locked: as check_unchanged.
result<std::int64_t> plan_merges(store::state_file& state, const model::project& project,
                                 const model::connection& connection, const settings& wanted, base::instant now);

}  // namespace spillway::exporting
