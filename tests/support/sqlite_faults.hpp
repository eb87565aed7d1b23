// Has the n-th step that SQLite takes on its files fail, beneath SQLite: a VFS in front of the usual one. SQLite's own
// paths behind such a failure are taken as they are behind a disk's.
#pragma once

#include <cstdint>
#include <string>

namespace spillway::test {

enum class sqlite_fault {
  error,  // step n fails as the disk would have it: SQLITE_IOERR_WRITE, _READ, _FSYNC, _TRUNCATE, _SHMMAP, _LOCK ...
  full,   // from write n on there is no space
  busy,   // from lock n on somebody else has it, for longer than anybody waits; nothing is waited for
};

// Thread rule: one at a time in the process. Databases that are opened while it lives go through it, and are closed
// before it ends.
class sqlite_faults {
public:
  sqlite_faults();
  ~sqlite_faults();
  sqlite_faults(const sqlite_faults&) = delete;
  sqlite_faults& operator=(const sqlite_faults&) = delete;

  // Steps are counted from here, those that `kind` can strike alone.
  void arm(sqlite_fault kind, std::int64_t nth);
  void disarm();

  std::string fired_at() const;  // "xWrite of /tmp/.../state.db-wal"; empty: none
};

}  // namespace spillway::test
