#include "check/gap_check.hpp"

#include "check/small_bucket.hpp"

namespace spillway::check::gap_check_tests {
namespace {

struct folder_of_hours : listing_folder {
  folder_of_hours() {
    path = "1";
    owner = 1;
  }
  folder_of_hours& data(std::int64_t at) {
    entries.push_back({first + at, 1, 1, model::object_kind::events});
    return *this;
  }
  folder_of_hours& marker(std::int64_t at) {
    entries.push_back({first + at, 0, 0, model::object_kind::marker});
    return *this;
  }
  folder_of_hours& both(std::int64_t at) { return data(at).marker(at); }

  std::int64_t first = model::parse_hour("2020-01-25_0")->number;
};

std::vector<std::string> found(const listing_folder& folder, gap_rule rule = gap_rule::bounded,
                               const unmarked_hours& unmarked = {}) {
  std::vector<std::string> all;
  const finding_sink sink = [&](const finding& each) -> result<void> {
    all.push_back(fmt::format("{} {}: {}", to_string(each.kind), each.key, each.what));
    return {};
  };
  CHECK_OK(check_gaps(folder, rule, unmarked, sink));
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(check_gap_check)

BOOST_AUTO_TEST_CASE(hours_that_are_all_marked_are_right) {
  BOOST_TEST(found(folder_of_hours().marker(0).both(1).marker(2).both(3).marker(9)).empty());
}

BOOST_AUTO_TEST_CASE(an_hour_with_data_and_no_marker_is_found) {
  BOOST_TEST(
      found(folder_of_hours().both(0).data(1)) ==
          test::names{
              "unmarked 1/1_2020-01-25_1_complete: the hour has events, and no marker says that they are complete"},
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(without_any_marker_nothing_can_be_missed) {
  BOOST_TEST(found(folder_of_hours().data(0).data(5)).empty());
}

BOOST_AUTO_TEST_CASE(every_run_of_missing_hours_is_found) {
  BOOST_TEST(
      found(folder_of_hours().both(0).marker(2).both(5).both(6)) ==
          (test::names{"gap 1/1_2020-01-25_1_complete: an hour with neither files nor a marker",
                       "gap 1/1_2020-01-25_3_complete: 2 hours with neither files nor a marker, up to 2020-01-25_4"}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_pause_of_more_than_31_days_is_no_gap_unless_all_are_to_be_filled) {
  const auto at_limit = folder_of_hours().both(0).both(model::gap_hours_max);
  const auto beyond = folder_of_hours().both(0).both(model::gap_hours_max + 1);
  BOOST_TEST(found(at_limit).size() == 1);
  BOOST_TEST(found(beyond).empty());
  BOOST_TEST(found(beyond, gap_rule::all).size() == 1);
}

BOOST_AUTO_TEST_CASE(hours_outside_the_data_need_nothing) {
  BOOST_TEST(found(folder_of_hours().marker(0).both(4).marker(9)).empty());
}

BOOST_AUTO_TEST_CASE(hours_that_are_unmarked_on_purpose_and_what_is_empty_beside_them_are_right) {
  const auto folder = folder_of_hours().both(0).both(2).data(3).data(5).data(9).both(11);
  const auto hours = [&](std::initializer_list<std::int64_t> all) {
    unmarked_hours made;
    for (const std::int64_t each : all) {
      made.insert({folder.first + each});
    }
    return made;
  };
  BOOST_TEST(found(folder, gap_rule::bounded, hours({3, 5, 9})) ==
                 test::names{"gap 1/1_2020-01-25_1_complete: an hour with neither files nor a marker"},
             boost::test_tools::per_element());
  // Of hour 9 nobody knows.
  BOOST_TEST(
      found(folder, gap_rule::bounded, hours({3, 5})) ==
          (test::names{
              "gap 1/1_2020-01-25_1_complete: an hour with neither files nor a marker",
              "unmarked 1/1_2020-01-25_9_complete: the hour has events, and no marker says that they are complete",
              "gap 1/1_2020-01-25_10_complete: an hour with neither files nor a marker"}),
      boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::check::gap_check_tests
