#include "store/catalog_check.hpp"

#include "fs/descriptor.hpp"
#include "store/reject_log.hpp"
#include "support/child_process.hpp"
#include "support/ingest_run.hpp"

#include <string>

#include <fcntl.h>
#include <unistd.h>

namespace spillway::store::catalog_check_tests {
namespace {

const base::fixed_clock the_clock(base::from_us(1'579'975'200'000'000));

struct fixture {
  test::temp_dir dir;
  std::filesystem::path path = dir / "state.db";

  // A state file with events in two hours, whose worker came to its end.
  fixture() {
    test::ingest_run run;
    run.take_text(test::to_lines(40, {}, std::chrono::minutes{2}));
    REQUIRE_OK(run.state.backup(path));
  }
  void execute(const std::string& sql) const {
    auto database = db::database::open(path, db::open_mode::read_write);
    REQUIRE_OK(database);
    REQUIRE_OK(database->execute(sql.c_str()));
  }
  // As a kill leaves it: with a log. REQUIRES: what is returned lives as long as that matters.
  db::database cut_off() const {
    auto left = db::database::open(path, db::open_mode::read_write);
    REQUIRE_OK(left);
    REQUIRE_OK(left->execute("INSERT OR REPLACE INTO worker(id, pid, doing, since) VALUES(1, 7, 'export', 0)"));
    return std::move(*left);
  }
  result<void> work() const {
    SPILLWAY_TRY_ASSIGN(state_file opened, state_file::open(path, access::change));
    return opened.become_worker("ingest", the_clock);
  }
  std::int64_t number(const char* query) const {
    auto opened = state_file::open(path, access::read);
    REQUIRE_OK(opened);
    return test::number_of(opened->database(), query);
  }
};

BOOST_FIXTURE_TEST_SUITE(store_catalog_check, fixture)

BOOST_AUTO_TEST_CASE(after_a_kill_a_sound_catalog_is_worked_on) {
  test::child_process worker([this](test::child_process& self) {
    auto file = state_file::open(path, access::create);
    const bool works = file && file->become_worker("export", the_clock).has_value();
    self.ready();
    self.hold();
    return works;
  });
  worker.kill();
  BOOST_TEST(std::filesystem::file_size(path.string() + "-wal") > 0U);
  CHECK_OK(work());
  BOOST_TEST(!std::filesystem::exists(path.string() + "-wal"));
}

BOOST_AUTO_TEST_CASE(after_a_kill_rejects_that_were_forgotten_are_still_counted_and_nothing_is_missing) {
  test::ingest_run run;
  run.take_text("no event\n" + test::to_lines(2, {}, std::chrono::minutes{2}));
  path = dir / "rejects.db";
  REQUIRE_OK(run.state.backup(path));
  {
    auto opened = state_file::open(path, access::change);
    REQUIRE_OK(opened);
    BOOST_TEST(forget_rejects(opened->database()).value() == 1);
  }
  const db::database left = cut_off();
  CHECK_OK(work());
  BOOST_TEST(number("SELECT rejected FROM input") == 1);
}

BOOST_AUTO_TEST_CASE(after_a_kill_what_does_not_add_up_is_refused) {
  const std::pair<const char*, const char*> cases[] = {
      {"inputs whose lines", "UPDATE input SET rejected=rejected+1"},
      {"events of inputs", "UPDATE input SET received=received+1, stored=stored+1"},
      {"projects whose events", "UPDATE project SET events=events+1"},
      {"hours whose text", "DELETE FROM piece WHERE id=(SELECT max(id) FROM piece)"},
      {"hours whose events", "UPDATE piece SET events=events+1"},
      {"hours whose text", "UPDATE hour SET text_bytes=text_bytes+1"},
      {"hours whose text",
       "INSERT INTO segment(project_id, hour, text_offset, text_bytes, text_crc32, events, deflate_bytes, engine, "
       "deflate_crc32, deflate) "
       "SELECT project_id, hour, 0, 10, 0, 1, 2, 'zlib', 0, x'0300' FROM hour LIMIT 1"},
      {"jobs that deliver more",
       "INSERT INTO connection(id, project_id, destination, created_at) SELECT 1, id, './bucket', 0 FROM project; "
       "INSERT INTO job(connection_id, hour, state, marker, source_bytes, planned_at) "
       "SELECT 1, hour, 'delivered', 'manifest', text_bytes+1, 0 FROM hour LIMIT 1"},
  };
  const std::filesystem::path sound = dir / "sound.db";
  std::filesystem::copy_file(path, sound);
  for (const auto& [what, damage] : cases) {
    BOOST_TEST_CONTEXT(damage) {
      std::filesystem::copy_file(sound, path, std::filesystem::copy_options::overwrite_existing);
      execute(damage);
      const db::database left = cut_off();
      const auto refused = work();
      CHECK_FAILS(refused, errc::corrupt);
      BOOST_TEST(refused.error().text().find(what) != std::string::npos, refused.error().text());
      BOOST_TEST(refused.error().text().find(path.string()) != std::string::npos, refused.error().text());
      CHECK_FAILS(work(), errc::corrupt);  // and again, until somebody has brought a sound one
    }
  }
}

BOOST_AUTO_TEST_CASE(after_a_kill_a_change_of_the_catalog_does_not_hide_what_does_not_add_up) {
  const std::filesystem::path log = path.string() + "-wal";
  {
    const db::database left = cut_off();
    execute("UPDATE hour SET events=events+1");
    std::filesystem::copy_file(path, dir / "killed.db");
    std::filesystem::copy_file(log, dir / "killed.db-wal");
  }
  path = dir / "killed.db";
  for (int round = 0; round < 2; ++round) {
    CHECK_FAILS(state_file::open(path, access::change), errc::corrupt);
    CHECK_FAILS(work(), errc::corrupt);
    CHECK_OK(state_file::open(path, access::read));
  }
}

BOOST_AUTO_TEST_CASE(a_worker_that_was_killed_behind_the_opening_is_noticed) {
  test::child_process worker([this](test::child_process& self) {
    auto file = state_file::open(path, access::change);
    const bool works = file && file->become_worker("export", the_clock).has_value() &&
                       file->database().execute("UPDATE hour SET events=events+1").has_value();
    self.ready();
    self.hold();
    return works;
  });
  auto opened = state_file::open(path, access::change);
  REQUIRE_OK(opened);
  worker.kill();
  CHECK_FAILS(opened->become_worker("ingest", the_clock), errc::corrupt);
}

BOOST_AUTO_TEST_CASE(after_a_kill_a_damaged_page_of_the_catalog_is_refused) {
  const db::database left = cut_off();
  const std::int64_t root = number("SELECT rootpage FROM sqlite_schema WHERE name='input'");
  {
    const fs::descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    const std::string zeros(4096, '\0');
    BOOST_REQUIRE(::pwrite(file.get(), zeros.data(), zeros.size(), (root - 1) * 65'536) == 4096);
  }
  CHECK_FAILS(work(), errc::corrupt);
}

BOOST_AUTO_TEST_CASE(a_normal_start_does_not_look) {
  execute("UPDATE project SET events=events+1");
  CHECK_OK(work());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::store::catalog_check_tests
