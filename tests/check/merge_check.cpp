#include "check/merge_check.hpp"

#include "check/small_bucket.hpp"

namespace spillway::check::merge_check_tests {
namespace {

// 1579971603000 is 2020-01-25T17:00:03Z.
const std::string sound =
    "{\"scope\":-7,\"merge_time\":1579971600000,\"merge_server_time\":1579971603000,\"amplitude_id\":9,"
    "\"merged_amplitude_id\":8}";

// The kind of the only finding of an object with `times` such lines; empty if there is none.
std::string kind_found(const std::string& text, std::int64_t scope = -7, int times = 1) {
  merge_check checker;
  checker.open(scope, *model::parse_hour("2020-01-25_17"));
  tally findings("-7/-7_2020-01-25_17.json.gz");
  for (int line = 1; line <= times; ++line) {
    checker.check(line, text, findings);
  }
  std::string kind;
  CHECK_OK(findings.report([&](const finding& each) -> result<void> {
    BOOST_TEST(kind == "");
    kind = to_string(each.kind);
    return {};
  }));
  return kind;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(check_merge_check)

BOOST_AUTO_TEST_CASE(a_sound_merge_is_right) {
  BOOST_TEST(kind_found(sound) == "");
  BOOST_TEST(kind_found(test::replaced(sound, "-7", "7"), 7) == "");
}

BOOST_AUTO_TEST_CASE(everything_else_is_found) {
  BOOST_TEST(kind_found("null") == "record");
  BOOST_TEST(kind_found(test::replaced(sound, "\"amplitude_id\":9,", "")) == "keys");
  BOOST_TEST(kind_found(test::replaced(sound, "}", ",\"x\":1}")) == "keys");
  BOOST_TEST(kind_found(test::replaced(sound, "\"amplitude_id\":9,\"merged_amplitude_id\":8",
                                       "\"merged_amplitude_id\":8,\"amplitude_id\":9")) == "keys");
  BOOST_TEST(kind_found(test::replaced(sound, ":9", ":\"9\"")) == "type");
  BOOST_TEST(kind_found(test::replaced(sound, ":9", ":9.5")) == "type");
  BOOST_TEST(kind_found(test::replaced(sound, ":9", ":null")) == "type");
  BOOST_TEST(kind_found(test::replaced(sound, "-7", "7")) == "merge");
}

BOOST_AUTO_TEST_CASE(a_merge_is_there_once) { BOOST_TEST(kind_found(sound, -7, 2) == "merge"); }

BOOST_AUTO_TEST_CASE(the_hour_is_that_of_merge_server_time) {
  BOOST_TEST(kind_found(test::replaced(sound, "1579971603000", "1579971600000")) == "");
  BOOST_TEST(kind_found(test::replaced(sound, "1579971603000", "1579975199999")) == "");
  BOOST_TEST(kind_found(test::replaced(sound, "1579971603000", "1579971599999")) == "hour");
  BOOST_TEST(kind_found(test::replaced(sound, "1579971603000", "1579975200000")) == "hour");
  BOOST_TEST(kind_found(test::replaced(sound, "1579971603000", "9223372036854775807")) == "hour");
  BOOST_TEST(kind_found(test::replaced(sound, "1579971603000", "-9223372036854775808")) == "hour");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::check::merge_check_tests
