// Makes a state file: whole and durable under another name, and then renamed, so that what is there is a state file
// with all of its tables, or empty. A file that is made in place can be cut off in the middle, and its first page may
// be one that a disk has dropped.
//
//   /var/lib/spillway/state.db        empty, and locked by who makes it
//   /var/lib/spillway/state.db.new    renamed to it; one that a kill has left is written anew
#pragma once

#include "base/result.hpp"
#include "fs/descriptor.hpp"

#include <filesystem>

namespace spillway::store {

// Has an empty file replaced by one with tables: by this process, or by one that does so just now, for which it waits.
// Gives the descriptor of the file that is there then, `file` itself if that is not empty.
// REQUIRES: `file` is open for `path`, which is no link. errc::locked: another process has held the file for half a
// minute.
result<fs::descriptor> make_if_empty(const std::filesystem::path& path, fs::descriptor file);

}  // namespace spillway::store
