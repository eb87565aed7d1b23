#include "db/sqlite.hpp"

#include "fs/atomic_file.hpp"
#include "support/check_result.hpp"
#include "support/temp_dir.hpp"

#include <string>
#include <utility>

namespace spillway::db::sqlite_tests {
namespace {

struct fixture {
  test::temp_dir dir;
  database file = open(open_mode::create);

  database open(open_mode mode) {
    auto opened = database::open(dir / "some.db", mode);
    REQUIRE_OK(opened);
    return std::move(*opened);
  }
  void make_table() { REQUIRE_OK(file.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, value ANY) STRICT")); }
  std::int64_t count(database& of) {
    const auto found = of.query_number("SELECT count(*) FROM t");
    REQUIRE_OK(found);
    return found->value();
  }
};

BOOST_FIXTURE_TEST_SUITE(db_sqlite, fixture)

BOOST_AUTO_TEST_CASE(values_come_back_as_they_were_bound) {
  make_table();
  const std::string blob("a\0\xff", 3);
  REQUIRE_OK(file.run("INSERT INTO t VALUES(?, ?)", 1, INT64_MIN));
  REQUIRE_OK(file.run("INSERT INTO t VALUES(?, ?)", 2, "text"));
  REQUIRE_OK(file.run("INSERT INTO t VALUES(?, ?)", 3, as_blob{blob}));
  REQUIRE_OK(file.run("INSERT INTO t VALUES(?, ?)", 4, std::nullopt));
  BOOST_TEST(file.changes() == 1);
  BOOST_TEST(file.last_insert_id() == 4);
  auto rows = file.query("SELECT value, typeof(value) FROM t ORDER BY id");
  REQUIRE_OK(rows);
  BOOST_TEST(rows->step().value());
  BOOST_TEST(rows->number(0) == INT64_MIN);
  BOOST_TEST(rows->step().value());
  BOOST_TEST(rows->text(0) == "text");
  BOOST_TEST(rows->text(1) == "text");
  BOOST_TEST(rows->step().value());
  BOOST_TEST(rows->blob(0) == blob);
  BOOST_TEST(rows->text(1) == "blob");
  BOOST_TEST(rows->step().value());
  BOOST_TEST(rows->is_null(0));
  BOOST_TEST(!rows->step().value());
}

BOOST_AUTO_TEST_CASE(an_immutable_file_is_read_without_another_beside_it) {
  for (const char* name : {"a.db", "a%20?b=c#d.db", "?mode=rw"}) {
    const std::filesystem::path path = dir / name;
    {
      auto made = database::open(path, open_mode::create);
      REQUIRE_OK(made);
      REQUIRE_OK(made->execute("PRAGMA journal_mode=WAL; CREATE TABLE t(a); INSERT INTO t VALUES(1)"));
    }
    auto read = database::open(path, open_mode::immutable);
    REQUIRE_OK(read);
    BOOST_TEST(count(*read) == 1);
    auto another = read->open_another(open_mode::read_only);
    REQUIRE_OK(another);
    BOOST_TEST(count(*another) == 1);
    BOOST_TEST(!another->execute("DELETE FROM t").has_value());
    BOOST_TEST(!std::filesystem::exists(path.string() + "-shm"));
  }
}

BOOST_AUTO_TEST_CASE(names_that_sqlite_reads_otherwise_are_files) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(dir.path());
  for (const char* name : {":memory:", "file:x.db?mode=memory", "file:y.db"}) {
    auto opened = database::open(name, open_mode::create);
    REQUIRE_OK(opened);
    REQUIRE_OK(opened->execute("CREATE TABLE t(id INTEGER PRIMARY KEY)"));
    BOOST_TEST(std::filesystem::file_size(name) > 0U);
  }
  std::filesystem::current_path(before);
}

BOOST_AUTO_TEST_CASE(an_empty_text_or_blob_is_not_null) {
  make_table();
  REQUIRE_OK(file.run("INSERT INTO t VALUES(1, ?)", std::string_view()));
  REQUIRE_OK(file.run("INSERT INTO t VALUES(2, ?)", as_blob{}));
  BOOST_TEST(file.query_number("SELECT count(*) FROM t WHERE value IS NULL").value().value() == 0);
  BOOST_TEST(file.query_number("SELECT typeof(value)='blob' FROM t WHERE id=2").value().value() == 1);
}

BOOST_AUTO_TEST_CASE(a_statement_is_run_again_with_other_values) {
  make_table();
  {
    auto insert = file.prepare("INSERT INTO t VALUES(?, ?)");
    REQUIRE_OK(insert);
    for (int i = 1; i <= 5; ++i) {
      REQUIRE_OK(insert->run(i, "value"));
    }
    // A failed run leaves the statement usable.
    BOOST_TEST(!insert->run(5, "again").has_value());
    CHECK_OK(insert->run(6, "value"));
  }
  BOOST_TEST(count(file) == 6);
}

BOOST_AUTO_TEST_CASE(a_query_without_rows_gives_no_number) {
  make_table();
  BOOST_TEST(!file.query_number("SELECT id FROM t").value().has_value());
}

BOOST_AUTO_TEST_CASE(wrong_sql_is_a_failure_that_names_the_flaw) {
  CHECK_FAILS(file.execute("SELECT * FROM nowhere"), errc::state);
  const auto prepared = file.prepare("SELEC 1");
  CHECK_FAILS(prepared, errc::state);
  BOOST_TEST(prepared.error().text().find("SELEC") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_was_not_committed_is_rolled_back) {
  make_table();
  {
    auto open = transaction::begin(file);
    REQUIRE_OK(open);
    REQUIRE_OK(file.run("INSERT INTO t VALUES(1, 1)"));
    const transaction moved = std::move(*open);
  }
  BOOST_TEST(count(file) == 0);
  auto open = transaction::begin(file);
  REQUIRE_OK(open);
  REQUIRE_OK(file.run("INSERT INTO t VALUES(1, 1)"));
  REQUIRE_OK(open->commit());
  BOOST_TEST(count(file) == 1);
}

BOOST_AUTO_TEST_CASE(a_transaction_holds_the_write_lock_from_its_start) {
  make_table();
  database other = open(open_mode::read_write);
  REQUIRE_OK(other.execute("PRAGMA busy_timeout=0"));
  auto held = transaction::begin(file);
  REQUIRE_OK(held);
  CHECK_FAILS(transaction::begin(other), errc::locked);
  REQUIRE_OK(held->commit());
  CHECK_OK(transaction::begin(other));
}

BOOST_AUTO_TEST_CASE(a_reader_sees_what_is_committed_and_writes_nothing) {
  make_table();
  REQUIRE_OK(file.execute("PRAGMA journal_mode=WAL"));
  database reader = open(open_mode::read_only);
  auto held = transaction::begin(file);
  REQUIRE_OK(held);
  REQUIRE_OK(file.run("INSERT INTO t VALUES(1, 1)"));
  BOOST_TEST(count(reader) == 0);
  REQUIRE_OK(held->commit());
  BOOST_TEST(count(reader) == 1);
  CHECK_FAILS(reader.run("DELETE FROM t"), errc::io);
}

BOOST_AUTO_TEST_CASE(only_create_makes_a_file) {
  CHECK_FAILS(database::open(dir / "other.db", open_mode::read_only), errc::not_found);
  CHECK_FAILS(database::open(dir / "other.db", open_mode::read_write), errc::not_found);
  CHECK_FAILS(database::open(dir / "no/other.db", open_mode::create), errc::not_found);
  BOOST_TEST(!std::filesystem::exists(dir / "other.db"));
}

BOOST_AUTO_TEST_CASE(what_is_no_database_is_corrupt) {
  REQUIRE_OK(fs::write_file(dir / "text", std::string(2000, 'x'), 0600));
  auto opened = database::open(dir / "text", open_mode::read_write);
  REQUIRE_OK(opened);
  CHECK_FAILS(opened->query_number("SELECT count(*) FROM sqlite_schema"), errc::corrupt);
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_no_space_and_rolls_back) {
  make_table();
  REQUIRE_OK(file.execute("PRAGMA max_page_count=10"));
  {
    auto open = transaction::begin(file);
    REQUIRE_OK(open);
    CHECK_FAILS(file.run("INSERT INTO t VALUES(1, zeroblob(100000))"), errc::no_space);
  }
  BOOST_TEST(count(file) == 0);
  CHECK_OK(file.run("INSERT INTO t VALUES(1, 'small')"));
}

BOOST_AUTO_TEST_CASE(a_copy_holds_everything) {
  make_table();
  REQUIRE_OK(file.run("INSERT INTO t VALUES(1, zeroblob(100000))"));
  REQUIRE_OK(file.copy_to(dir / "copy.db"));
  auto copy = database::open(dir / "copy.db", open_mode::read_only);
  REQUIRE_OK(copy);
  BOOST_TEST(copy->query_number("SELECT length(value) FROM t").value().value() == 100000);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::db::sqlite_tests
