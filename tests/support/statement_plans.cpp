#include "support/statement_plans.hpp"

#include "support/check_result.hpp"

#include <algorithm>
#include <mutex>

#include <sqlite3.h>

namespace spillway::test {
namespace {

std::mutex guard;
std::vector<std::string> noted;

int note(unsigned, void*, void* statement, void*) {
  const std::scoped_lock lock(guard);
  noted.emplace_back(sqlite3_sql(static_cast<sqlite3_stmt*>(statement)));
  return 0;
}

int watch(sqlite3* opened, const char**, const void*) {
  return sqlite3_trace_v2(opened, SQLITE_TRACE_STMT, note, nullptr);
}

// SQLite takes any function here, and calls it as one like watch().
void (*entry_point())() { return reinterpret_cast<void (*)()>(watch); }

}  // namespace

statement_plans::statement_plans() {
  noted.clear();
  BOOST_REQUIRE(sqlite3_auto_extension(entry_point()) == SQLITE_OK);
}

statement_plans::~statement_plans() { sqlite3_cancel_auto_extension(entry_point()); }

std::string statement_plans::last_with(std::string_view part, db::database& state) const {
  std::string sql;
  {
    const std::scoped_lock lock(guard);
    const auto found = std::find_if(noted.rbegin(), noted.rend(), [part](const std::string& each) {
      return each.find(part) != std::string::npos && !each.starts_with("EXPLAIN");
    });
    BOOST_REQUIRE_MESSAGE(found != noted.rend(), part);
    sql = "EXPLAIN QUERY PLAN " + *found;
  }
  auto rows = state.query(sql);
  REQUIRE_OK(rows);
  std::string plan;
  while (rows->step().value()) {
    plan += std::string(rows->text(3)) + "\n";
  }
  return plan;
}

}  // namespace spillway::test
