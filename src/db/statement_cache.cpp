#include "db/statement_cache.hpp"

#include <algorithm>

#include <sqlite3.h>

namespace spillway::db {
namespace {

// More than an export asks over and over, and a quarter of a megabyte.
constexpr std::size_t statements_max = 32;

// SQLite does some of what a PRAGMA asks for while compiling it: run again, it would say what was so then.
bool may_wait(std::string_view sql) { return !sql.starts_with("PRAGMA"); }

std::string_view text_of(sqlite3_stmt* compiled) { return sqlite3_sql(compiled); }

}  // namespace

// A statement ends also where memory has, and must not need any.
statement_cache::statement_cache() { waiting_.reserve(statements_max); }

sqlite3_stmt* statement_cache::take(std::string_view sql) {
  const auto found = std::ranges::find(waiting_, sql, [](sqlite3_stmt* each) { return text_of(each); });
  if (found == waiting_.end()) {
    return nullptr;
  }
  sqlite3_stmt* const taken = *found;
  waiting_.erase(found);
  return taken;
}

void statement_cache::give_back(sqlite3_stmt* used) {
  if (!may_wait(text_of(used))) {
    sqlite3_finalize(used);
    return;
  }
  sqlite3_reset(used);
  sqlite3_clear_bindings(used);
  if (waiting_.size() == statements_max) {
    sqlite3_finalize(waiting_.front());
    waiting_.erase(waiting_.begin());
  }
  waiting_.push_back(used);
}

void statement_cache::clear() {
  for (sqlite3_stmt* const each : waiting_) {
    sqlite3_finalize(each);
  }
  waiting_.clear();
}

}  // namespace spillway::db
