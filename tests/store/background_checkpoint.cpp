#include "store/background_checkpoint.hpp"

#include "store/state_file.hpp"
#include "support/check_result.hpp"
#include "support/store_check.hpp"
#include "support/temp_dir.hpp"

#include <filesystem>
#include <string>

namespace spillway::store::background_checkpoint_tests {
namespace {

struct fixture {
  test::temp_dir dir;
  std::filesystem::path path = dir / "state.db";
  state_file state = test::open_state(path);

  void commit(std::size_t bytes) {
    const std::string text(bytes, 'x');
    REQUIRE_OK(state.database().run("INSERT INTO applied(project_id, uploaded_at, line) VALUES(1, 0, ?)",
                                    db::as_blob{text}));
  }
  std::uintmax_t log_bytes() const { return std::filesystem::file_size(path.string() + "-wal"); }
  db::database another() {
    auto opened = state.open_copier();
    REQUIRE_OK(opened);
    return std::move(*opened);
  }
};

BOOST_FIXTURE_TEST_SUITE(store_background_checkpoint, fixture)

BOOST_AUTO_TEST_CASE(the_log_is_copied_after_so_many_commits) {
  background_checkpoint working(state.database(), another(), {3, 1'000});
  const auto before = std::filesystem::file_size(path);
  for (int i = 0; i < 2; ++i) {
    commit(1 << 20);
    REQUIRE_OK(working.after_commit());
  }
  BOOST_TEST(std::filesystem::file_size(path) == before);
  commit(1 << 20);
  REQUIRE_OK(working.after_commit());
  // The thread that copies may be slow; far behind, it is waited for.
  for (int i = 0; i < 4 * 3; ++i) {
    REQUIRE_OK(working.after_commit());
  }
  BOOST_TEST(std::filesystem::file_size(path) >= before + (3U << 20));
}

// Each commit is 17 pages. A log of 60 pages that is never started anew would end at 64 times that.
BOOST_AUTO_TEST_CASE(a_long_log_starts_from_its_front_again) {
  background_checkpoint working(state.database(), another(), {2, 60});
  for (int i = 0; i < 64; ++i) {
    commit(1 << 20);
    REQUIRE_OK(working.after_commit());
  }
  BOOST_TEST(log_bytes() < (24U << 20));
}

BOOST_AUTO_TEST_CASE(commits_copy_by_themselves_again_when_it_has_ended) {
  {
    const background_checkpoint working(state.database(), another());
    BOOST_TEST(test::number_of(state.database(), "PRAGMA wal_autocheckpoint") == 0);
  }
  BOOST_TEST(test::number_of(state.database(), "PRAGMA wal_autocheckpoint") == 1'000);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::store::background_checkpoint_tests
