#include "check/marker_check.hpp"

#include "check/small_bucket.hpp"

namespace spillway::check::marker_check_tests {
namespace {

const std::string text = "{\"a\":1}\n{\"a\":2}\n";
const std::string first_key = "1/1_2020-01-25_17#1.json.gz";
const std::string second_key = "1/1_2020-01-25_17#2.json.gz";
const std::string marker_key = "1/1_2020-01-25_17_complete";

object_facts facts_of(const std::string& key) {
  const model::manifest_object entry = test::listed(key, text);
  object_facts facts;
  facts.key = key;
  facts.bytes = static_cast<std::uint64_t>(entry.bytes);
  facts.sha256 = base::sha256_of(test::gzip_of(text));
  facts.text_bytes = text.size();
  facts.text_crc32 = entry.text_crc32;
  facts.lines = entry.events;
  facts.is_readable = true;
  return facts;
}

model::manifest sound_manifest() {
  return {1, *model::parse_hour("2020-01-25_17"), {test::listed(first_key, text), test::listed(second_key, text)}};
}

std::vector<object_facts> both() { return {facts_of(first_key), facts_of(second_key)}; }

// What is found, one a line.
std::string found(std::string_view body, const std::vector<object_facts>& objects) {
  tally findings(marker_key);
  check_marker(body, {model::object_kind::marker, 1, *model::parse_hour("2020-01-25_17"), 0}, objects, findings);
  std::string all;
  CHECK_OK(findings.report([&](const finding& each) -> result<void> {
    BOOST_TEST((each.kind == finding_kind::marker));
    all += (all.empty() ? "" : "\n") + each.what;
    return {};
  }));
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(check_marker_check)

BOOST_AUTO_TEST_CASE(an_empty_marker_says_nothing) { BOOST_TEST(found("", both()) == ""); }

BOOST_AUTO_TEST_CASE(a_manifest_that_agrees_is_right) {
  BOOST_TEST(found(model::to_json(sound_manifest()), both()) == "");
  BOOST_TEST(found(model::to_json({1, *model::parse_hour("2020-01-25_17"), {}}), {}) == "");
}

BOOST_AUTO_TEST_CASE(a_copy_without_its_prefix_is_as_right) {
  model::manifest marker = sound_manifest();
  marker.objects[0].key = "analytics/" + first_key;
  BOOST_TEST(found(model::to_json(marker), both()) == "");
}

BOOST_AUTO_TEST_CASE(what_is_neither_empty_nor_a_manifest_is_found) {
  BOOST_TEST(found("done\n", both()).starts_with("neither empty nor a manifest: "));
}

BOOST_AUTO_TEST_CASE(a_manifest_of_another_hour_or_project_is_found) {
  model::manifest marker = sound_manifest();
  marker.hour = marker.hour.next();
  BOOST_TEST(found(model::to_json(marker), both()) == "it says project 1 and hour 2020-01-25_18");
  marker = sound_manifest();
  marker.project = 2;
  BOOST_TEST(found(model::to_json(marker), both()) == "it says project 2 and hour 2020-01-25_17");
}

BOOST_AUTO_TEST_CASE(every_difference_is_found) {
  struct row {
    void (*change)(model::manifest_object&);
    const char* what;
  };
  const row rows[] = {
      {[](model::manifest_object& object) { ++object.bytes; }, "bytes are listed"},
      {[](model::manifest_object& object) { object.sha256 = std::string(64, '0'); }, "the sha256 0000"},
      {[](model::manifest_object& object) { ++object.events; }, "3 events are listed, 2 are there"},
      {[](model::manifest_object& object) { --object.text_bytes; }, "15 bytes of text are listed, 16 are there"},
      {[](model::manifest_object& object) { object.text_crc32 ^= 1; }, "the text's CRC-32 "},
  };
  for (const row& each : rows) {
    model::manifest marker = sound_manifest();
    each.change(marker.objects[1]);
    const std::string what = found(model::to_json(marker), both());
    BOOST_TEST_CONTEXT(what) {
      BOOST_TEST(what.starts_with("of " + second_key + " "));
      BOOST_TEST(what.find(each.what) != std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(objects_that_are_missing_or_not_listed_are_found) {
  BOOST_TEST(found(model::to_json(sound_manifest()), {facts_of(first_key)}) ==
             "it lists " + second_key + ", which is not there");
  model::manifest marker = sound_manifest();
  marker.objects.pop_back();
  BOOST_TEST(found(model::to_json(marker), both()) == "it does not list " + second_key + ", which is there");
}

BOOST_AUTO_TEST_CASE(an_object_that_is_listed_twice_is_found) {
  model::manifest marker = sound_manifest();
  marker.objects.push_back(marker.objects[0]);
  BOOST_TEST(found(model::to_json(marker), both()) == "it lists " + first_key + " more than once");
}

BOOST_AUTO_TEST_CASE(an_object_that_could_not_be_read_is_there_all_the_same) {
  std::vector<object_facts> objects = both();
  objects[1] = object_facts();
  objects[1].key = second_key;
  objects[1].presence = presence::unread;
  BOOST_TEST(found(model::to_json(sound_manifest()), objects) == "");
}

BOOST_AUTO_TEST_CASE(a_listed_object_of_another_hour_is_found) {
  model::manifest marker = sound_manifest();
  marker.objects.push_back(test::listed("1/1_2020-01-25_18#1.json.gz", text));
  BOOST_TEST(found(model::to_json(marker), both()) ==
             "it lists 1/1_2020-01-25_18#1.json.gz, which is no object of its hour");
}

BOOST_FIXTURE_TEST_CASE(a_marker_too_large_to_be_one_is_not_read_to_its_end, test::small_bucket) {
  put(marker_key, std::string(model::marker_bytes_max + 1, ' '));
  tally findings(marker_key);
  const auto body = read_marker(*mirror, findings);
  REQUIRE_OK(body);
  BOOST_TEST(!body->has_value());
  BOOST_TEST(findings.has(finding_kind::marker, {}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::check::marker_check_tests
