#include "store/missing_pages.hpp"

#include "fs/atomic_file.hpp"
#include "fs/read_file.hpp"
#include "store/state_file.hpp"
#include "support/check_result.hpp"
#include "support/store_check.hpp"
#include "support/temp_dir.hpp"

#include <string>

namespace spillway::store::missing_pages_tests {
namespace {

constexpr std::uintmax_t page = 65'536;
constexpr std::uintmax_t cut = 4'096;

struct fixture {
  test::temp_dir dir;
  std::filesystem::path original = dir / "original.db";
  std::filesystem::path path = dir / "state.db";
  std::filesystem::path log = dir / "state.db-wal";

  // Rows of several pages each.
  static void add_rows(state_file& to, int count) {
    for (int i = 0; i < count; ++i) {
      REQUIRE_OK(to.database().run("INSERT INTO applied(project_id, uploaded_at, line) VALUES(1, 0, ?)",
                                   db::as_blob{std::string(150'000, 'x')}));
    }
  }
  state_file make() {
    auto made = state_file::open(original, access::create);
    REQUIRE_OK(made);
    return std::move(*made);
  }
  // As a power cut would leave it: the file and its log, while `made` is still open.
  void copy_with_log() const {
    const auto over = std::filesystem::copy_options::overwrite_existing;
    std::filesystem::copy_file(original, path, over);
    std::filesystem::copy_file(original.string() + "-wal", log, over);
  }
  std::int64_t rows() const {
    auto opened = state_file::open(path, access::create);
    REQUIRE_OK(opened);
    return test::number_of(opened->database(), "SELECT count(*) FROM applied");
  }
  void check_refused(const std::string& what) const {
    // Twice: a refusal must not make the file look sound.
    for (const access wanted : {access::read, access::change, access::read, access::change}) {
      const auto opened = state_file::open(path, wanted);
      BOOST_TEST_CONTEXT(what) { CHECK_FAILS(opened, errc::corrupt); }
    }
  }
};

BOOST_FIXTURE_TEST_SUITE(store_missing_pages, fixture)

BOOST_AUTO_TEST_CASE(a_file_that_was_cut_is_refused_wherever_that_was) {
  {
    state_file made = make();
    add_rows(made, 4);
  }
  std::filesystem::copy_file(original, path);
  BOOST_TEST(rows() == 4);
  for (std::uintmax_t bytes = std::filesystem::file_size(path) - cut; bytes > 0; bytes -= cut) {
    std::filesystem::resize_file(path, bytes);
    check_refused(std::to_string(bytes) + " bytes");
  }
}

BOOST_AUTO_TEST_CASE(what_the_log_has_need_not_be_in_the_file) {
  state_file made = make();
  const std::uintmax_t bytes_without_rows = std::filesystem::file_size(original);
  add_rows(made, 4);
  copy_with_log();
  BOOST_TEST(std::filesystem::file_size(path) == bytes_without_rows);
  BOOST_TEST(rows() == 4);
  REQUIRE_OK(made.database().checkpoint());
  REQUIRE_OK(made.database().run("UPDATE applied SET line=zeroblob(150000)"));
  for (const std::uintmax_t bytes : {bytes_without_rows, bytes_without_rows + cut}) {
    copy_with_log();
    BOOST_TEST(std::filesystem::file_size(path) > bytes);
    std::filesystem::resize_file(path, bytes);
    BOOST_TEST(rows() == 4);
  }
}

BOOST_AUTO_TEST_CASE(pages_that_were_copied_to_the_file_are_not_looked_for_in_an_old_part_of_the_log) {
  state_file made = make();
  add_rows(made, 8);
  REQUIRE_OK(made.database().checkpoint());
  add_rows(made, 1);  // the log begins anew, and behind this row it still has the pages of the others
  copy_with_log();
  BOOST_TEST(rows() == 9);
  copy_with_log();
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 6 * page);
  check_refused("six pages less");
}

BOOST_AUTO_TEST_CASE(what_was_never_committed_does_not_count) {
  state_file made = make();
  add_rows(made, 5);
  copy_with_log();
  // The end of the last commit is taken from the log: its other frames are those of one that was cut off.
  std::filesystem::resize_file(log, std::filesystem::file_size(log) - page);
  BOOST_TEST(rows() == 4);
}

BOOST_AUTO_TEST_CASE(an_empty_file_beside_a_log_is_refused_and_the_log_stays) {
  state_file made = make();
  add_rows(made, 1);
  copy_with_log();
  const auto log_bytes = std::filesystem::file_size(log);
  std::filesystem::resize_file(path, 0);
  check_refused("empty");
  std::filesystem::remove(path);
  check_refused("not there");
  BOOST_TEST(!std::filesystem::exists(path));
  BOOST_TEST(std::filesystem::file_size(log) == log_bytes);
  BOOST_TEST(state_file::open(path, access::create).error().hint.find("state.db-wal") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(behind_a_link_the_log_is_that_of_the_file) {
  state_file made = make();
  const std::uintmax_t bytes_without_rows = std::filesystem::file_size(original);
  add_rows(made, 4);
  copy_with_log();
  const std::filesystem::path real = path;
  path = dir / "link.db";
  std::filesystem::create_symlink("state.db", path);
  BOOST_TEST(std::filesystem::file_size(real) == bytes_without_rows);
  BOOST_TEST(rows() == 4);  // all of them in the log
  copy_with_log();
  std::filesystem::remove(real);
  check_refused("nothing but its log");
}

BOOST_AUTO_TEST_CASE(an_empty_file_alone_is_a_new_one) {
  REQUIRE_OK(fs::write_file(path, "", 0600));
  BOOST_TEST(rows() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::store::missing_pages_tests
