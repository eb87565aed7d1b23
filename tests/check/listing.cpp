#include "check/listing.hpp"

#include "check/small_bucket.hpp"
#include "support/recording_bucket.hpp"

namespace spillway::check::listing_tests {

BOOST_AUTO_TEST_SUITE(check_listing)

BOOST_FIXTURE_TEST_CASE(objects_come_in_the_order_of_hours_and_the_marker_last, test::small_bucket) {
  const std::vector<std::string> keys = {"p/1/1_2020-01-25_9#1.json.gz", "p/1/1_2020-01-25_9#2.json.gz",
                                         "p/1/1_2020-01-25_9_complete", "p/1/1_2020-01-25_10#1.json.gz"};
  for (const std::string& key : {keys[3], keys[2], keys[1], keys[0]}) {
    put(key, "x");
  }
  const auto listed = list_bucket(*mirror, "", sink());
  REQUIRE_OK(listed);
  BOOST_REQUIRE(listed->folders.size() == 1);
  const listing_folder& folder = listed->folders.at("p/1");
  std::vector<std::string> read;
  for (const listing_entry& entry : folder.entries) {
    read.push_back(folder.key_of(entry));
  }
  BOOST_TEST(read == keys, boost::test_tools::per_element());
  BOOST_TEST(listed->objects == 4);
  BOOST_TEST(listed->bytes == 4);
}

BOOST_FIXTURE_TEST_CASE(old_merges_keep_their_names_and_lie_apart_from_a_project, test::small_bucket) {
  put("7/7_2020-01-25_9.json.gz", "x");
  put("7/7_2020-01-25_9#0.json.gz", "x");
  const auto listed = list_bucket(*mirror, "", sink());
  REQUIRE_OK(listed);
  BOOST_TEST(listed->folders.size() == 2);
  for (const auto& [path, folder] : listed->folders) {
    BOOST_TEST(folder.entries.size() == 1);
    BOOST_TEST((mirror->head(folder.key_of(folder.entries[0]))->has_value()));
  }
}

BOOST_FIXTURE_TEST_CASE(only_what_is_below_the_prefix_is_listed, test::small_bucket) {
  put("a/1/1_2020-01-25_9#1.json.gz", "x");
  put("ab/1/1_2020-01-25_9#1.json.gz", "x");
  const auto listed = list_bucket(*mirror, "a", sink());
  REQUIRE_OK(listed);
  BOOST_TEST(listed->objects == 1);
  BOOST_TEST(listed->folders.contains("a/1"));
}

BOOST_FIXTURE_TEST_CASE(names_that_are_not_right_are_reported_and_left_out, test::small_bucket) {
  put("1/1_2020-01-25_09#1.json.gz", "x");
  put("README.md", "x");
  const auto listed = list_bucket(*mirror, "", sink());
  REQUIRE_OK(listed);
  BOOST_TEST(listed->folders.empty());
  BOOST_TEST(names_found() == (test::names{"name 1/1_2020-01-25_09#1.json.gz", "note README.md"}),
             boost::test_tools::per_element());
  BOOST_TEST(found[0].what == "the hour has a leading zero; it should be 1/1_2020-01-25_9#1.json.gz");
}

BOOST_FIXTURE_TEST_CASE(the_claim_of_an_organization_is_an_object_and_nothing_to_report, test::small_bucket) {
  put("spillway-organization.json", "x");
  const auto listed = list_bucket(*mirror, "", sink());
  REQUIRE_OK(listed);
  BOOST_TEST(listed->objects == 1);
  BOOST_TEST(listed->folders.empty());
  BOOST_TEST(found.empty());
}

BOOST_FIXTURE_TEST_CASE(a_listing_of_many_pages_is_whole, test::small_bucket) {
  for (int i = 0; i < 1205; ++i) {
    put(fmt::format("1/1_2020-01-25_9#{}.json.gz", i), "x");
  }
  test::recording_bucket pages(*mirror);  // of 1,000, as S3's
  const auto listed = list_bucket(pages, "", sink());
  REQUIRE_OK(listed);
  BOOST_TEST(pages.calls().size() == 2);
  const auto& entries = listed->folders.at("1").entries;
  BOOST_REQUIRE(entries.size() == 1205);
  BOOST_TEST(entries.back().partition == 1204);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::check::listing_tests
