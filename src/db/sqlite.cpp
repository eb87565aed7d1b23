#include "db/sqlite.hpp"

#include "db/statement_cache.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace spillway::db {
namespace {

// How long a statement waits for another process's transaction. Ours are short; a backup reads without blocking.
constexpr int busy_timeout_ms = 30'000;

errc code_of(int sqlite_code) {
  switch (sqlite_code & 0xff) {
    case SQLITE_FULL: return errc::no_space;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return errc::locked;
    case SQLITE_CANTOPEN: return errc::not_found;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return errc::corrupt;
    case SQLITE_PERM:
    case SQLITE_READONLY: return errc::io;
    default: return errc::state;
  }
}

// Neither a block nor a file can be had where the database is.
bool is_disk_full(sqlite3* handle) {
  const char* path = sqlite3_db_filename(handle, "main");
  struct statvfs disk{};
  return path != nullptr && ::statvfs(path, &disk) == 0 &&
         (disk.f_bavail == 0 || (disk.f_files != 0 && disk.f_favail == 0));
}

// What keeps SQLite from making files beside a database that is there. 0: nothing.
int error_of_directory(sqlite3* handle) {
  const char* path = sqlite3_db_filename(handle, "main");
  if (path == nullptr || ::access(path, F_OK) != 0) {
    return 0;
  }
  const std::filesystem::path directory = std::filesystem::path(path).parent_path();
  return ::faccessat(AT_FDCWD, directory.c_str(), W_OK, AT_EACCESS) == 0 ? 0 : errno;
}

// What the operating system said, where that tells more than SQLite's "unable to open" and "disk I/O error". 0: no
// more.
int system_error_of(sqlite3* handle, int sqlite_code) {
  const int primary = sqlite_code & 0xff;
  if (primary == SQLITE_NOMEM || sqlite_code == SQLITE_IOERR_NOMEM) {
    return ENOMEM;
  }
  if (handle != nullptr && primary == SQLITE_READONLY) {
    return error_of_directory(handle);
  }
  if (handle == nullptr || (primary != SQLITE_CANTOPEN && primary != SQLITE_IOERR)) {
    return 0;
  }
  const int error_number = sqlite3_system_errno(handle);
  switch (error_number) {
    case EACCES:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOSPC:
    case EROFS: return error_number;
    default: break;
  }
  // A log or an index that could not be made is tried to be read: errno is of that.
  if (is_disk_full(handle)) {
    return ENOSPC;
  }
  return primary == SQLITE_CANTOPEN ? error_of_directory(handle) : 0;
}

failure failure_of(sqlite3* handle, int sqlite_code) {
  if (const int error_number = system_error_of(handle, sqlite_code); error_number != 0) {
    return base::from_errno(error_number, "using the state file");
  }
  const char* text = handle != nullptr ? sqlite3_errmsg(handle) : sqlite3_errstr(sqlite_code);
  return {code_of(sqlite_code), "using the state file", text, {}};
}

int flags_of(open_mode mode) {
  switch (mode) {
    case open_mode::read_only: return SQLITE_OPEN_READONLY;
    case open_mode::immutable: return SQLITE_OPEN_READONLY | SQLITE_OPEN_URI;
    case open_mode::read_write: return SQLITE_OPEN_READWRITE;
    case open_mode::create: break;
  }
  return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
}

// "/var/lib/a?b.db" to "file:///var/lib/a%3fb.db?immutable=1". Source: SQLite's "Uniform Resource Identifiers".
std::string immutable_uri(const std::filesystem::path& path) {
  std::string uri = path.is_absolute() ? "file://" : "file:";
  for (const char each : path.string()) {
    switch (each) {
      case '%': uri += "%25"; break;
      case '?': uri += "%3f"; break;
      case '#': uri += "%23"; break;
      default: uri += each;
    }
  }
  return uri + "?immutable=1";
}

// SQLite reads ":memory:" and "file:..." otherwise than as names of files; behind "./" they are.
std::string plain_name(const std::filesystem::path& path) {
  const std::string name = path.string();
  return name.starts_with(':') || name.starts_with("file:") ? "./" + name : name;
}

}  // namespace

