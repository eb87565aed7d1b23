// What whoever is to change something looks at where somebody did not come to an end: SQLite's quick check of the
// tables without events, and whether the accounts of these and of the events agree.
//
// After a kill or a power cut nothing is ever found here; after a write-ahead log that was cut or taken away, the file
// may be a mixture of two moments, which SQLite can't see. It takes as long as the catalog is large, not the events:
// segments are added up from their index, and their bytes are left unread.
#pragma once

#include "base/result.hpp"
#include "db/sqlite.hpp"

namespace spillway::store {

// errc::corrupt: something does not fit; the cause says what.
result<void> check_catalog(db::database& state);

}  // namespace spillway::store
