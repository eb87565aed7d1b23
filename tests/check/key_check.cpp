#include "check/key_check.hpp"

#include <boost/test/unit_test.hpp>

namespace spillway::check::key_check_tests {

BOOST_AUTO_TEST_SUITE(check_key_check)

BOOST_AUTO_TEST_CASE(right_keys_are_read_with_their_kind) {
  struct row {
    const char* key;
    model::object_kind kind;
    std::int64_t owner;
    std::int64_t scope;
  };
  const row rows[] = {
      {"187520/187520_2020-01-25_17#1.json.gz", model::object_kind::events, 187520, 0},
      {"a/b/187520/187520_2020-01-25_9#627.json.gz", model::object_kind::events, 187520, 0},
      {"187520/187520_2020-01-25_0_complete", model::object_kind::marker, 187520, 0},
      {"-189524/-189524_2020-01-25_17.json.gz", model::object_kind::merges, 189524, -189524},
      {"183047/183047_2020-01-25_17.json.gz", model::object_kind::merges, 183047, 183047},
  };
  for (const row& each : rows) {
    BOOST_TEST_CONTEXT(each.key) {
      const key_reading read = read_key(each.key);
      BOOST_REQUIRE(read.name.has_value());
      BOOST_TEST((read.name->kind == each.kind));
      BOOST_TEST(read.name->owner == each.owner);
      BOOST_TEST(read.scope == each.scope);
      BOOST_TEST(read.trouble == "");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_key_that_is_nearly_right_says_what_it_should_be) {
  struct row {
    const char* key;
    const char* trouble;
    const char* should_be;
  };
  const row rows[] = {
      {"1/1_2020-01-25_09#1.json.gz", "the hour has a leading zero", "1/1_2020-01-25_9#1.json.gz"},
      {"p/1/1_2020-01-25_00_complete", "the hour has a leading zero", "p/1/1_2020-01-25_0_complete"},
      {"-7/-7_2020-01-25_09.json.gz", "the hour has a leading zero", "-7/-7_2020-01-25_9.json.gz"},
      {"2/1_2020-01-25_9#1.json.gz", "it is in the folder 2", "1/1_2020-01-25_9#1.json.gz"},
      {"1_2020-01-25_9#1.json.gz", "it is in no folder", "1/1_2020-01-25_9#1.json.gz"},
      {"1/1_2020-01-25_9%231.json.gz", "'#' is written as %23, which belongs in addresses only",
       "1/1_2020-01-25_9#1.json.gz"},
  };
  for (const row& each : rows) {
    BOOST_TEST_CONTEXT(each.key) {
      const key_reading read = read_key(each.key);
      BOOST_REQUIRE(read.name.has_value());
      BOOST_TEST(read.trouble == each.trouble);
      BOOST_TEST(read.should_be == each.should_be);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_claim_of_an_organization_is_known_at_the_root_alone) {
  BOOST_TEST(read_key("spillway-organization.json").is_claim);
  BOOST_TEST(!read_key("spillway-organization.json").name.has_value());
  for (const char* key : {"p/spillway-organization.json", "/spillway-organization.json", "spillway-organization.json/",
                          "Spillway-organization.json"}) {
    BOOST_TEST_CONTEXT(key) { BOOST_TEST(!read_key(key).is_claim); }
  }
}

BOOST_AUTO_TEST_CASE(other_names_are_nobodys) {
  for (const char* key : {"", "/", "README.md", "1/notes.txt", "1/1_2020-01-25_24#1.json.gz",
                          "1/1_2020-13-25_2#1.json.gz", "1/1_2020-01-25_9#x.json.gz", "1/1_2020-01-25_9#1.json",
                          "01/01_2020-01-25_9#1.json.gz", "_0", "1/1_2020-01-25_0"}) {
    BOOST_TEST_CONTEXT(key) { BOOST_TEST(!read_key(key).name.has_value()); }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::check::key_check_tests
