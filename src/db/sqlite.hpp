// SQLite with results for errors and values for rows: a connection, a statement, a transaction. No SQL is written here.
//
// Thread rule: a database and everything made from it belong to one thread at a time. Two databases may be open on one
// file, in one process or in several.
//
// Disks that fail: the kernel drops what it could not write, and says of the next sync that all is well. So behind an
// I/O error no database syncs the write-ahead log again, which it would do when it is closed, nor does one that was
// made from it by open_another(), or that it was made from. The log stays; who opens the file next sees to it
// (store/log_repair.hpp).
#pragma once

#include "base/result.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace spillway::db {

class statement;
class transaction;

// What SQLite may keep beside the file of a database: its journal, its log, and the log's index.
std::vector<std::filesystem::path> files_beside(const std::filesystem::path& path);
// Removes them, for a database that is thrown away, or is not there yet.
void remove_beside(const std::filesystem::path& path);

enum class open_mode {
  read_only,
  // Read only, of a file without a log that nobody changes meanwhile. No file is made beside it, which SQLite does
  // otherwise also to read.
  immutable,
  read_write,
  create,
};

class database {
public:
  // errc::not_found: no such file (unless `create`). SQLite looks at the file no sooner than it has to: that it is no
  // database, or a damaged one, is errc::corrupt of the first statement.
  static result<database> open(const std::filesystem::path& path, open_mode mode);
  // The same file once more, for another thread. Of an immutable one it is so too, whatever the mode.
  result<database> open_another(open_mode mode) const;
  ~database();
  database(database&& other) noexcept;
  database& operator=(database&& other) noexcept;

  // One or more statements without parameters and rows.
  result<void> execute(const char* sql);

  // One that was used before is used again (db/statement_cache.hpp). REQUIRES: the statement does not outlive the
  // database.
  result<statement> prepare(std::string_view sql);

  // Prepares one statement, binds `values` in order, and does it to its end.
  template <class... Values>
  result<void> run(std::string_view sql, const Values&... values);

  // Prepares one query and binds `values` in order: step() then goes through its rows. REQUIRES: texts and blobs among
  // `values` outlive the statement.
  template <class... Values>
  result<statement> query(std::string_view sql, const Values&... values);

  // The first column of the first row of a query without parameters; nullopt without a row.
  result<std::optional<std::int64_t>> query_number(std::string_view sql);

  // Memory that this connection's pages take now.
  std::int64_t cached_bytes() const;

  std::int64_t last_insert_id() const;
  std::int64_t changes() const;  // rows of the last INSERT, UPDATE or DELETE

  // Copies what is in the write-ahead log to the database file, without waiting for who reads or writes meanwhile: what
  // they add may stay behind. The log is used again from its front once all of it was copied.
  struct log_state {
    std::int64_t pages = 0;         // in the log
    std::int64_t copied_pages = 0;  // of these
  };
  result<log_state> checkpoint();

  // To be called when an I/O error was met on the log by other ways than this, or when something is wrong with what is
  // in the file and its log: the log is not synced any more, and stays as it is. Otherwise closing would copy it onto
  // the file and delete it, and who opens that next would not find what was found here.
  void leave_log();

  // Copies the whole database to `target`, also while it is written to.
  result<void> copy_to(const std::filesystem::path& target);

private:
  struct connection;
  explicit database(std::unique_ptr<connection> opened);
  static result<database> open(const std::filesystem::path& path, open_mode mode,
                               std::shared_ptr<std::atomic<bool>> has_io_error);
  friend class statement;
  friend class transaction;
  std::unique_ptr<connection> connection_;
};

class statement {
public:
  ~statement();
  statement(statement&& other) noexcept;
  statement& operator=(statement&& other) noexcept;

  // Parameters are numbered from 1. Texts and blobs are not copied: they must live until the next reset() or run().
  void bind(int index, std::int64_t value);
  void bind(int index, std::string_view text);
  void bind_blob(int index, std::string_view blob);
  void bind_null(int index);

