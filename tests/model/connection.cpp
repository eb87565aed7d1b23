#include "model/connection.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace spillway::model::connection_tests {
namespace {

BOOST_AUTO_TEST_SUITE(model_connection)

BOOST_AUTO_TEST_CASE(the_bucket_of_a_place_has_no_prefix) {
  const std::pair<std::string, std::string> rows[] = {{"s3://raw", "s3://raw"},
                                                      {"s3://raw/", "s3://raw"},
                                                      {"s3://raw/analytics/exports", "s3://raw"},
                                                      {"/srv/bucket", "/srv/bucket"},
                                                      {"/srv/s3:/bucket", "/srv/s3:/bucket"}};
  for (const auto& [destination, bucket] : rows) {
    BOOST_TEST(bucket_of({destination, "http://x"}).destination == bucket);
    BOOST_TEST(bucket_of({destination, "http://x"}).endpoint == "http://x");
  }
}

template <class Enumeration>
void check_names(std::initializer_list<std::pair<Enumeration, const char*>> names) {
  BOOST_TEST(names_of(Enumeration()).size() == names.size());
  for (const auto& [value, name] : names) {
    BOOST_TEST(to_string(value) == name);
    BOOST_CHECK(base::parse_name<Enumeration>(name) == value);
  }
  BOOST_CHECK(!base::parse_name<Enumeration>(""));
  BOOST_CHECK(!base::parse_name<Enumeration>("other"));
}

BOOST_AUTO_TEST_CASE(every_choice_is_spelled_and_read) {
  check_names<marker_kind>(
      {{marker_kind::manifest, "manifest"}, {marker_kind::empty, "empty"}, {marker_kind::off, "off"}});
  check_names<connection_kind>({{connection_kind::implicit, "implicit"}, {connection_kind::scheduled, "scheduled"}});
  check_names<connection_state>({{connection_state::enabled, "enabled"}, {connection_state::disabled, "disabled"}});
  check_names<data_choice>(
      {{data_choice::events, "events"}, {data_choice::merged_ids, "merged-ids"}, {data_choice::both, "both"}});
  check_names<principal_kind>({{principal_kind::role, "role"}, {principal_kind::root, "root"}});
  check_names<claim_choice>({{claim_choice::none, "none"}, {claim_choice::object, "object"}});
  check_names<foreign_objects>({{foreign_objects::refuse, "refuse"}, {foreign_objects::replace, "replace"}});
}

BOOST_AUTO_TEST_CASE(a_day_begins_at_midnight_utc) {
  const std::pair<const char*, const char*> rows[] = {{"2020-01-25T00:00:00", "2020-01-25_0"},
                                                      {"2020-01-25T23:59:59.999999", "2020-01-25_0"},
                                                      {"2016-12-31T23:59:59.999999", "2016-12-31_0"},
                                                      {"2020-02-29T12:00:00", "2020-02-29_0"},
                                                      {"1969-12-31T23:00:00", "1969-12-31_0"}};
  for (const auto& [when, hour] : rows) {
    BOOST_TEST(to_string(first_hour_of_day(*base::parse_timestamp(when))) == hour);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::model::connection_tests
