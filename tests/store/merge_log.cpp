#include "store/merge_log.hpp"

#include "store/catalog.hpp"
#include "support/check_result.hpp"
#include "support/store_check.hpp"
#include "support/temp_dir.hpp"

#include <string>
#include <vector>

namespace spillway::store::merge_log_tests {
namespace {

constexpr std::int64_t server_time_ms = 1579971603000;  // 2020-01-25T17:00:03Z
constexpr std::int64_t ms_an_hour = 3'600'000;
const model::hour hour = *model::parse_hour("2020-01-25_17");

model::merge merge_of(std::int64_t amplitude_id, std::int64_t at_ms = server_time_ms,
                      model::organization_id organization = 1) {
  return {organization, 1579971600000, at_ms, amplitude_id, 8};
}

struct fixture {
  test::temp_dir dir;
  state_file state = test::open_state(dir / "state.db");
  db::database& file = state.database();
  fixture() {
    REQUIRE_OK(add_organization(file, {1, "one"}, {}));
    REQUIRE_OK(add_organization(file, {2, "two"}, {}));
  }

  bool add(const model::merge& added) {
    const auto made = add_merge(file, added);
    REQUIRE_OK(made);
    return *made;
  }
  std::string ids(std::int64_t count_max, model::organization_id organization = 1) {
    const auto read = read_merges(file, organization, hour, count_max);
    REQUIRE_OK(read);
    std::string all;
    for (const model::merge& each : *read) {
      all += std::to_string(each.amplitude_id) + ' ';
    }
    return all;
  }
  std::string plan_of(const std::string& query) {
    db::statement rows = file.query("EXPLAIN QUERY PLAN " + query).value();
    std::string plan;
    while (rows.step().value()) {
      plan += std::string(rows.text(3)) + '\n';
    }
    return plan;
  }
};

BOOST_FIXTURE_TEST_SUITE(store_merge_log, fixture)

BOOST_AUTO_TEST_CASE(a_merge_comes_back_as_it_was_added) {
  const model::merge added{2, -5, server_time_ms, 9'007'199'254'740'993, -8};
  BOOST_TEST(add(added));
  const auto read = read_merges(file, 2, hour, 10);
  REQUIRE_OK(read);
  BOOST_REQUIRE(read->size() == 1U);
  BOOST_CHECK(read->front() == added);
}

BOOST_AUTO_TEST_CASE(a_record_of_the_same_five_values_is_kept_once) {
  const model::merge first{1, 10, server_time_ms, 9, 8};
  BOOST_TEST(add(first));
  BOOST_TEST(!add(first));
  for (const model::merge& other : std::vector<model::merge>{{2, 10, server_time_ms, 9, 8},
                                                             {1, 11, server_time_ms, 9, 8},
                                                             {1, 10, server_time_ms + 1, 9, 8},
                                                             {1, 10, server_time_ms, 7, 8},
                                                             {1, 10, server_time_ms, 9, 7}}) {
    BOOST_TEST_CONTEXT(model::to_line(other)) {
      BOOST_TEST(add(other));
      BOOST_TEST(!add(other));
    }
  }
  BOOST_TEST(test::number_of(file, "SELECT count(*) FROM merge_record") == 6);
}

BOOST_AUTO_TEST_CASE(records_of_an_hour_stay_in_the_order_in_which_they_came) {
  add(merge_of(30));
  add(merge_of(10, server_time_ms + 5));
  add(merge_of(99, server_time_ms + ms_an_hour));
  add(merge_of(77, server_time_ms, 2));
  add(merge_of(20, server_time_ms - 5));
  add(merge_of(10, server_time_ms + 5));
  BOOST_TEST(ids(100) == "30 10 20 ");
  BOOST_TEST(ids(100, 2) == "77 ");
}

BOOST_AUTO_TEST_CASE(the_first_records_of_an_hour_stay_the_same_when_more_come) {
  add(merge_of(30));
  add(merge_of(20));
  const std::string planned = ids(2);
  add(merge_of(10, server_time_ms - 1));
  BOOST_TEST(ids(2) == planned);
  BOOST_TEST(ids(3) == planned + "10 ");
  BOOST_TEST(ids(0) == "");
  BOOST_TEST(ids(-1) == "");
}

BOOST_AUTO_TEST_CASE(hours_are_listed_in_order_with_how_many_merges_they_have) {
  BOOST_TEST(list_merge_hours(file, 1).value().empty());
  add(merge_of(1, server_time_ms + 3 * ms_an_hour));
  add(merge_of(2));
  add(merge_of(3));
  add(merge_of(4, server_time_ms, 2));
  const std::vector<merge_hour> wanted{{hour, 2}, {{hour.number + 3}, 1}};
  BOOST_CHECK(list_merge_hours(file, 1).value() == wanted);
  BOOST_CHECK(list_merge_hours(file, 2).value() == (std::vector<merge_hour>{{hour, 1}}));
  BOOST_TEST(list_merge_hours(file, 3).value().empty());
}

BOOST_AUTO_TEST_CASE(a_merge_belongs_to_an_organization_that_is_there) {
  BOOST_TEST(!add_merge(file, merge_of(1, server_time_ms, 3)).has_value());
}

BOOST_AUTO_TEST_CASE(an_organization_with_merges_is_not_removed) {
  add(merge_of(1, server_time_ms, 2));
  CHECK_FAILS(remove_organization(file, 2), errc::conflict);
  CHECK_OK(remove_organization(file, 1));
}

// Without them, each would look at every merge there is, or sort an hour.
BOOST_AUTO_TEST_CASE(lists_and_hours_are_read_along_the_index) {
  const std::string hours =
      plan_of("SELECT hour, count(*) FROM merge_record WHERE organization_id=1 GROUP BY hour ORDER BY hour");
  BOOST_TEST(hours == "SEARCH merge_record USING COVERING INDEX merge_record_hour (organization_id=?)\n");
  const std::string records =
      plan_of("SELECT merge_time FROM merge_record WHERE organization_id=1 AND hour=2 ORDER BY id LIMIT 3");
  BOOST_TEST(records == "SEARCH merge_record USING INDEX merge_record_hour (organization_id=? AND hour=?)\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::store::merge_log_tests
