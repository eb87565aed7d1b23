// The write-ahead log of a state file that was not closed in order. Its last commit may be one whose sync has failed,
// which was reported as failed: then the kernel has dropped some of its pages, and shows them in memory as if they were
// on the disk. Nothing may be committed behind such pages: a power cut would take everything from there on.
#pragma once

#include "base/result.hpp"
#include "db/sqlite.hpp"

#include <filesystem>

namespace spillway::store {

// Writes all bytes of the log again, as they are, and syncs them: only what is written again is on the disk behind a
// sync that failed. Nobody commits meanwhile. No log is no failure. Behind a failure the log must stay
// (db::database::leave_log).
// REQUIRES: `state` is the database of `path`, outside of a transaction.
result<void> repair_log(db::database& state, const std::filesystem::path& path);

}  // namespace spillway::store
