#include "db/statement_cache.hpp"

#include "db/sqlite.hpp"
#include "support/check_result.hpp"
#include "support/temp_dir.hpp"

#include <string>

#include <sqlite3.h>

namespace spillway::db::statement_cache_tests {
namespace {

// What waits, and what is compiled for it.
struct fixture {
  sqlite3* handle = nullptr;
  statement_cache cache;

  fixture() { BOOST_REQUIRE(sqlite3_open(":memory:", &handle) == SQLITE_OK); }
  ~fixture() {
    cache.clear();
    BOOST_TEST(sqlite3_close(handle) == SQLITE_OK);  // fails if a statement is left
  }
  sqlite3_stmt* compile(const std::string& sql) {
    sqlite3_stmt* compiled = nullptr;
    BOOST_REQUIRE(sqlite3_prepare_v2(handle, sql.c_str(), -1, &compiled, nullptr) == SQLITE_OK);
    return compiled;
  }
};

BOOST_FIXTURE_TEST_SUITE(db_statement_cache, fixture)

BOOST_AUTO_TEST_CASE(a_statement_waits_for_who_asks_for_its_text_next) {
  sqlite3_stmt* const one = compile("SELECT 1");
  sqlite3_stmt* const two = compile("SELECT 2");
  cache.give_back(one);
  cache.give_back(two);
  BOOST_TEST(cache.take("SELECT 3") == nullptr);
  BOOST_TEST(cache.take("SELECT 1") == one);
  BOOST_TEST(cache.take("SELECT 1") == nullptr);
  cache.give_back(one);
}

BOOST_AUTO_TEST_CASE(it_has_neither_values_nor_a_row_then) {
  sqlite3_stmt* const used = compile("SELECT ?");
  BOOST_REQUIRE(sqlite3_bind_int(used, 1, 5) == SQLITE_OK);
  BOOST_REQUIRE(sqlite3_step(used) == SQLITE_ROW);
  cache.give_back(used);
  BOOST_TEST(sqlite3_stmt_busy(used) == 0);
  BOOST_REQUIRE(cache.take("SELECT ?") == used);
  BOOST_REQUIRE(sqlite3_step(used) == SQLITE_ROW);
  BOOST_TEST(sqlite3_column_type(used, 0) == SQLITE_NULL);
  cache.give_back(used);
}

BOOST_AUTO_TEST_CASE(a_pragma_is_compiled_each_time) {
  cache.give_back(compile("PRAGMA cache_size"));
  BOOST_TEST(cache.take("PRAGMA cache_size") == nullptr);
}

BOOST_AUTO_TEST_CASE(of_too_many_the_one_that_was_used_longest_ago_goes) {
  for (int i = 0; i < 1000; ++i) {
    cache.give_back(compile("SELECT " + std::to_string(i)));
  }
  BOOST_TEST(cache.take("SELECT 900") == nullptr);
  sqlite3_stmt* const last = cache.take("SELECT 999");
  BOOST_TEST(last != nullptr);
  cache.give_back(last);
}

// What a database has compiled before follows its tables.
BOOST_AUTO_TEST_CASE(a_statement_that_waited_knows_what_was_changed_meanwhile) {
  const test::temp_dir dir;
  database one = database::open(dir / "some.db", open_mode::create).value();
  database other = database::open(dir / "some.db", open_mode::read_write).value();
  REQUIRE_OK(one.execute("CREATE TABLE t(a); INSERT INTO t VALUES(1)"));
  BOOST_TEST(one.query_number("SELECT max(a) FROM t").value().value() == 1);
  REQUIRE_OK(other.execute("DROP TABLE t; CREATE TABLE t(b, a); INSERT INTO t VALUES(8, 2)"));
  BOOST_TEST(one.query_number("SELECT max(a) FROM t").value().value() == 2);
  REQUIRE_OK(other.execute("DROP TABLE t"));
  BOOST_TEST(!one.query_number("SELECT max(a) FROM t").has_value());
}

// Two queries of the same text at once, as they come when one is asked for each row of another.
BOOST_AUTO_TEST_CASE(statements_of_one_text_do_not_disturb_each_other) {
  const test::temp_dir dir;
  database file = database::open(dir / "some.db", open_mode::create).value();
  constexpr std::string_view sql = "SELECT value FROM (SELECT 1 AS value UNION ALL SELECT 2) WHERE value>=?";
  for (int round = 0; round < 2; ++round) {
    auto outer = file.query(sql, 1).value();
    BOOST_TEST(outer.step().value());
    auto inner = file.query(sql, 2).value();
    BOOST_TEST(inner.step().value());
    BOOST_TEST(inner.number(0) == 2);
    BOOST_TEST(outer.number(0) == 1);
    BOOST_TEST(outer.step().value());
    BOOST_TEST(outer.number(0) == 2);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::db::statement_cache_tests