  // Binds everything in order, then does the statement to its end. Strings are bound as text.
  template <class... Values>
  result<void> run(const Values&... values) {
    reset();
    int index = 0;
    (bind_any(++index, values), ...);
    SPILLWAY_TRY(step());
    reset();
    return {};
  }
  // The same for a query: then step() through its rows.
  template <class... Values>
  void start(const Values&... values) {
    reset();
    int index = 0;
    (bind_any(++index, values), ...);
  }

  // True: a row is there. False: done.
  result<bool> step();
  void reset();

  // Of the current row, columns from 0. Texts and blobs live until the next step() or reset().
  std::int64_t number(int column) const;
  std::string_view text(int column) const;
  std::string_view blob(int column) const;
  bool is_null(int column) const;

  // A number that is from `min` to `max` in every file that is whole. Another is `min` here, and makes collect() and
  // collect_one() fail with errc::corrupt.
  std::int64_t number_within(int column, std::int64_t min, std::int64_t max) const;
  // What `parse` makes of a text that it knows in every file that is whole. Another is its first value here, and makes
  // them fail, too.
  template <class Parse>
  auto word(int column, Parse parse) const {
    const auto known = parse(text(column));
    is_damaged_ = is_damaged_ || !known;
    return known.value_or(std::remove_cvref_t<decltype(*known)>());
  }
  // Whether all values of number_within() and word() so far were such. errc::corrupt.
  result<void> check_values() const;

private:
  friend class database;
  statement(database::connection& of, sqlite3_stmt* compiled) : connection_(&of), compiled_(compiled) {}
  void bind_any(int index, std::int64_t value) { bind(index, value); }
  void bind_any(int index, int value) { bind(index, std::int64_t{value}); }
  void bind_any(int index, std::string_view value) { bind(index, value); }
  void bind_any(int index, const std::string& value) { bind(index, std::string_view(value)); }
  void bind_any(int index, const char* value) { bind(index, std::string_view(value)); }
  void bind_any(int index, struct as_blob value);
  void bind_any(int index, std::nullopt_t) { bind_null(index); }
  template <class Value>
  void bind_any(int index, const std::optional<Value>& value) {
    value ? bind_any(index, *value) : bind_null(index);
  }

  database::connection* connection_ = nullptr;
  sqlite3_stmt* compiled_ = nullptr;
  mutable bool is_damaged_ = false;  // number_within() or word() found what can't be
};

// Marks bytes that run() and start() bind as a blob.
struct as_blob {
  std::string_view bytes;
};

inline void statement::bind_any(int index, as_blob value) { bind_blob(index, value.bytes); }

template <class... Values>
result<void> database::run(std::string_view sql, const Values&... values) {
  SPILLWAY_TRY_ASSIGN(statement compiled, prepare(sql));
  return compiled.run(values...);
}

template <class... Values>
result<statement> database::query(std::string_view sql, const Values&... values) {
  SPILLWAY_TRY_ASSIGN(statement compiled, prepare(sql));
  compiled.start(values...);
  return compiled;
}

// What `read` makes of every row that is left.
template <class Read>
auto collect(statement rows, Read read) -> result<std::vector<decltype(read(rows))>> {
  std::vector<decltype(read(rows))> all;
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const bool more, rows.step());
    if (!more) {
      return all;
    }
    all.push_back(read(rows));
    SPILLWAY_TRY(rows.check_values());
  }
}

// What `read` makes of the next row, if there is one.
template <class Read>
auto collect_one(statement rows, Read read) -> result<std::optional<decltype(read(rows))>> {
  SPILLWAY_TRY_ASSIGN(const bool found, rows.step());
  if (!found) {
    return std::nullopt;
  }
  auto row = read(rows);
  SPILLWAY_TRY(rows.check_values());
  return std::optional(std::move(row));
}

// Rolls back what was not committed when it ends.
class transaction {
public:
  // Takes the write lock at once, so that nothing fails half-way because another process writes too.
  static result<transaction> begin(database& on);
  // For reading alone: one view of the file for several queries, as it is at the first of them. Within a transaction
  // there is one already, and this does nothing.
  static result<transaction> begin_reading(database& on);
  ~transaction();
  transaction(transaction&& other) noexcept;
  transaction& operator=(transaction&&) = delete;

  // Durable when it returns.
  result<void> commit();

private:
  explicit transaction(database* on) : database_(on) {}
  database* database_;
};

}  // namespace spillway::db
