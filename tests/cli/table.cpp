#include "cli/table.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

namespace spillway::cli_table_tests {
namespace {

using spillway::cli::align;
using spillway::cli::count_of;
using spillway::cli::grouped;
using spillway::cli::table;

}  // namespace

BOOST_AUTO_TEST_SUITE(cli_table)

BOOST_AUTO_TEST_CASE(digits_are_grouped_by_three) {
  BOOST_TEST(grouped(0) == "0");
  BOOST_TEST(grouped(999) == "999");
  BOOST_TEST(grouped(1'000) == "1,000");
  BOOST_TEST(grouped(123'456) == "123,456");
  BOOST_TEST(grouped(-123'456) == "-123,456");
  BOOST_TEST(grouped(-1'234'567) == "-1,234,567");
  BOOST_TEST(grouped(std::numeric_limits<std::int64_t>::min()) == "-9,223,372,036,854,775,808");
}

BOOST_AUTO_TEST_CASE(one_thing_is_not_many) {
  BOOST_TEST(count_of(1, "event") == "1 event");
  BOOST_TEST(count_of(0, "event") == "0 events");
  BOOST_TEST(count_of(1'000, "event") == "1,000 events");
}

BOOST_AUTO_TEST_CASE(columns_are_as_wide_as_their_widest_cell) {
  table shown({{"PROJECT", align::right}, {"STATE"}, {"REASON"}});
  shown.add({"1", "waiting", ""});
  shown.add({"187520123", "failed", "no room"});
  BOOST_TEST(shown.text() ==
             "  PROJECT  STATE    REASON\n"
             "        1  waiting\n"
             "187520123  failed   no room\n");
}

BOOST_AUTO_TEST_CASE(a_table_without_rows_is_nothing) { BOOST_TEST(table({{"ID"}}).text().empty()); }

BOOST_AUTO_TEST_CASE(cells_cannot_command_the_terminal) {
  table shown({{"NAME"}, {"ID"}});
  shown.add({"a\x1b[2J\n", "7"});
  shown.add({"\xff", "8"});
  BOOST_TEST(shown.text(">") ==
             ">NAME          ID\n"
             ">a\\x1b[2J\\x0a  7\n"
             ">\\xff          8\n");
}

BOOST_AUTO_TEST_CASE(characters_of_several_bytes_are_one_wide) {
  table shown({{"NAME"}, {"ID"}});
  shown.add({"Zürich", "7"});
  BOOST_TEST(shown.text() == "NAME    ID\nZürich  7\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::cli_table_tests
