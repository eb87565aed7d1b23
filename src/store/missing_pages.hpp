// Was a state file cut? Every page of it must be in the file or in its write-ahead log; SQLite itself takes bytes that
// a file has no more for zeros, and would hand out half a segment.
//
// Who cuts files: copies that were broken off, repairs of file systems, disks that lie about syncs. A kill and a power
// cut do not: what the file lacks then is in the log.
#pragma once

#include "base/result.hpp"
#include "db/sqlite.hpp"

#include <cstdint>
#include <filesystem>

namespace spillway::store {

// `path` is that of the file itself everywhere here, and never a link (store/state_file.hpp, file_behind).

// Where SQLite keeps the write-ahead log of a file.
std::filesystem::path log_of(const std::filesystem::path& path);
// Its length; 0 without one.
result<std::uint64_t> bytes_of_log(const std::filesystem::path& path);

// To be called before the file is opened or made: SQLite deletes the log of an empty file without a word, and with it
// what was committed. errc::corrupt: the file is empty or not there, and its log is not empty.
result<void> check_emptiness(const std::filesystem::path& path);

// Looks at the length of the file, and only where it is too short at the log too: 24 bytes of each page there.
// REQUIRES: `state` is the database of `path`, outside of a transaction. errc::corrupt: a page is missing.
result<void> check_all_pages(db::database& state, const std::filesystem::path& path);

}  // namespace spillway::store
