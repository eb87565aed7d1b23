// Compiled statements that were used before, and wait to be used again: of short ones, compiling takes ten times as
// long as running.
#pragma once

#include <string_view>
#include <vector>

struct sqlite3_stmt;

namespace spillway::db {

// Thread rule: as its database, whose end it must come before.
class statement_cache {
public:
  statement_cache();
  ~statement_cache() { clear(); }
  statement_cache(const statement_cache&) = delete;
  statement_cache& operator=(const statement_cache&) = delete;

  // One of exactly this text, which belongs to the caller then. Null: none waits.
  sqlite3_stmt* take(std::string_view sql);

  // Without values and rows it waits here from now on. Where too many wait, the first of them goes.
  void give_back(sqlite3_stmt* used);

  void clear();

private:
  std::vector<sqlite3_stmt*> waiting_;  // what was given back last, last
};

}  // namespace spillway::db
