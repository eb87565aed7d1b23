#include "db/statement_cache.hpp"

#include <algorithm>
#include <functional>
#include <iterator>

#include <sqlite3.h>

namespace spillway::db {
namespace {

// More than an export asks over and over, and a quarter of a megabyte.
constexpr std::size_t statements_max = 32;

// SQLite does some of what a PRAGMA asks for while compiling it: run again, it would say what was so then.
bool may_wait(std::string_view sql) { return !sql.starts_with("PRAGMA"); }

}  // namespace

// A statement ends also where memory has, and must not need any.
statement_cache::statement_cache() { waiting_.reserve(statements_max); }

sqlite3_stmt* statement_cache::take(std::string_view sql) {
  const std::size_t hash = std::hash<std::string_view>()(sql);
  const auto found = std::find_if(waiting_.rbegin(), waiting_.rend(), [&](const waiting& each) {
    return each.hash == hash && sqlite3_sql(each.compiled) == sql;
  });
  if (found == waiting_.rend()) {
    return nullptr;
  }
  sqlite3_stmt* const taken = found->compiled;
  waiting_.erase(std::next(found).base());
  return taken;
}

void statement_cache::give_back(sqlite3_stmt* used) {
  const std::string_view sql = used == nullptr ? std::string_view() : sqlite3_sql(used);
  if (sql.empty() || !may_wait(sql)) {
    sqlite3_finalize(used);
    return;
  }
  sqlite3_reset(used);
  sqlite3_clear_bindings(used);
  if (waiting_.size() == statements_max) {
    sqlite3_finalize(waiting_.front().compiled);
    waiting_.erase(waiting_.begin());
  }
  waiting_.push_back({std::hash<std::string_view>()(sql), used});
}

void statement_cache::clear() {
  for (const waiting& each : waiting_) {
    sqlite3_finalize(each.compiled);
  }
  waiting_.clear();
}

}  // namespace spillway::db