std::vector<std::filesystem::path> files_beside(const std::filesystem::path& path) {
  return {path.string() + "-journal", path.string() + "-wal", path.string() + "-shm"};
}

void remove_beside(const std::filesystem::path& path) {
  for (const std::filesystem::path& each : files_beside(path)) {
    ::unlink(each.c_str());
  }
}

// What a database is made of, at one place in memory for its statements.
struct database::connection {
  connection(sqlite3* opened, open_mode how, std::shared_ptr<std::atomic<bool>> shared)
      : handle(opened), mode(how), has_io_error(std::move(shared)) {}
  ~connection() {
    if (has_io_error->load()) {
      sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    }
    statements.clear();  // SQLite closes nothing that statements are left of
    sqlite3_close(handle);
  }
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  failure failed(int code) const {
    if ((code & 0xff) == SQLITE_IOERR) {
      has_io_error->store(true);
    }
    return failure_of(handle, code);
  }

  sqlite3* const handle;
  const open_mode mode;
  const std::shared_ptr<std::atomic<bool>> has_io_error;
  statement_cache statements;
};

database::database(std::unique_ptr<connection> opened) : connection_(std::move(opened)) {}
database::~database() = default;
database::database(database&& other) noexcept = default;
database& database::operator=(database&& other) noexcept = default;

result<database> database::open(const std::filesystem::path& path, open_mode mode,
                                std::shared_ptr<std::atomic<bool>> has_io_error) {
  sqlite3* handle = nullptr;
  const std::string name = mode == open_mode::immutable ? immutable_uri(path) : plain_name(path);
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags_of(mode) | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code != SQLITE_OK) {
    failure failed = failure_of(handle, code);
    sqlite3_close(handle);
    return failed;
  }
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, busy_timeout_ms);
  return database(std::make_unique<connection>(handle, mode, std::move(has_io_error)));
}

result<database> database::open(const std::filesystem::path& path, open_mode mode) {
  return open(path, mode, std::make_shared<std::atomic<bool>>(false));
}

result<database> database::open_another(open_mode mode) const {
  return open(sqlite3_db_filename(connection_->handle, "main"),
              connection_->mode == open_mode::immutable ? open_mode::immutable : mode, connection_->has_io_error);
}

result<void> database::execute(const char* sql) {
  const int code = sqlite3_exec(connection_->handle, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) {
    return connection_->failed(code);
  }
  return {};
}

result<statement> database::prepare(std::string_view sql) {
  if (sqlite3_stmt* const waiting = connection_->statements.take(sql); waiting != nullptr) {
    return statement(*connection_, waiting);
  }
  sqlite3_stmt* compiled = nullptr;
  const int code = sqlite3_prepare_v3(connection_->handle, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &compiled, nullptr);
  if (code != SQLITE_OK) {
    return connection_->failed(code);
  }
  return statement(*connection_, compiled);
}

result<std::optional<std::int64_t>> database::query_number(std::string_view sql) {
  SPILLWAY_TRY_ASSIGN(statement query, prepare(sql));
  SPILLWAY_TRY_ASSIGN(const bool found, query.step());
  return found ? std::optional(query.number(0)) : std::nullopt;
}

std::int64_t database::cached_bytes() const {
  int bytes = 0;
  int highest = 0;
  sqlite3_db_status(connection_->handle, SQLITE_DBSTATUS_CACHE_USED, &bytes, &highest, 0);
  return bytes;
}

std::int64_t database::last_insert_id() const { return sqlite3_last_insert_rowid(connection_->handle); }
std::int64_t database::changes() const { return sqlite3_changes64(connection_->handle); }

result<database::log_state> database::checkpoint() {
  int pages = 0;
  int copied_pages = 0;
  const int code =
      sqlite3_wal_checkpoint_v2(connection_->handle, nullptr, SQLITE_CHECKPOINT_PASSIVE, &pages, &copied_pages);
  // Busy: another connection copies already.
  if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) {
    return connection_->failed(code);
  }
  return log_state{pages, copied_pages};
}

void database::leave_log() { connection_->has_io_error->store(true); }

