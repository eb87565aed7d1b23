// Past hours made right: exactly one copy of each event, and a marker that is true. What the ledger has recorded is kept;
// only what is missing in the bucket, or differs, is put again.
#pragma once

#include "export/deliver.hpp"
#include "export/run.hpp"

#include <string>
#include <vector>

namespace spillway::exporting {

// What is wrong with a job's hour in the bucket.
struct hour_findings {
  std::vector<std::int64_t> broken_objects;  // ids of delivered ones that are missing or differ
  std::vector<std::string> foreign_keys;     // of this hour, and no ledger row names them
  bool is_marker_wrong = false;
};

// Only reads. REQUIRES: `plan` has all objects of the hour.
result<hour_findings> inspect_hour(bucket::bucket& in, const job_plan& plan, const settings& wanted);

// Does the hours of wanted.hours, which has an end, and adds to `done`: plans what no plan holds yet, compares what was
// delivered with what is there, and delivers the rest. Hours whose segments were pruned are left as they are, and named.
// REQUIRES: as deliver_all; all hours of the range have ended.
// errc::conflict: foreign objects are there and settings::foreign does not say to replace them; of these hours nothing
// was changed.
result<void> backfill_hours(store::state_file& state, const model::project& project, const model::connection& connection,
                            const settings& wanted, const delivery_world& world, summary& done);

}  // namespace spillway::exporting
