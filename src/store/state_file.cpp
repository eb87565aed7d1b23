#include "store/state_file.hpp"

#include "store/backup_file.hpp"
#include "store/catalog_check.hpp"
#include "store/file_lock.hpp"
#include "store/log_repair.hpp"
#include "store/missing_pages.hpp"
#include "store/new_file.hpp"
#include "store/schema.hpp"

#include <cerrno>
#include <chrono>

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace spillway::store {
namespace {

// open() says which file it is.
failure wrong_file(errc code, std::string cause) { return {code, {}, std::move(cause), {}}; }

constexpr const char* hint_to_name_it =
    "name the state file with --state FILE, or take events in first: spillway ingest INPUT...";

result<fs::descriptor> open_file(const std::filesystem::path& path, access wanted) {
  if (std::error_code ignored; std::filesystem::is_directory(path, ignored)) {
    return failure{errc::io, fmt::format("opening state file {}", path.string()), "it is a directory",
                   fmt::format("name a file: --state {}", (path / "spillway.db").string())};
  }
  const int flags = (wanted == access::read ? O_RDONLY : O_RDWR) | (wanted == access::create ? O_CREAT : 0);
  // Without O_NONBLOCK, opening a FIFO would wait for its other end, whatever is asked meanwhile.
  fs::descriptor opened(::open(path.c_str(), flags | O_NONBLOCK | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!opened) {
    failure failed = base::from_errno(errno, fmt::format("opening state file {}", path.string()));
    if (failed.code == errc::not_found && wanted != access::create) {
      failed.hint = hint_to_name_it;
    }
    return failed;
  }
  return opened;
}

// What can't be a state file in use, as far as its inode tells.
result<void> check_kind(int file, access wanted) {
  struct stat state{};
  if (::fstat(file, &state) != 0) {
    return base::from_errno(errno, {});
  }
  if (!S_ISREG(state.st_mode)) {
    return failure{errc::io, {}, "it is no regular file", "name another one: --state FILE"};
  }
  if (wanted == access::read && state.st_size == 0) {
    return failure{errc::not_found, {}, "it is empty", hint_to_name_it};
  }
  // SQLite's log and locks are of a name: who came by the other one would neither see nor wait for what is in the log.
  if (wanted != access::read && state.st_nlink > 1) {
    return failure{errc::usage,
                   {},
                   fmt::format("it has {} names (hard links)", state.st_nlink),
                   "remove the others, or make them symbolic links: its log can belong to one name only"};
  }
  return {};
}

// Where no file can be made, as in a snapshot that is mounted read-only, a file without a log is read as it is: who
// works on it has a log beside it.
result<db::open_mode> mode_for(const std::filesystem::path& path, access wanted) {
  if (wanted != access::read) {
    return db::open_mode::read_write;
  }
  SPILLWAY_TRY_ASSIGN(const std::uint64_t log_bytes, bytes_of_log(path));
  const std::filesystem::path directory = path.has_parent_path() ? path.parent_path() : ".";
  const bool can_make_files = ::faccessat(AT_FDCWD, directory.c_str(), W_OK, AT_EACCESS) == 0;
  return can_make_files || log_bytes > 0 ? db::open_mode::read_only : db::open_mode::immutable;
}

// Where the disk is full there is no room for the index of a log, but a file without one can be read all the same.
bool may_be_read_alone(const std::filesystem::path& path, access wanted) {
  const auto log_bytes = bytes_of_log(path);
  return wanted == access::read && log_bytes && *log_bytes == 0;
}

result<void> check_version(db::database& database) {
  SPILLWAY_TRY_ASSIGN(const auto id, database.query_number("PRAGMA application_id"));
  SPILLWAY_TRY_ASSIGN(const auto version, database.query_number("PRAGMA user_version"));
  if (id.value_or(0) != application_id) {
    return wrong_file(errc::corrupt, "it is an SQLite database, but not of Spillway");
  }
  if (version.value_or(0) > schema_version) {
    failure newer =
        wrong_file(errc::usage, fmt::format("it has version {}, this Spillway knows {}", *version, schema_version));
    newer.hint = "use the newer Spillway that made it";
    return newer;
  }
  if (version.value_or(0) < schema_version) {
    failure older = wrong_file(
        errc::usage, fmt::format("it has version {}, and this Spillway knows {} alone", *version, schema_version));
    older.hint = "take the events in again: spillway ingest INPUT... --state FILE, with another file";
    return older;
  }
  return {};
}

constexpr int cache_kib = 8192;
// Segments are read once and in order. Twelve pages that stay in a core's cache are faster to read into than 128 that
// do not.
constexpr int reader_cache_kib = 768;

// SQLite counts the cache in pages, with the page size that it knows of: before the first read that is 4 KiB, and the
// cache would grow to 16 times what was asked for. REQUIRES: something was read.
result<void> bound_memory(db::database& database, int kib) {
  return database.execute(fmt::format("PRAGMA cache_size=-{}; PRAGMA temp_store=MEMORY", kib).c_str());
}

result<void> require(db::database& database, const char* pragma, std::int64_t wanted) {
  SPILLWAY_TRY_ASSIGN(const auto found, database.query_number(pragma));
  if (found.value_or(-1) != wanted) {
    return wrong_file(errc::state, fmt::format("{} is {}, not {}", pragma, found.value_or(-1), wanted));
  }
  return {};
}

// FULL syncs the WAL at every commit: less loses acknowledged events at a power cut.
result<void> be_durable(db::database& database) {
  SPILLWAY_TRY(database.execute("PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON"));
  return require(database, "PRAGMA synchronous", 2);
}

result<db::database> open_another(const db::database& first, db::open_mode mode) {
  SPILLWAY_TRY_ASSIGN(db::database opened, first.open_another(mode));
  SPILLWAY_TRY(opened.query_number("PRAGMA user_version"));
  SPILLWAY_TRY(bound_memory(opened, reader_cache_kib));
  return opened;
}

// As the kernel has it; opening says what is wrong with more.
constexpr int links_max = 40;

// Who only looks whether a worker is there holds the lock too, for microseconds.
constexpr std::chrono::milliseconds lookers_wait{20};

bool has_worker(int file) {
  const auto is_free = is_file_lock_free(file);
  return !is_free || !*is_free;
}

// Who closes the file in order takes the log away: it was left by a kill or a power cut, or somebody is at the catalog.
// REQUIRES: no worker but this process.
result<void> see_to_left_log(db::database& database, const std::filesystem::path& path) {
  SPILLWAY_TRY_ASSIGN(const std::uint64_t log_bytes, bytes_of_log(path));
  if (log_bytes == 0) {
    return {};
  }
  SPILLWAY_TRY(repair_log(database, path));
  return check_catalog(database);
}

// Looks at a file that was opened, and has it used as state files are.
result<void> settle(db::database& database, const std::filesystem::path& path, access wanted) {
  // Triggers and views of a file that somebody else made must not run functions with side effects.
  SPILLWAY_TRY(database.execute("PRAGMA trusted_schema=OFF"));
  SPILLWAY_TRY(check_version(database));
  SPILLWAY_TRY(check_all_pages(database, path));
  SPILLWAY_TRY(bound_memory(database, cache_kib));
  if (wanted == access::read) {
    return {};
  }
  SPILLWAY_TRY(be_durable(database));
  // Debian builds SQLite to overwrite what is deleted with zeros: every piece of a tail would be written twice.
  SPILLWAY_TRY(database.execute("PRAGMA secure_delete=OFF"));
  // A page that leaves the cache before its commit may be written to the log twice, and then the sums of all frames
  // behind it are made anew, from the file. What a commit holds is bounded by who makes it.
  SPILLWAY_TRY(database.execute("PRAGMA cache_spill=OFF"));
  SPILLWAY_TRY(require(database, "SELECT journal_mode='wal' FROM pragma_journal_mode", 1));
  return require(database, "PRAGMA page_size", 65536);
}

}  // namespace

std::filesystem::path file_behind(std::filesystem::path path) {
  std::error_code failed;
  for (int links = 0; links < links_max && std::filesystem::is_symlink(path, failed); ++links) {
    path = path.parent_path() / std::filesystem::read_symlink(path, failed);
  }
  return path;
}

result<state_file> state_file::open(const std::filesystem::path& given, access wanted) {
  const auto named = [&given](failure failed) {
    return base::while_doing(fmt::format("opening state file {}", given.string()), std::move(failed));
  };
  const std::filesystem::path path = file_behind(given);
  if (const auto checked = check_emptiness(path); !checked) {
    return named(checked.error());
  }
  SPILLWAY_TRY_ASSIGN(fs::descriptor file, open_file(path, wanted));
  if (const auto checked = check_kind(file.get(), wanted); !checked) {
    return named(checked.error());
  }
  if (wanted != access::read) {  // an empty one may be in the making
    auto made = make_if_empty(path, std::move(file));
    if (!made) {
      return named(made.error());
    }
    file = std::move(*made);
  }
  const auto mode = mode_for(path, wanted);
  if (!mode) {
    return named(mode.error());
  }
  const auto before = fs::state_of(file.get());
  if (!before) {
    return named(before.error());
  }
  const auto open_as = [&](db::open_mode how) -> result<state_file> {
    SPILLWAY_TRY_ASSIGN(db::database database, db::database::open(path, how));
    auto settled = settle(database, path, wanted);
    const bool had_worker = wanted == access::read || has_worker(file.get());
    if (settled && !had_worker) {
      // Also for a catalog change: when it is closed, the log is gone, and with it what tells that somebody was killed.
      settled = see_to_left_log(database, path);
    }
    if (!settled) {
      database.leave_log();
      return settled.error();
    }
    state_file opened(path, std::move(file), std::move(database));
    opened.is_log_seen_to_ = !had_worker;
    if (how == db::open_mode::immutable) {
      opened.read_unlocked_ = before->identity;
    }
    return opened;
  };
  auto opened = open_as(*mode);
  if (!opened && opened.error().code == errc::no_space && may_be_read_alone(path, wanted)) {
    opened = open_as(db::open_mode::immutable);
  }
  return opened ? std::move(opened) : named(opened.error());
}

result<db::database> state_file::open_reader() const { return open_another(database_, db::open_mode::read_only); }
result<db::database> state_file::open_copier() const { return open_another(database_, db::open_mode::read_write); }

result<db::database> state_file::open_writer() const {
  SPILLWAY_TRY_ASSIGN(db::database opened, open_another(database_, db::open_mode::read_write));
  SPILLWAY_TRY(be_durable(opened));
  return opened;
}

result<state_file> state_file::share() const {
  SPILLWAY_TRY_ASSIGN(db::database opened, open_writer());
  return state_file(path_, fs::descriptor(), std::move(opened));
}

result<void> state_file::become_worker(std::string_view doing, const base::clock& clock) {
  const auto taken = take_file_lock(lock_.get(), lookers_wait);
  if (!taken) {
    return base::while_doing(fmt::format("locking state file {}", path_.string()), taken.error());
  }
  if (!*taken) {
    SPILLWAY_TRY_ASSIGN(db::statement holder, database_.prepare("SELECT pid, doing FROM worker"));
    SPILLWAY_TRY_ASSIGN(const bool found, holder.step());
    return failure{errc::locked, fmt::format("locking state file {}", path_.string()),
                   found ? fmt::format("process {} ({}) is working on it", holder.number(0), holder.text(1))
                         : std::string("another process is working on it"),
                   {}};
  }
  // The worker that had the file when it was opened may have been killed since.
  if (!is_log_seen_to_) {
    if (const auto seen_to = see_to_left_log(database_, path_); !seen_to) {
      database_.leave_log();
      return base::while_doing(fmt::format("opening state file {}", path_.string()), seen_to.error());
    }
    is_log_seen_to_ = true;
  }
  SPILLWAY_TRY_ASSIGN(db::statement write,
                      database_.prepare("INSERT OR REPLACE INTO worker(id, pid, doing, since) VALUES(1, ?, ?, ?)"));
  return write.run(std::int64_t{::getpid()}, doing, base::to_us(clock.now()));
}

result<void> state_file::become_migrator() {
  const auto taken = take_migration_lock(lock_.get());
  const std::string doing = fmt::format("locking state file {}", path_.string());
  if (!taken) {
    return base::while_doing(doing, taken.error());
  }
  return *taken ? result<void>()
                : failure{errc::locked, doing, "another process is migrating a connection, or rolling that back", {}};
}

result<void> state_file::check_unchanged() const {
  if (!read_unlocked_) {
    return {};
  }
  SPILLWAY_TRY_ASSIGN(const fs::entry_state now, fs::state_of(lock_.get()));
  if (now.identity != *read_unlocked_) {
    return failure{errc::locked,
                   {},
                   "it was changed while it was read, where nothing can be locked",
                   "run it where a file can be made beside it, or once nobody works on it"};
  }
  return {};
}

result<void> state_file::backup(const std::filesystem::path& target) {
  auto copied = write_backup(database_, target, [this] { return check_unchanged(); });
  return copied ? copied
                : base::while_doing(fmt::format("copying the state file to {}", target.string()), copied.error());
}

}  // namespace spillway::store
