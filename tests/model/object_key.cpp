#include "model/object_key.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>
#include <string_view>

namespace spillway::model_object_key_tests {
namespace {

using spillway::model::hour;
using spillway::model::id_max;
using spillway::model::object_kind;
using spillway::model::object_name;
using spillway::model::parse_hour;
using spillway::model::parse_key;
using spillway::model::to_key;

object_name name_of(object_kind kind, std::int64_t owner, std::string_view hour, int partition) {
  return {kind, owner, *parse_hour(hour), partition};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(model_object_key)

BOOST_AUTO_TEST_CASE(keys_are_written_as_the_specification_names_them) {
  const struct {
    object_name name;
    std::string_view prefix, key;
  } rows[] = {
      {name_of(object_kind::events, 187520, "2020-01-25_17", 1), "", "187520/187520_2020-01-25_17#1.json.gz"},
      {name_of(object_kind::events, 187520, "2020-01-25_9", 0), "", "187520/187520_2020-01-25_9#0.json.gz"},
      {name_of(object_kind::events, 203138, "2020-11-24_9", 627), "a/b", "a/b/203138/203138_2020-11-24_9#627.json.gz"},
      {name_of(object_kind::marker, 187520, "2020-01-25_17", 0), "", "187520/187520_2020-01-25_17_complete"},
      {name_of(object_kind::marker, 1, "2020-01-25_0", 0), "analytics", "analytics/1/1_2020-01-25_0_complete"},
      // The organization is positive in the program and negative in the key.
      {name_of(object_kind::merges, 189524, "2020-01-25_17", 0), "", "-189524/-189524_2020-01-25_17.json.gz"},
      {name_of(object_kind::merges, 189524, "2020-01-25_17", 0), "x", "x/-189524/-189524_2020-01-25_17.json.gz"},
  };
  for (const auto& row : rows) {
    BOOST_TEST(to_key(row.name, row.prefix) == row.key);
    const auto read = parse_key(row.key);
    BOOST_TEST((read && *read == row.name), row.key);
  }
}

BOOST_AUTO_TEST_CASE(keys_are_read_below_any_prefix_and_without_a_folder) {
  const object_name wanted = name_of(object_kind::events, 187520, "2020-01-25_17", 1);
  for (const std::string_view key :
       {"187520_2020-01-25_17#1.json.gz", "a_b/c#d/_complete/187520/187520_2020-01-25_17#1.json.gz",
        "žluť/東京/187520/187520_2020-01-25_17#1.json.gz", "//187520/187520_2020-01-25_17#1.json.gz",
        "1/2020-01-25_17#1.json.gz/187520/187520_2020-01-25_17#1.json.gz"}) {
    const auto read = parse_key(key);
    BOOST_TEST((read && *read == wanted), key);
  }
  const auto merges = parse_key("-189524_2020-01-25_17.json.gz");
  BOOST_TEST((merges && *merges == name_of(object_kind::merges, 189524, "2020-01-25_17", 0)));
}

BOOST_AUTO_TEST_CASE(what_is_none_of_the_three_kinds_is_refused) {
  constexpr std::string_view rows[] = {
      "", "/", "x", ".json.gz", "_complete", "187520/", "187520/_complete", "187520/187520_complete",
      // The folder repeats the owner.
      "187521/187520_2020-01-25_17#1.json.gz", "/187520_2020-01-25_17#1.json.gz",
      "x187520/187520_2020-01-25_17#1.json.gz", "187520/x/187520_2020-01-25_17#1.json.gz",
      "189524/-189524_2020-01-25_17.json.gz",
      // Owners in another spelling.
      "0/0_2020-01-25_17#1.json.gz", "0187520/0187520_2020-01-25_17#1.json.gz", "+1/+1_2020-01-25_17#1.json.gz",
      "abc/abc_2020-01-25_17#1.json.gz", "_2020-01-25_17#1.json.gz", "1.5/1.5_2020-01-25_17#1.json.gz",
      "9007199254740992/9007199254740992_2020-01-25_17#1.json.gz",
      "99999999999999999999/99999999999999999999_2020-01-25_17#1.json.gz", "--1/--1_2020-01-25_17.json.gz",
      "-/-_2020-01-25_17.json.gz", "-0/-0_2020-01-25_17.json.gz",
      // Only merges have a negative owner, and they alone have no partition.
      "-189524/-189524_2020-01-25_17#1.json.gz", "-189524/-189524_2020-01-25_17_complete",
      "187520/187520_2020-01-25_17.json.gz",
      // Hours and partitions in another spelling.
      "1/1_2020-01-25_07#1.json.gz", "1/1_2020-01-25_24#1.json.gz", "1/1_2020-02-30_1#1.json.gz",
      "1/1_2020-01-25_-0#1.json.gz", "1/1_2020-01-25#1.json.gz", "1/1_2020-01-25_17#.json.gz",
      "1/1_2020-01-25_17#01.json.gz", "1/1_2020-01-25_17#-1.json.gz", "1/1_2020-01-25_17#+1.json.gz",
      "1/1_2020-01-25_17#1x.json.gz", "1/1_2020-01-25_17#99999999999.json.gz", "1/1_2020-01-25_17#1#2.json.gz",
      "1/1_2020-01-25_17%231.json.gz", "1/1_2020-01-25_07_complete", "1/1_2020-01-25_17#1_complete",
      // Endings.
      "1/1_2020-01-25_17#1.json", "1/1_2020-01-25_17#1.json.gz ", "1/1_2020-01-25_17#1.JSON.GZ",
      "1/1_2020-01-25_17#1.json.gz/", "1/1_2020-01-25_17_Complete", "1/1_2020-01-25_17_complete.json.gz",
      "1/1_2020-01-25_17"};
  for (const std::string_view key : rows) {
    BOOST_TEST(!parse_key(key).has_value(), "\"" << key << "\" was taken");
  }
}

BOOST_AUTO_TEST_CASE(every_name_is_read_back_from_its_key) {
  std::mt19937_64 random(25);
  for (int i = 0; i < 10'000; ++i) {
    object_name name;
    name.kind = static_cast<object_kind>(random() % 3);
    name.owner = i == 0 ? id_max : static_cast<std::int64_t>(random() % (i % 2 == 0 ? 1'000'000 : id_max)) + 1;
    name.hour = hour{static_cast<std::int64_t>(random() % 1'000'000)};
    name.partition = name.kind == object_kind::events ? static_cast<int>(random() % 1000) : 0;
    const std::string key = to_key(name, i % 3 == 0 ? "" : "some/prefix_with#signs");
    const auto read = parse_key(key);
    BOOST_REQUIRE_MESSAGE(read && *read == name, key);
  }
}

// Whatever is read has exactly one spelling, so two keys never stand for one object.
BOOST_AUTO_TEST_CASE(a_key_that_is_read_is_written_the_same_again) {
  const std::string good = "187520/187520_2020-01-25_17#12.json.gz";
  std::mt19937 random(3);
  constexpr std::string_view letters = "0123456789-_#/.+ completejsngz";
  int taken = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string key = good;
    for (std::uint32_t edits = 1 + random() % 2; edits > 0; --edits) {
      const std::size_t at = random() % key.size();
      key.replace(at, random() % 2, 1, letters[random() % letters.size()]);
    }
    if (const auto read = parse_key(key)) {
      ++taken;
      const std::size_t folder = key.rfind('/');
      const std::string whole = to_key(*read, "");
      const std::string_view file = std::string_view(key).substr(folder == std::string::npos ? 0 : folder + 1);
      BOOST_REQUIRE_EQUAL(std::string_view(whole).substr(whole.find('/') + 1), file);
    }
  }
  BOOST_TEST(taken > 1000);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::model_object_key_tests
