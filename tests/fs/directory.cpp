#include "fs/directory.hpp"

#include "fs/atomic_file.hpp"
#include "support/check_result.hpp"
#include "support/temp_dir.hpp"

#include <filesystem>
#include <string>

namespace spillway::fs::directory_tests {
namespace {

struct fixture {
  test::temp_dir dir;
  descriptor root = open_directory(dir.path()).value();
};

BOOST_FIXTURE_TEST_SUITE(fs_directory, fixture)

BOOST_AUTO_TEST_CASE(missing_parents_are_made_and_found_again) {
  for (const sync_parents parents : {sync_parents::of_new, sync_parents::all}) {
    REQUIRE_OK(make_beneath(root.get(), "a/b/c", parents));
  }
  CHECK_OK(open_beneath(root.get(), "a/b/c"));
  CHECK_OK(open_beneath(root.get(), ""));
  BOOST_TEST(std::filesystem::is_directory(dir / "a/b/c"));
}

BOOST_AUTO_TEST_CASE(nothing_leads_out) {
  for (const std::string path : {"..", "../x", "a/../..", ".", "a/./b", "/etc", "a//b", "a/.."}) {
    BOOST_TEST_CONTEXT(path) { CHECK_FAILS(make_beneath(root.get(), path, sync_parents::of_new), errc::invalid); }
  }
  REQUIRE_OK(make_beneath(root.get(), "a", sync_parents::of_new));
  CHECK_FAILS(open_beneath(root.get(), "a/.."), errc::invalid);
  CHECK_FAILS(open_beneath(root.get(), std::string_view("a\0b", 3)), errc::invalid);
}

BOOST_AUTO_TEST_CASE(a_symbolic_link_on_the_way_is_not_followed) {
  std::filesystem::create_directory(dir / "real");
  std::filesystem::create_directory_symlink("real", dir / "link");
  CHECK_FAILS(open_beneath(root.get(), "link"), errc::not_found);
  CHECK_FAILS(make_beneath(root.get(), "link/x", sync_parents::of_new), errc::conflict);
  BOOST_TEST(std::filesystem::is_empty(dir / "real"));
}

BOOST_AUTO_TEST_CASE(a_file_on_the_way_is_a_conflict_that_names_it) {
  REQUIRE_OK(write_file(dir / "k", "x", 0600));
  const auto made = make_beneath(root.get(), "k/child", sync_parents::of_new);
  CHECK_FAILS(made, errc::conflict);
  BOOST_TEST(made.error().text().find("k: it is a file") != std::string::npos);
  CHECK_FAILS(open_beneath(root.get(), "k/child"), errc::not_found);
}

BOOST_AUTO_TEST_CASE(directories_are_made_with_their_parents) {
  REQUIRE_OK(make_directories(dir / "x/y/z/"));
  REQUIRE_OK(make_directories(dir / "x/y/z"));
  BOOST_TEST(std::filesystem::is_directory(dir / "x/y/z"));
  REQUIRE_OK(write_file(dir / "file", "x", 0600));
  BOOST_TEST(!make_directories(dir / "file/z").has_value());
  CHECK_FAILS(make_directories(dir / "file"), errc::conflict);
}

BOOST_AUTO_TEST_CASE(a_directory_that_is_none_is_told_from_one_that_is_missing) {
  REQUIRE_OK(write_file(dir / "file", "x", 0600));
  CHECK_FAILS(open_directory(dir / "file"), errc::conflict);
  CHECK_FAILS(open_directory(dir / "missing"), errc::not_found);
}

BOOST_AUTO_TEST_CASE(entries_come_with_their_kinds) {
  REQUIRE_OK(write_file(dir / "file", "x", 0600));
  std::filesystem::create_directory(dir / "directory");
  std::filesystem::create_symlink("nowhere", dir / "link");
  const auto entries = read_directory(root.get());
  REQUIRE_OK(entries);
  BOOST_TEST(entries->size() == 3U);
  for (const directory_entry& entry : *entries) {
    const entry_kind wanted = entry.name == "file"        ? entry_kind::file
                              : entry.name == "directory" ? entry_kind::directory
                                                          : entry_kind::link;
    BOOST_CHECK(entry.kind == wanted);
  }
}

BOOST_AUTO_TEST_CASE(a_flat_directory_goes_with_its_files_and_links_but_not_what_they_lead_to) {
  REQUIRE_OK(write_file(dir / "kept", "x", 0600));
  std::filesystem::create_directory(dir / "d");
  REQUIRE_OK(write_file(dir / "d/file", "x", 0600));
  std::filesystem::create_symlink("../kept", dir / "d/link");
  REQUIRE_OK(remove_flat_directory(root.get(), "d"));
  CHECK_OK(remove_flat_directory(root.get(), "d"));
  BOOST_TEST(std::filesystem::exists(dir / "kept"));
  BOOST_TEST(!std::filesystem::exists(dir / "d"));
}

BOOST_AUTO_TEST_CASE(random_names_differ) {
  BOOST_TEST(random_name() != random_name());
  BOOST_TEST(random_name().size() == 32U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::fs::directory_tests
