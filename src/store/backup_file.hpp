// A copy of a state file: it appears under its name whole and durable, or not at all.
//
//   /backups/copy.db                    renamed to it, never over another file
//   /backups/.copy.db.spillway-backup   while it is written, and locked by who writes; one that a kill has left is
//                                       written anew
#pragma once

#include "base/result.hpp"
#include "db/sqlite.hpp"

#include <filesystem>
#include <functional>

namespace spillway::store {

// Copies all of `state` to `target`, also while others write to it. Only its owner can read the copy. `is_whole` is
// asked once all is copied; its failure ends the copy. errc::usage: `target` ends in '/'. errc::conflict: it is there.
// errc::locked: another process copies to it just now.
result<void> write_backup(db::database& state, const std::filesystem::path& target,
                          const std::function<result<void>()>& is_whole);

}  // namespace spillway::store
