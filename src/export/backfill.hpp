// Past hours made right: exactly one copy of each event, and a marker that is true. What the ledger has recorded is
// kept; only what is missing in the bucket, or differs, is put again.
#pragma once

#include "export/deliver.hpp"
#include "export/run.hpp"

namespace spillway::exporting {

// Does the hours of wanted.hours, which has an end, and adds to `done`: plans what no plan holds yet, compares what was
// delivered with what is there, and delivers the rest. Hours whose segments were pruned are left as they are, and
// named. REQUIRES: as deliver_all; all hours of the range have ended. errc::conflict: foreign objects are there and
// settings::foreign does not say to replace them; of these hours nothing was changed.
result<void> backfill_hours(store::state_file& state, const model::project& project,
                            const model::connection& connection, const settings& wanted, const delivery_world& world,
                            summary& done);

}  // namespace spillway::exporting
