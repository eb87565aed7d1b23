#include "store/state_file.hpp"

#include "fs/atomic_file.hpp"
#include "fs/read_file.hpp"
#include "store/backup_file.hpp"
#include "store/file_lock.hpp"
#include "store/schema.hpp"
#include "support/check_result.hpp"
#include "support/child_process.hpp"
#include "support/file_rights_alone.hpp"
#include "support/store_check.hpp"
#include "support/temp_dir.hpp"

#include <atomic>
#include <string>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace spillway::store::state_file_tests {
namespace {

const base::fixed_clock the_clock(base::from_us(1'579'975'200'000'000));

struct fixture {
  test::temp_dir dir;
  std::filesystem::path path = dir / "state.db";

  state_file open(access wanted = access::create) {
    auto opened = state_file::open(path, wanted);
    REQUIRE_OK(opened);
    return std::move(*opened);
  }
  void make() { (void)open(); }
  static std::filesystem::path make_at(const std::filesystem::path& given) {
    auto opened = state_file::open(given, access::create);
    REQUIRE_OK(opened);
    return opened->path();
  }
  void execute(const std::string& sql) {
    auto database = db::database::open(path, db::open_mode::create);
    REQUIRE_OK(database);
    REQUIRE_OK(database->execute(sql.c_str()));
  }
  void check_version_is_refused(int version, const std::string& cause, const std::string& in_hint) {
    make();
    execute("PRAGMA user_version=" + std::to_string(version));
    for (const access wanted : {access::read, access::create}) {
      const auto opened = state_file::open(path, wanted);
      CHECK_FAILS(opened, errc::usage);
      BOOST_TEST(opened.error().text() == "opening state file " + path.string() + ": " + cause);
      BOOST_TEST(opened.error().hint.find(in_hint) != std::string::npos);
    }
  }
  std::string bytes() {
    auto read = fs::read_file(path, 1 << 24);
    REQUIRE_OK(read);
    return *read;
  }
};

mode_t mode_of(const std::filesystem::path& path) {
  struct stat found {};
  BOOST_REQUIRE_MESSAGE(::stat(path.c_str(), &found) == 0, path);
  return found.st_mode & 0777;
}

BOOST_FIXTURE_TEST_SUITE(store_state_file, fixture)

BOOST_AUTO_TEST_CASE(a_new_file_has_the_settings_that_durability_needs) {
  for (int round = 0; round < 2; ++round) {
    state_file file = open();
    db::database& database = file.database();
    BOOST_TEST(test::number_of(database, "SELECT journal_mode='wal' FROM pragma_journal_mode") == 1);
    BOOST_TEST(test::number_of(database, "PRAGMA synchronous") == 2);
    BOOST_TEST(test::number_of(database, "PRAGMA page_size") == 65'536);
    BOOST_TEST(test::number_of(database, "PRAGMA auto_vacuum") == 2);
    BOOST_TEST(test::number_of(database, "PRAGMA foreign_keys") == 1);
    BOOST_TEST(test::number_of(database, "PRAGMA trusted_schema") == 0);
    BOOST_TEST(test::number_of(database, "PRAGMA application_id") == application_id);
    BOOST_TEST(test::number_of(database, "PRAGMA user_version") == schema_version);
  }
}

// SQLite bounds its cache by a number of pages, which it works out with the page size that it knows of at the time.
BOOST_AUTO_TEST_CASE(memory_is_bounded_however_much_is_written) {
  for (int round = 0; round < 2; ++round) {  // a new file, and one that is there
    state_file file = open();
    const std::string text(1 << 20, 'x');
    for (int i = 0; i < 40; ++i) {
      REQUIRE_OK(file.database().run("INSERT INTO applied(project_id, uploaded_at, line) VALUES(1, 0, ?)",
                                     db::as_blob{text}));
    }
    BOOST_TEST(file.database().cached_bytes() < 10'000'000);
  }
}

BOOST_AUTO_TEST_CASE(nobody_else_can_read_the_file_or_its_log) {
  state_file file = open();
  REQUIRE_OK(file.become_worker("export", the_clock));
  BOOST_TEST(mode_of(path) == 0600U);
  BOOST_TEST(mode_of(path.string() + "-wal") == 0600U);
  BOOST_TEST(mode_of(path.string() + "-shm") == 0600U);
  REQUIRE_OK(file.backup(dir / "copy.db"));
  BOOST_TEST(mode_of(dir / "copy.db") == 0600U);
}

BOOST_AUTO_TEST_CASE(a_second_worker_is_refused_and_told_who_works) {
  make();
  test::child_process worker([this](test::child_process& self) {
    auto file = state_file::open(path, access::create);
    const bool works = file && file->become_worker("export", the_clock).has_value();
    self.ready();
    self.hold();
    return works;
  });
  {
    state_file file = open();
    const auto refused = file.become_worker("ingest", the_clock);
    CHECK_FAILS(refused, errc::locked);
    BOOST_TEST(refused.error().text().find("process " + std::to_string(worker.id()) + " (export) is working on it") !=
               std::string::npos, refused.error().text());
    // Looking, and changing the catalog, need no worker lock.
    CHECK_OK(file.database().run("INSERT INTO organization(id, name, created_at) VALUES(1, 'local', 0)"));
  }
  BOOST_TEST(worker.end());
  CHECK_OK(open().become_worker("ingest", the_clock));
}

BOOST_AUTO_TEST_CASE(a_worker_that_was_killed_holds_nothing) {
  make();
  test::child_process worker([this](test::child_process& self) {
    auto file = state_file::open(path, access::create);
    const bool works = file && file->become_worker("export", the_clock).has_value();
    self.ready();
    self.hold();
    return works;
  });
  worker.kill();
  CHECK_OK(open().become_worker("ingest", the_clock));
}

BOOST_AUTO_TEST_CASE(of_migrations_one_is_at_work_beside_a_worker_until_its_process_ends) {
  make();
  test::child_process migration([this](test::child_process& self) {
    auto file = state_file::open(path, access::change);
    const bool works = file && file->become_migrator() && file->become_migrator();
    self.ready();
    self.hold();
    return works;
  });
  {
    state_file file = open();
    CHECK_OK(file.become_worker("run", the_clock));
    CHECK_OK(file.share().value().database().run("INSERT INTO organization(id, name, created_at) VALUES(1, 'a', 0)"));
    const auto refused = file.become_migrator();
    CHECK_FAILS(refused, errc::locked);
    BOOST_TEST(refused.error().text().find("another process is migrating") != std::string::npos);
  }
  migration.kill();
  state_file file = open();
  CHECK_OK(file.become_migrator());
  CHECK_OK(file.become_worker("connection migrate", the_clock));
  (void)open(access::read);  // SQLite closes the file again
  state_file other = open();
  CHECK_FAILS(other.become_migrator(), errc::locked);
}

BOOST_AUTO_TEST_CASE(processes_that_make_the_file_at_once_all_get_it) {
  for (int round = 0; round < 8; ++round) {
    path = dir / ("state" + std::to_string(round) + ".db");
    test::starting_gate gate;
    std::vector<std::unique_ptr<test::child_process>> all;
    for (int i = 0; i < 4; ++i) {
      all.push_back(std::make_unique<test::child_process>([&](test::child_process& self) {
        self.ready();
        gate.pass();
        return state_file::open(path, access::create).has_value();
      }));
    }
    gate.open();
    for (auto& each : all) {
      BOOST_TEST(each->end());
    }
  }
}

BOOST_AUTO_TEST_CASE(what_a_making_has_left_that_was_cut_off_is_no_hindrance) {
  REQUIRE_OK(fs::write_file(path, "", 0600));
  REQUIRE_OK(fs::write_file(path.string() + ".new", "SQLite format 3", 0600));
  REQUIRE_OK(fs::write_file(path.string() + ".new-journal", "", 0600));
  state_file file = open();
  BOOST_TEST(test::number_of(file.database(), "PRAGMA user_version") == schema_version);
  BOOST_TEST(!std::filesystem::exists(path.string() + ".new"));
  BOOST_TEST(!std::filesystem::exists(path.string() + ".new-journal"));
}

BOOST_AUTO_TEST_CASE(a_link_to_an_empty_file_stays_a_link) {
  const std::filesystem::path real = dir / "real.db";
  REQUIRE_OK(fs::write_file(real, "", 0600));
  std::filesystem::create_symlink(real, path);
  make();
  BOOST_TEST(std::filesystem::is_symlink(path));
  BOOST_TEST(std::filesystem::file_size(real) > 0U);
}

BOOST_AUTO_TEST_CASE(a_link_to_a_file_that_is_not_there_makes_that_file) {
  std::filesystem::create_directory(dir / "elsewhere");
  std::filesystem::create_symlink("elsewhere/first", path);
  std::filesystem::create_symlink("real.db", dir / "elsewhere/first");
  BOOST_CHECK(make_at(path) == dir / "elsewhere/real.db");
  BOOST_TEST(std::filesystem::is_symlink(path));
  BOOST_CHECK(make_at(path) == dir / "elsewhere/real.db");
}

BOOST_AUTO_TEST_CASE(links_that_go_round_are_refused) {
  std::filesystem::create_symlink("state.db", path);
  BOOST_TEST(!state_file::open(path, access::change).has_value());
}

BOOST_AUTO_TEST_CASE(a_newer_version_is_refused) {
  check_version_is_refused(schema_version + 1, "it has version 5, this Spillway knows 4", "newer Spillway");
}

BOOST_AUTO_TEST_CASE(an_older_version_is_refused) {
  check_version_is_refused(1, "it has version 1, and this Spillway knows 4 alone", "take the events in again");
}

BOOST_AUTO_TEST_CASE(what_is_no_database_is_refused_and_left_as_it_is) {
  const std::string text(100'000, 'x');
  REQUIRE_OK(fs::write_file(path, text, 0644));
  for (const access wanted : {access::read, access::create}) {
    const auto opened = state_file::open(path, wanted);
    CHECK_FAILS(opened, errc::corrupt);
    BOOST_TEST(opened.error().text().find(path.string()) != std::string::npos);
  }
  BOOST_TEST((bytes() == text));
}

BOOST_AUTO_TEST_CASE(a_directory_is_refused_with_the_name_of_a_file_in_it) {
  std::filesystem::create_directory(path);
  for (const access wanted : {access::read, access::change}) {
    const auto opened = state_file::open(path, wanted);
    CHECK_FAILS(opened, errc::io);
    BOOST_TEST(opened.error().text() == "opening state file " + path.string() + ": it is a directory");
    BOOST_TEST(opened.error().hint == "name a file: --state " + (path / "spillway.db").string());
  }
}

BOOST_AUTO_TEST_CASE(another_programs_database_is_refused_and_left_as_it_is) {
  execute("CREATE TABLE bookmarks(url TEXT)");
  const std::string before = bytes();
  for (const access wanted : {access::read, access::create}) {
    const auto opened = state_file::open(path, wanted);
    CHECK_FAILS(opened, errc::corrupt);
    BOOST_TEST(opened.error().text() == "opening state file " + path.string() +
                                            ": it is an SQLite database, but not of Spillway");
  }
  BOOST_TEST((bytes() == before));
}

BOOST_AUTO_TEST_CASE(other_page_sizes_are_refused) {
  execute("PRAGMA page_size=4096; PRAGMA journal_mode=WAL; CREATE TABLE t(a); PRAGMA application_id=" +
          std::to_string(application_id) + "; PRAGMA user_version=" + std::to_string(schema_version));
  CHECK_FAILS(state_file::open(path, access::create), errc::state);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_wal_is_refused) {
  make();
  execute("PRAGMA journal_mode=DELETE");
  CHECK_FAILS(state_file::open(path, access::create), errc::state);
}

BOOST_AUTO_TEST_CASE(reading_and_changing_need_a_file_and_make_none) {
  for (const access wanted : {access::read, access::change}) {
    const auto opened = state_file::open(path, wanted);
    CHECK_FAILS(opened, errc::not_found);
    BOOST_TEST(opened.error().hint.find("--state") != std::string::npos);
    BOOST_TEST(std::filesystem::is_empty(dir.path()));
  }
  CHECK_FAILS(state_file::open(dir / "no/state.db", access::create), errc::not_found);
}

BOOST_AUTO_TEST_CASE(what_is_no_regular_file_is_refused_at_once) {
  BOOST_REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  for (const access wanted : {access::read, access::change, access::create}) {
    const auto opened = state_file::open(path, wanted);
    CHECK_FAILS(opened, errc::io);
    BOOST_TEST(opened.error().cause == "it is no regular file");
  }
}

BOOST_AUTO_TEST_CASE(an_empty_file_has_nothing_to_read) {
  REQUIRE_OK(fs::write_file(path, "", 0600));
  const auto opened = state_file::open(path, access::read);
  CHECK_FAILS(opened, errc::not_found);
  BOOST_TEST(opened.error().cause == "it is empty");
}

BOOST_AUTO_TEST_CASE(a_file_of_two_names_can_be_read_and_not_changed) {
  make();
  std::filesystem::create_hard_link(path, dir / "other.db");
  REQUIRE_OK(state_file::open(path, access::read));
  for (const access wanted : {access::change, access::create}) {
    const auto opened = state_file::open(path, wanted);
    CHECK_FAILS(opened, errc::usage);
    BOOST_TEST(opened.error().cause == "it has 2 names (hard links)");
  }
  std::filesystem::remove(dir / "other.db");
  REQUIRE_OK(state_file::open(path, access::change));
}

BOOST_AUTO_TEST_CASE(what_is_in_a_directory_that_can_not_be_written_can_be_read) {
  make();
  const test::file_rights_alone held;
  std::filesystem::permissions(dir.path(), std::filesystem::perms{0555});
  {
    state_file file = open(access::read);
    BOOST_TEST(test::number_of(file.database(), "SELECT count(*) FROM project") == 0);
    REQUIRE_OK(file.open_reader());
  }
  const auto refused = state_file::open(path, access::change);
  CHECK_FAILS(refused, errc::io);
  BOOST_TEST(refused.error().text().find("Permission denied") != std::string::npos, refused.error().text());
  std::filesystem::permissions(dir.path(), std::filesystem::perms{0700});
}

BOOST_AUTO_TEST_CASE(who_reads_can_not_change_anything) {
  make();
  state_file file = open(access::read);
  BOOST_TEST(!file.database().run("DELETE FROM project").has_value());
  auto reader = file.open_reader();
  REQUIRE_OK(reader);
  BOOST_TEST(!reader->run("DELETE FROM project").has_value());
}

BOOST_AUTO_TEST_CASE(a_backup_beside_a_writer_is_one_moment_of_the_file) {
  state_file file = open();
  std::atomic<bool> stop = false;
  std::atomic<int> written = 0;
  std::thread writer([&] {
    auto own = db::database::open(path, db::open_mode::read_write).value();
    for (int i = 1; !stop; ++i) {
      auto both = db::transaction::begin(own).value();
      (void)own.run("INSERT INTO organization(id, name, created_at) VALUES(?, 'x', 0)", i).value();
      (void)own.run("INSERT INTO applied(project_id, uploaded_at, line) VALUES(1, 0, zeroblob(70000))").value();
      (void)both.commit().value();
      written = i;
    }
  });
  for (int i = 0; i < 5; ++i) {
    const int before = written;
    while (written == before) {
      std::this_thread::yield();
    }
    CHECK_OK(file.backup(dir / ("copy" + std::to_string(i))));
  }
  stop = true;
  writer.join();
  for (int i = 0; i < 5; ++i) {
    auto copy = state_file::open(dir / ("copy" + std::to_string(i)), access::create);
    REQUIRE_OK(copy);
    BOOST_TEST(test::number_of(copy->database(), "SELECT integrity_check='ok' FROM pragma_integrity_check") == 1);
    BOOST_TEST(test::number_of(copy->database(), "SELECT count(*) FROM organization") > 0);
    BOOST_TEST(test::number_of(copy->database(), "SELECT count(*) FROM organization") ==
               test::number_of(copy->database(), "SELECT count(*) FROM applied"));
  }
}

BOOST_AUTO_TEST_CASE(a_backup_never_replaces_a_file) {
  state_file file = open();
  REQUIRE_OK(fs::write_file(dir / "copy.db", "mine", 0600));
  CHECK_FAILS(file.backup(dir / "copy.db"), errc::conflict);
  CHECK_FAILS(file.backup(path), errc::conflict);
  BOOST_TEST(fs::read_file(dir / "copy.db", 100).value() == "mine");
  CHECK_FAILS(file.backup(dir / "no/copy.db"), errc::not_found);
}

BOOST_AUTO_TEST_CASE(a_backup_needs_the_name_of_a_file) {
  const auto made = open().backup(dir.path().string() + "/");
  CHECK_FAILS(made, errc::usage);
  BOOST_TEST(made.error().hint == "name a file: " + (dir / "spillway.db").string());
}

BOOST_AUTO_TEST_CASE(a_backup_of_what_was_changed_meanwhile_is_none) {
  state_file file = open();
  const auto entries = [this] {
    return std::distance(std::filesystem::directory_iterator(dir.path()), std::filesystem::directory_iterator());
  };
  const auto before = entries();
  CHECK_FAILS(write_backup(file.database(), dir / "copy.db",
                           []() -> result<void> { return failure{errc::locked, {}, "it was changed", {}}; }),
              errc::locked);
  BOOST_TEST(entries() == before);
}

BOOST_AUTO_TEST_CASE(what_a_killed_backup_has_left_is_no_hindrance) {
  const std::filesystem::path left = dir / ".copy.db.spillway-backup";
  REQUIRE_OK(fs::write_file(left, std::string(200'000, 'x'), 0644));
  REQUIRE_OK(fs::write_file(left.string() + "-journal", std::string(100'000, 'y'), 0600));
  REQUIRE_OK(open().backup(dir / "copy.db"));
  BOOST_TEST(mode_of(dir / "copy.db") == 0600U);
  BOOST_TEST(!std::filesystem::exists(left));
  BOOST_TEST(!std::filesystem::exists(left.string() + "-journal"));
  path = dir / "copy.db";
  BOOST_TEST(test::number_of(open().database(), "SELECT integrity_check='ok' FROM pragma_integrity_check") == 1);
}

BOOST_AUTO_TEST_CASE(a_backup_that_fails_leaves_nothing) {
  std::filesystem::create_directory(dir / ".copy.db.spillway-backup-journal");  // where SQLite needs a file
  BOOST_TEST(!open().backup(dir / "copy.db").has_value());
  BOOST_TEST(!std::filesystem::exists(dir / "copy.db"));
  BOOST_TEST(!std::filesystem::exists(dir / ".copy.db.spillway-backup"));
}

BOOST_AUTO_TEST_CASE(of_two_backups_to_one_name_the_second_is_refused) {
  state_file file = open();
  const std::filesystem::path left = dir / ".copy.db.spillway-backup";
  REQUIRE_OK(fs::write_file(left, "half", 0600));
  const fs::descriptor other(::open(left.c_str(), O_RDWR | O_CLOEXEC));
  BOOST_REQUIRE(take_file_lock(other.get(), std::chrono::milliseconds{0}).value());
  CHECK_FAILS(file.backup(dir / "copy.db"), errc::locked);
  BOOST_TEST(fs::read_file(left, 100).value() == "half");
  BOOST_TEST(!std::filesystem::exists(dir / "copy.db"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::store::state_file_tests
