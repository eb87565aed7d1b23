#include "fs/walk.hpp"

#include "fs/atomic_file.hpp"
#include "fs/directory.hpp"
#include "support/check_result.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>

namespace spillway::fs::walk_tests {
namespace {

struct fixture {
  test::temp_dir dir;

  void put(const std::string& path, std::string_view bytes = "x") {
    std::filesystem::create_directories((dir / path).parent_path());
    BOOST_REQUIRE(write_file(dir / path, bytes, 0600).has_value());
  }
  std::vector<std::string> paths(const path_filter& wanted = {}) {
    std::vector<std::string> out;
    for (const found_file& file : files_below(dir.path(), wanted).value()) {
      out.push_back(file.path);
    }
    return out;
  }
};

BOOST_FIXTURE_TEST_SUITE(fs_walk, fixture)

BOOST_AUTO_TEST_CASE(files_come_in_byte_order_of_their_whole_paths) {
  const std::vector<std::string> names = {"a/x", "a-b",      "a.b", "a0",    "a/b/c",
                                          "B",   "\xc3\xa4", "a#1", "a b/c", "z/z/z/z"};
  for (const std::string& name : names) {
    put(name);
  }
  std::vector<std::string> wanted = names;
  std::sort(wanted.begin(), wanted.end());
  BOOST_TEST(paths() == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(links_pipes_and_empty_directories_are_left_out) {
  put("d/real");
  std::filesystem::create_symlink("real", dir / "d/link");
  std::filesystem::create_directory_symlink("d", dir / "e");
  std::filesystem::create_directory(dir / "empty");
  BOOST_REQUIRE(::mkfifo((dir / "pipe").c_str(), 0600) == 0);
  BOOST_TEST(paths() == std::vector<std::string>{"d/real"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_filter_leaves_out_files_and_whole_directories) {
  put("a/1.json");
  put("a/2.txt");
  put("b/3.json");
  const auto found = paths([](std::string_view path) { return path != "b/" && !path.ends_with(".txt"); });
  BOOST_TEST(found == std::vector<std::string>{"a/1.json"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(sizes_are_told) {
  put("a", "12345");
  BOOST_TEST(files_below(dir.path(), {}).value().front().identity.bytes == 5U);
}

BOOST_AUTO_TEST_CASE(a_visitor_stops_the_walk) {
  put("a");
  put("b/c");
  put("d");
  const descriptor root = open_directory(dir.path()).value();
  std::vector<std::string> seen;
  CHECK_OK(walk(root.get(), {}, [&](const found_file& file) -> result<walk_step> {
    seen.push_back(file.path);
    return file.path == "b/c" ? walk_step::stop : walk_step::go_on;
  }));
  BOOST_TEST(seen.size() == 2U);
}

BOOST_AUTO_TEST_CASE(the_failure_of_a_visitor_is_the_walks) {
  put("a");
  const descriptor root = open_directory(dir.path()).value();
  CHECK_FAILS(
      walk(root.get(), {}, [](const found_file&) -> result<walk_step> { return failure{errc::state, "", "x", ""}; }),
      errc::state);
}

BOOST_AUTO_TEST_CASE(what_is_removed_meanwhile_is_left_out) {
  put("a");
  put("b/c");
  put("d");
  const descriptor root = open_directory(dir.path()).value();
  std::vector<std::string> seen;
  CHECK_OK(walk(root.get(), {}, [&](const found_file& file) -> result<walk_step> {
    seen.push_back(file.path);
    std::filesystem::remove_all(dir / "b");
    std::filesystem::remove(dir / "d");
    return walk_step::go_on;
  }));
  BOOST_TEST(seen == std::vector<std::string>{"a"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_directory_that_is_missing_is_not_found) {
  CHECK_FAILS(files_below(dir / "missing", {}), errc::not_found);
}

BOOST_AUTO_TEST_CASE(a_tree_deeper_than_any_path_is_refused) {
  descriptor here = open_directory(dir.path()).value();
  const std::string name(250, 'd');
  for (int depth = 0; depth < 18; ++depth) {
    BOOST_REQUIRE(::mkdirat(here.get(), name.c_str(), 0700) == 0);
    here = descriptor(::openat(here.get(), name.c_str(), O_RDONLY | O_DIRECTORY));
  }
  CHECK_FAILS(files_below(dir.path(), {}), errc::too_large);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::fs::walk_tests