result<void> database::copy_to(const std::filesystem::path& target) {
  SPILLWAY_TRY_ASSIGN(database copy, open(target, open_mode::create));
  sqlite3_backup* backup = sqlite3_backup_init(copy.connection_->handle, "main", connection_->handle, "main");
  if (backup == nullptr) {
    return copy.connection_->failed(sqlite3_errcode(copy.connection_->handle));
  }
  const int code = sqlite3_backup_step(backup, -1);
  sqlite3_backup_finish(backup);
  if (code != SQLITE_DONE) {
    return copy.connection_->failed(code);
  }
  return {};
}

statement::~statement() {
  if (compiled_ != nullptr) {
    connection_->statements.give_back(compiled_);
  }
}
statement::statement(statement&& other) noexcept
    : connection_(other.connection_),
      compiled_(std::exchange(other.compiled_, nullptr)),
      is_damaged_(other.is_damaged_) {}
statement& statement::operator=(statement&& other) noexcept {
  std::swap(connection_, other.connection_);
  std::swap(compiled_, other.compiled_);
  std::swap(is_damaged_, other.is_damaged_);
  return *this;
}

void statement::bind(int index, std::int64_t value) {
  SPILLWAY_ASSERT(sqlite3_bind_int64(compiled_, index, value) == SQLITE_OK);
}
void statement::bind(int index, std::string_view text) {
  // A null pointer would bind NULL; an empty text is something else.
  const char* const data = text.data() == nullptr ? "" : text.data();
  SPILLWAY_ASSERT(sqlite3_bind_text64(compiled_, index, data, text.size(), SQLITE_STATIC, SQLITE_UTF8) == SQLITE_OK);
}
void statement::bind_blob(int index, std::string_view blob) {
  const char* const data = blob.data() == nullptr ? "" : blob.data();
  SPILLWAY_ASSERT(sqlite3_bind_blob64(compiled_, index, data, blob.size(), SQLITE_STATIC) == SQLITE_OK);
}
void statement::bind_null(int index) { SPILLWAY_ASSERT(sqlite3_bind_null(compiled_, index) == SQLITE_OK); }

result<bool> statement::step() {
  const int code = sqlite3_step(compiled_);
  if (code == SQLITE_ROW || code == SQLITE_DONE) {
    return code == SQLITE_ROW;
  }
  failure failed = connection_->failed(code);
  sqlite3_reset(compiled_);
  return failed;
}

void statement::reset() { sqlite3_reset(compiled_); }

std::int64_t statement::number(int column) const { return sqlite3_column_int64(compiled_, column); }

std::string_view statement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(compiled_, column));
  return data == nullptr ? std::string_view()
                         : std::string_view(data, static_cast<std::size_t>(sqlite3_column_bytes(compiled_, column)));
}

std::string_view statement::blob(int column) const {
  const auto* data = static_cast<const char*>(sqlite3_column_blob(compiled_, column));
  return data == nullptr ? std::string_view()
                         : std::string_view(data, static_cast<std::size_t>(sqlite3_column_bytes(compiled_, column)));
}

bool statement::is_null(int column) const { return sqlite3_column_type(compiled_, column) == SQLITE_NULL; }

std::int64_t statement::number_within(int column, std::int64_t min, std::int64_t max) const {
  const std::int64_t found = number(column);
  const bool can_be = found >= min && found <= max;
  is_damaged_ = is_damaged_ || !can_be;
  return can_be ? found : min;
}

result<void> statement::check_values() const {
  return is_damaged_ ? failure{errc::corrupt, "using the state file", "a row has a value that can't be", {}}
                     : result<void>();
}

result<transaction> transaction::begin(database& on) {
  SPILLWAY_TRY(on.run("BEGIN IMMEDIATE"));
  return transaction(&on);
}

result<transaction> transaction::begin_reading(database& on) {
  if (sqlite3_get_autocommit(on.connection_->handle) == 0) {
    return transaction(nullptr);
  }
  SPILLWAY_TRY(on.run("BEGIN"));
  return transaction(&on);
}

transaction::transaction(transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}

transaction::~transaction() {
  if (database_ != nullptr) {
    // Without effect if SQLite has rolled back by itself already, as it does on a full disk.
    (void)database_->execute("ROLLBACK");
  }
}

result<void> transaction::commit() {
  SPILLWAY_TRY(database_->run("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace spillway::db
