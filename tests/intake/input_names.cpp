#include "intake/input_names.hpp"

#include "reading.hpp"
#include "support/file_rights_alone.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace spillway::intake_input_names_tests {
namespace {

using namespace spillway::intake;
using namespace spillway::test;

}  // namespace

BOOST_AUTO_TEST_SUITE(intake_input_names)

BOOST_AUTO_TEST_CASE(a_directory_stands_for_its_files_in_byte_order_and_partitions_in_that_of_their_numbers) {
  const temp_dir dir;
  for (const char* name :
       {"b.jsonl", "a/z", "a-b", "a/187520/187520_2020-01-25_17#1.json.gz", "a.b", "B",
        "187520_2020-01-25_17#10.json.gz", "187520_2020-01-25_17#2.json.gz", "a/.hidden/x", ".hidden", ".spillway/meta",
        "187520_2020-01-25_17_complete", "a/187520/187520_2020-01-25_9_complete", "complete", "x_complete",
        "spillway-organization.json", "a/spillway-organization.json"}) {
    write_file(dir, name, "x");
  }
  std::filesystem::create_symlink("b.jsonl", dir / "link");
  const auto files = expand_inputs({dir.path().string()}, {});
  REQUIRE_OK(files);
  std::vector<std::string> wanted;
  for (const char* name : {"187520_2020-01-25_17#2.json.gz", "187520_2020-01-25_17#10.json.gz", "B", "a-b", "a.b",
                           "a/187520/187520_2020-01-25_17#1.json.gz", "a/z", "b.jsonl", "complete", "x_complete"}) {
    wanted.push_back((dir / name).string());
  }
  BOOST_TEST(*files == wanted, boost::test_tools::per_element());
  std::vector<std::string> left_out;
  REQUIRE_OK(expand_inputs({dir.path().string()}, {}, [&](std::string_view path) { left_out.emplace_back(path); }));
  BOOST_TEST(left_out == (std::vector<std::string>{(dir / "link").string()}), boost::test_tools::per_element());
  const auto with_slash = expand_inputs({dir.path().string() + "/"}, {});
  REQUIRE_OK(with_slash);
  BOOST_TEST(*with_slash == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_named_is_taken_in_the_order_of_its_naming) {
  const temp_dir dir;
  const std::string late = write_file(dir, "z/1", "x");
  const std::string hidden = write_file(dir, ".hidden", "x");
  const std::string marker = write_file(dir, "187520_2020-01-25_17_complete", "x");
  const auto files = expand_inputs({late, "-", (dir / "z").string(), hidden, marker, late}, {});
  REQUIRE_OK(files);
  const std::vector<std::string> wanted = {late, "-", late, hidden, marker, late};
  BOOST_TEST(*files == wanted, boost::test_tools::per_element());
  BOOST_TEST(expand_inputs({}, {}).value().empty());
}

BOOST_AUTO_TEST_CASE(a_name_that_is_not_there_and_a_directory_without_files_fail) {
  const temp_dir dir;
  const std::string there = write_file(dir, "a/there", "x");
  std::filesystem::create_directory(dir / "empty");
  write_file(dir, "only/.hidden", "x");
  CHECK_FAILS(expand_inputs({there, (dir / "missing").string()}, {}), errc::not_found);
  CHECK_FAILS(expand_inputs({(dir / "empty").string()}, {}), errc::not_found);
  CHECK_FAILS(expand_inputs({(dir / "only").string()}, {}), errc::not_found);
}

BOOST_AUTO_TEST_CASE(a_name_that_may_not_be_looked_for_is_not_said_to_be_missing) {
  const temp_dir dir;
  const std::string there = write_file(dir, "shut/there", "x");
  std::filesystem::permissions(dir / "shut", std::filesystem::perms::none);
  {
    const file_rights_alone as_everybody;
    const auto refused = expand_inputs({there}, {});
    CHECK_FAILS(refused, errc::io);
    BOOST_TEST(refused.error().text() == "reading " + there + ": Permission denied");
  }
  std::filesystem::permissions(dir / "shut", std::filesystem::perms::owner_all);
}

BOOST_AUTO_TEST_CASE(files_of_the_state_file_are_left_out_of_directories_under_any_name) {
  const temp_dir dir;
  const std::string events = write_file(dir, "in/events", "x");
  const std::string state = write_file(dir, "in/state.db", "x");
  const std::string log = write_file(dir, "in/state.db-wal", "x");
  std::filesystem::create_hard_link(state, dir / "in/other");
  std::filesystem::create_directory_symlink(dir / "in", dir / "link");
  const std::vector<std::filesystem::path> state_files = {state, log, dir / "in/state.db-shm"};
  const auto files = expand_inputs({(dir / "in").string()}, state_files);
  REQUIRE_OK(files);
  BOOST_TEST(*files == std::vector{events}, boost::test_tools::per_element());
  const auto behind_link = expand_inputs({(dir / "link").string()}, state_files);
  REQUIRE_OK(behind_link);
  BOOST_TEST(behind_link->size() == 1U);
  std::filesystem::remove(events);
  CHECK_FAILS(expand_inputs({(dir / "in").string()}, state_files), errc::not_found);
}

BOOST_AUTO_TEST_CASE(a_file_of_the_state_file_that_is_named_is_refused) {
  const temp_dir dir;
  const std::string state = write_file(dir, "state.db", "x");
  const std::string log = write_file(dir, "state.db-wal", "x");
  const std::string events = write_file(dir, "events", "x");
  std::filesystem::create_symlink("state.db", dir / "link");
  for (const std::string& named : {state, log, (dir / "link").string()}) {
    const auto refused = expand_inputs({events, named}, {state, log});
    CHECK_FAILS(refused, errc::usage);
    BOOST_TEST(refused.error().text().find(named) != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(databases_are_left_out_of_directories_and_refused_where_they_are_named) {
  const temp_dir dir;
  const std::string text("SQLite format 3\0and pages", 25);
  const std::string database = write_file(dir, "in/other", text);
  write_file(dir, "in/other-wal", "x");
  write_file(dir, "in/other-shm", "x");
  std::vector<std::string> wanted;
  for (const char* name : {"in/a-wal", "in/about", "in/short"}) {
    wanted.push_back(write_file(dir, name, "SQLite format 3"));
  }
  const auto files = expand_inputs({(dir / "in").string()}, {});
  REQUIRE_OK(files);
  BOOST_TEST(*files == wanted, boost::test_tools::per_element());
  const auto refused = expand_inputs({database}, {});
  CHECK_FAILS(refused, errc::usage);
  BOOST_TEST(refused.error().text() ==
             "reading " + database + ": it is an SQLite database, as state files are, and holds no lines");
  std::filesystem::create_directory(dir / "only");
  std::filesystem::rename(database, dir / "only/other");
  CHECK_FAILS(expand_inputs({(dir / "only").string()}, {}), errc::not_found);
}

BOOST_AUTO_TEST_CASE(an_address_is_no_input) {
  const auto refused = expand_inputs({"s3://raw/x"}, {});
  CHECK_FAILS(refused, errc::usage);
  BOOST_TEST(refused.error().text() == "reading s3://raw/x: inputs are files, directories, or - for standard input");
}

// Else `export . ./bucket` would take in at its second run what the first one put.
BOOST_AUTO_TEST_CASE(a_destination_in_a_directory_of_inputs_is_left_out) {
  const temp_dir dir;
  const std::string events = write_file(dir, "in/events.jsonl", "x");
  const std::string object = write_file(dir, "in/bucket/1/1_2020-01-25_17#1.json.gz", "x");
  const std::string beside = write_file(dir, "in/bucket2/events.jsonl", "x");
  const std::vector<std::string> all = {object, beside, events};
  const auto below = [&](const std::string& name, const std::filesystem::path& destination) {
    return expand_inputs({name}, {}, {}, destination).value();
  };
  const std::string in = (dir / "in").string();
  BOOST_TEST(below(in, dir / "in/bucket") == (std::vector{beside, events}), boost::test_tools::per_element());
  BOOST_TEST(below(in, dir / "in/../in/bucket/") == (std::vector{beside, events}), boost::test_tools::per_element());
  for (const std::filesystem::path& elsewhere :
       {dir / "in", dir / "out", dir / "in/not there", std::filesystem::path("s3://in/bucket")}) {
    BOOST_TEST(below(in, elsewhere) == all, boost::test_tools::per_element());
  }
  BOOST_TEST(below((dir / "in/bucket/1").string(), dir / "in/bucket") == std::vector{object},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::intake_input_names_tests
