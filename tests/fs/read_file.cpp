#include "fs/read_file.hpp"

#include "fs/atomic_file.hpp"
#include "fs/directory.hpp"
#include "support/check_result.hpp"
#include "support/temp_dir.hpp"

#include <filesystem>

#include <sys/stat.h>

namespace spillway::fs::read_file_tests {
namespace {

BOOST_AUTO_TEST_SUITE(fs_read_file)

BOOST_AUTO_TEST_CASE(a_file_up_to_the_limit_is_read_whole) {
  const test::temp_dir dir;
  const std::string text(200'000, 'x');
  REQUIRE_OK(write_file(dir / "f", text, 0600));
  BOOST_CHECK(read_file(dir / "f", text.size()).value() == text);
  CHECK_FAILS(read_file(dir / "f", text.size() - 1), errc::too_large);
  REQUIRE_OK(write_file(dir / "empty", "", 0600));
  BOOST_TEST(read_file(dir / "empty", 0).value().empty());
}

BOOST_AUTO_TEST_CASE(a_missing_file_is_not_found_and_a_directory_is_a_failure) {
  const test::temp_dir dir;
  CHECK_FAILS(read_file(dir / "f", 10), errc::not_found);
  CHECK_FAILS(read_file(dir.path(), 10), errc::io);
}

BOOST_AUTO_TEST_CASE(beneath_a_directory_only_regular_files_are_read) {
  const test::temp_dir dir;
  REQUIRE_OK(write_file(dir / "f", "text", 0600));
  std::filesystem::create_symlink("f", dir / "link");
  std::filesystem::create_directory(dir / "d");
  BOOST_REQUIRE(::mkfifo((dir / "pipe").c_str(), 0600) == 0);
  const descriptor root = open_directory(dir.path()).value();
  BOOST_TEST(read_file(root.get(), "f", 10).value() == "text");
  for (const std::string name : {"link", "d", "pipe", "missing"}) {
    BOOST_TEST_CONTEXT(name) { CHECK_FAILS(read_file(root.get(), name, 10), errc::not_found); }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::fs::read_file_tests
