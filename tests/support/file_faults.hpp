// Has the n-th file operation below a directory fail: libc's functions that Spillway and SQLite use are interposed in
// the test binary, and do nothing of their own until a test arms them. Every thread counts, so that with several n is
// no exact place; a sweep goes on until no fault was fired.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace spillway::test {

enum class file_fault {
  error,        // operation n fails with EIO and has done nothing; a close has closed
  short_write,  // write n (of several bytes) takes half of them
  full,         // from write n on the disk is full: nothing can be made or made longer
  dead,         // from operation n on all but closes fail with EIO
};

// Thread rule: one at a time in the process; made and ended while nobody works below the directory.
class file_faults {
public:
  // An absolute path without links in it.
  explicit file_faults(const std::filesystem::path& below);
  ~file_faults();
  file_faults(const file_faults&) = delete;
  file_faults& operator=(const file_faults&) = delete;

  // Operations are counted from here, those that `kind` can strike alone.
  void arm(file_fault kind, std::int64_t nth);
  void disarm();

  bool has_fired() const;
  std::string fired_at() const;  // "fsync of /tmp/.../1/1_2020-01-25_14#1.json.gz"; empty: none

  // Files that were synced behind a sync that failed, with bytes that the kernel has dropped meanwhile and that nobody
  // has written again: it says that all is well. SQLite's files alone may be written again, others are to be thrown
  // away. Directories are left out. Journaling file systems end all writing when an entry can't be made durable, and
  // say so ever after. Lasts through disarm(), as through a restart of the process.
  std::vector<std::string> repeated_syncs() const;

  // Directories in `below` (".spillway" left out) in which a name was made, replaced or removed since they were synced.
  std::vector<std::string> unsynced_directories(const std::filesystem::path& below) const;
  // The same of files: those with bytes that were written since their last sync.
  std::vector<std::string> unsynced_files(const std::filesystem::path& below) const;
};

}  // namespace spillway::test
