// The one file in which everything durable is: opened, checked, locked, copied.
//
// Thread rule: a state_file belongs to one thread. Threads that only read segments open a reader each.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "db/sqlite.hpp"
#include "fs/descriptor.hpp"
#include "fs/file_identity.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

namespace spillway::store {

enum class access {
  read,    // look only; the file must be there
  change,  // to write to it; the file must be there
  create,  // the same, and it is made if it is not there: for what may be the first to be said of it
};

// The file that links lead to from `path`, be it there or not. SQLite keeps its log beside that file, not beside a
// link.
std::filesystem::path file_behind(std::filesystem::path path);

class state_file {
public:
  // WAL, synchronous=FULL, 64 KiB pages, mode 0600; settings are read back.
  // errc::not_found: no such file, or with access::create no such directory. errc::corrupt: no state file, or damaged;
  // to whoever may change it also if a killed worker has left a log, and the catalog does not add up. errc::usage: made
  // by another version; or to be changed, and it has more names than one (hard links).
  static result<state_file> open(const std::filesystem::path& path, access wanted);

  db::database& database() { return database_; }
  const std::filesystem::path& path() const { return path_; }  // of the file itself, where a link was given

  // A second connection for reading on another thread.
  result<db::database> open_reader() const;

  // One that copies the write-ahead log on another thread, and writes nothing else.
  result<db::database> open_copier() const;

  // One for short transactions on other threads. Thread rule: one thread at a time.
  result<db::database> open_writer() const;

  // The same file for another thread of this process, which must end before this one: the lock stays here.
  result<state_file> share() const;

  // Takes the worker lock, which intake and delivery need, and writes down who holds it. The kernel gives it back when
  // the process ends, however it ends. errc::locked: another process has it; the cause says which, doing what.
  result<void> become_worker(std::string_view doing, const base::clock& clock);

  // Takes the lock of migrations, which may be at work beside a worker, and gives it back in the same way.
  // errc::locked: another process has it. REQUIRES: not access::read, and not share().
  result<void> become_migrator();

  // Copies the file, also while it is in use: `target` is there whole, or not at all (store/backup_file.hpp).
  // errc::conflict: `target` is there. errc::locked: the file was changed meanwhile, and is where nothing can be
  // locked.
  result<void> backup(const std::filesystem::path& target);

private:
  result<void> check_unchanged() const;

  state_file(std::filesystem::path path, fs::descriptor lock, db::database database)
      : path_(std::move(path)), lock_(std::move(lock)), database_(std::move(database)) {}

  std::filesystem::path path_;
  // Closed after the database (members end in reverse order): closing any descriptor of a file takes away all POSIX
  // locks that the process has on it, SQLite's too.
  fs::descriptor lock_;
  db::database database_;
  // As it was when it was opened without SQLite's locks; else nothing.
  std::optional<fs::file_identity> read_unlocked_;
  bool is_log_seen_to_ = false;  // a log that a kill had left was written again, and the catalog checked
};

}  // namespace spillway::store
