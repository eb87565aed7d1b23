#include "fs/atomic_file.hpp"

#include "fs/directory.hpp"
#include "fs/read_file.hpp"
#include "fs/walk.hpp"
#include "support/check_result.hpp"
#include "support/temp_dir.hpp"

#include <csignal>
#include <filesystem>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace spillway::fs::atomic_file_tests {
namespace {

struct fixture {
  test::temp_dir dir;
  descriptor open = open_directory(dir.path()).value();

  std::string text(const std::string& name) { return read_file(dir / name, 1 << 24).value(); }
  std::size_t entries() { return read_directory(open.get()).value().size(); }
  atomic_file make(const std::string& temporary) {
    return atomic_file::create(open.get(), temporary, 0600).value();
  }
};

// While it lives, no file of this process can grow beyond `bytes`: writes fail as they do on a disk with a quota.
class file_size_limit {
public:
  explicit file_size_limit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~file_size_limit() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  file_size_limit(const file_size_limit&) = delete;
  file_size_limit& operator=(const file_size_limit&) = delete;

private:
  void (*handler_)(int);
  rlimit before_{};
};

BOOST_FIXTURE_TEST_SUITE(fs_atomic_file, fixture)

BOOST_AUTO_TEST_CASE(small_and_large_pieces_keep_their_order) {
  atomic_file file = make("t");
  std::string wanted;
  for (const std::size_t bytes : {1, 70'000, 10, 300'000, 0, 63'000, 65'536, 5}) {
    const std::string piece(bytes, static_cast<char>('a' + wanted.size() % 26));
    REQUIRE_OK(file.write(piece));
    wanted += piece;
  }
  REQUIRE_OK(file.commit(open.get(), "name", replace::yes));
  BOOST_TEST(text("name") == wanted);
  BOOST_TEST(entries() == 1U);
}

BOOST_AUTO_TEST_CASE(nothing_has_the_name_before_commit) {
  atomic_file file = make("t");
  REQUIRE_OK(file.write(std::string(100'000, 'x')));
  BOOST_TEST(!std::filesystem::exists(dir / "name"));
}

BOOST_AUTO_TEST_CASE(an_abandoned_file_is_removed) {
  {
    atomic_file file = make("t");
  }
  BOOST_TEST(entries() == 0U);
}

BOOST_AUTO_TEST_CASE(a_moved_from_file_removes_nothing) {
  atomic_file file = make("t");
  {
    atomic_file moved = std::move(file);
    REQUIRE_OK(moved.commit(open.get(), "t", replace::yes));
  }
  BOOST_TEST(entries() == 1U);
}

BOOST_AUTO_TEST_CASE(replace_no_keeps_what_is_there_and_removes_the_temporary_file) {
  REQUIRE_OK(write_file(dir / "name", "first", 0600));
  {
    atomic_file file = make("t");
    REQUIRE_OK(file.write("second"));
    CHECK_FAILS(file.commit(open.get(), "name", replace::no), errc::conflict);
  }
  BOOST_TEST(text("name") == "first");
  BOOST_TEST(entries() == 1U);
}

BOOST_AUTO_TEST_CASE(replace_yes_replaces) {
  REQUIRE_OK(write_file(dir / "name", "first", 0600));
  REQUIRE_OK(write_file(dir / "name", "second", 0600));
  BOOST_TEST(text("name") == "second");
  BOOST_TEST(entries() == 1U);
}

BOOST_AUTO_TEST_CASE(a_temporary_name_that_is_a_symbolic_link_is_refused) {
  std::filesystem::create_symlink(dir / "elsewhere", dir / "t");
  CHECK_FAILS(atomic_file::create(open.get(), "t", 0600), errc::conflict);
  BOOST_TEST(!std::filesystem::exists(dir / "elsewhere"));
}

BOOST_AUTO_TEST_CASE(a_symbolic_link_under_the_name_is_replaced_and_not_followed) {
  REQUIRE_OK(write_file(dir / "target", "target", 0600));
  std::filesystem::create_symlink("target", dir / "name");
  REQUIRE_OK(write_file(dir / "name", "new", 0600));
  BOOST_TEST(text("target") == "target");
  BOOST_TEST(std::filesystem::is_regular_file(std::filesystem::symlink_status(dir / "name")));
}

BOOST_AUTO_TEST_CASE(the_mode_is_the_one_asked_for) {
  REQUIRE_OK(write_file(dir / "name", "x", 0600));
  struct stat state{};
  BOOST_REQUIRE(::stat((dir / "name").c_str(), &state) == 0);
  BOOST_TEST((state.st_mode & 0777U) == 0600U);
}

BOOST_AUTO_TEST_CASE(a_write_that_fails_leaves_nothing) {
  REQUIRE_OK(write_file(dir / "name", "before", 0600));
  const file_size_limit limit(100'000);
  CHECK_FAILS(write_file(dir / "name", std::string(200'000, 'x'), 0600), errc::io);
  BOOST_TEST(text("name") == "before");
  BOOST_TEST(entries() == 1U);
}

BOOST_AUTO_TEST_CASE(a_gathered_write_that_fails_is_told_by_commit) {
  const file_size_limit limit(10'000);
  {
    atomic_file file = make("t");
    CHECK_OK(file.write(std::string(20'000, 'x')));
    CHECK_FAILS(file.commit(open.get(), "name", replace::yes), errc::io);
  }
  BOOST_TEST(entries() == 0U);
}

BOOST_AUTO_TEST_CASE(a_directory_under_the_name_is_a_failure) {
  std::filesystem::create_directory(dir / "name");
  BOOST_TEST(!write_file(dir / "name", "x", 0600).has_value());
  BOOST_TEST(entries() == 1U);
}

BOOST_AUTO_TEST_CASE(a_directory_that_is_not_there_is_not_found) {
  CHECK_FAILS(write_file(dir / "no" / "name", "x", 0600), errc::not_found);
}

BOOST_AUTO_TEST_CASE(the_identity_of_a_sealed_file_is_the_one_it_has_under_its_name) {
  atomic_file file = make("t");
  REQUIRE_OK(file.write("12345"));
  const file_identity identity = file.seal(durability::synced).value();
  BOOST_TEST(file.rename_to(open.get(), "name", replace::no) == 0);
  BOOST_CHECK(state_of(open.get(), "name").value()->identity == identity);
  BOOST_TEST(identity.bytes == 5U);
}

BOOST_AUTO_TEST_CASE(a_file_is_appended_whole) {
  const std::string part(3'000'001, 'p');
  REQUIRE_OK(write_file(dir / "part", part, 0600));
  const descriptor source(::open((dir / "part").c_str(), O_RDONLY));
  {
    atomic_file file = make("t");
    REQUIRE_OK(file.write("head "));
    REQUIRE_OK(file.append_file(source.get(), part.size()));
    REQUIRE_OK(file.append_file(source.get(), 3));
    REQUIRE_OK(file.commit(open.get(), "name", replace::yes));
  }
  BOOST_CHECK(text("name") == "head " + part + "ppp");
  atomic_file file = make("t");
  CHECK_FAILS(file.append_file(source.get(), part.size() + 1), errc::corrupt);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::fs::atomic_file_tests
