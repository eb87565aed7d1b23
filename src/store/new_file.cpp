#include "store/new_file.hpp"

#include "db/sqlite.hpp"
#include "fs/atomic_file.hpp"
#include "fs/directory.hpp"
#include "fs/file_identity.hpp"
#include "store/file_lock.hpp"
#include "store/schema.hpp"

#include <chrono>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>

namespace spillway::store {
namespace {

// Making the tables takes milliseconds; after so long something else is wrong.
constexpr std::chrono::seconds making_wait_max{30};

result<void> make_tables(const std::filesystem::path& path) {
  SPILLWAY_TRY_ASSIGN(db::database database, db::database::open(path, db::open_mode::read_write));
  // Who makes the file syncs it once, and throws it away if anything fails.
  SPILLWAY_TRY(database.execute("PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF"));
  // Both can be set only before the first table, and outside of a transaction.
  SPILLWAY_TRY(database.execute("PRAGMA page_size=65536; PRAGMA auto_vacuum=INCREMENTAL"));
  SPILLWAY_TRY_ASSIGN(db::transaction made, db::transaction::begin(database));
  SPILLWAY_TRY(database.execute(schema_sql));
  SPILLWAY_TRY(database.execute(
      fmt::format("PRAGMA application_id={}; PRAGMA user_version={}", application_id, schema_version).c_str()));
  SPILLWAY_TRY(made.commit());
  // The last, so that nothing is in a log that only closing would copy, which can't say that it has failed.
  return database.execute("PRAGMA journal_mode=WAL");
}

void remove_with_journals(const std::string& path) {
  ::unlink(path.c_str());
  db::remove_beside(path);
}

result<void> make_under(const std::string& temporary, const std::filesystem::path& path) {
  // Made here and not by SQLite, so that nobody else can ever read it: SQLite's -wal and -shm take its mode.
  const fs::descriptor file(::open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file) {
    return base::from_errno(errno, "making it");
  }
  SPILLWAY_TRY(make_tables(temporary));
  if (::fsync(file.get()) != 0) {
    return base::from_errno(errno, "making it");
  }
  SPILLWAY_TRY_ASSIGN(const fs::descriptor directory, fs::open_directory(path.parent_path()));
  if (const int error_number = fs::rename_entry(AT_FDCWD, temporary, AT_FDCWD, path, fs::replace::yes);
      error_number != 0) {
    return base::from_errno(error_number, "making it");
  }
  return fs::sync_directory(directory.get(), path.string());
}

// REQUIRES: the lock of the empty file.
result<void> make_whole(const std::filesystem::path& path) {
  // Of a link, what it points to.
  std::error_code failed;
  const std::filesystem::path target = std::filesystem::canonical(path, failed);
  if (failed) {
    return base::from_errno(failed.value(), "making it");
  }
  const std::string temporary = target.string() + ".new";
  remove_with_journals(temporary);
  auto made = make_under(temporary, target);
  if (!made) {
    remove_with_journals(temporary);
  }
  return made;
}

result<fs::descriptor> reopen(const std::filesystem::path& path) {
  fs::descriptor opened(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  return opened ? result<fs::descriptor>(std::move(opened)) : base::from_errno(errno, "opening it again");
}

}  // namespace

result<fs::descriptor> make_if_empty(const std::filesystem::path& path, fs::descriptor file) {
  SPILLWAY_TRY_ASSIGN(const fs::entry_state found, fs::state_of(file.get()));
  if (found.kind != fs::entry_kind::file || found.identity.bytes > 0) {
    return file;
  }
  const auto taken = take_file_lock(file.get(), making_wait_max);
  if (!taken) {
    return base::while_doing("locking it", taken.error());
  }
  if (!*taken) {
    return failure{errc::locked, {}, "it is empty, and another process holds it", {}};
  }
  SPILLWAY_TRY_ASSIGN(fs::descriptor now, reopen(path));
  SPILLWAY_TRY_ASSIGN(const fs::entry_state there, fs::state_of(now.get()));
  if (there.identity.bytes > 0) {
    return now;  // another process was faster
  }
  SPILLWAY_TRY(make_whole(path));
  return reopen(path);
}

}  // namespace spillway::store
