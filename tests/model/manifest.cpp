#include "model/manifest.hpp"

#include "support/check_result.hpp"

#include <random>
#include <string>
#include <string_view>

namespace spillway::model_manifest_tests {
namespace {

using spillway::model::hour;
using spillway::model::manifest;
using spillway::model::manifest_object;
using spillway::model::parse_hour;
using spillway::model::parse_manifest;
using spillway::model::to_json;

const std::string digest(64, 'a');

manifest one_object() {
  return {187520,
          *parse_hour("2020-01-25_17"),
          {{"analytics/187520/187520_2020-01-25_17#1.json.gz", 3, 4096, 0x0a1b2c3d, 812, digest}}};
}

constexpr std::string_view one_object_text =
    R"({"version":1,"project":187520,"hour":"2020-01-25_17","objects":[)"
    R"({"key":"analytics/187520/187520_2020-01-25_17#1.json.gz","events":3,"text_bytes":4096,"text_crc32":"0a1b2c3d",)"
    R"("bytes":812,"sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}]})"
    "\n";

// one_object_text with its first `what` replaced.
std::string with(std::string_view what, std::string_view by) {
  std::string text(one_object_text);
  const std::size_t at = text.find(what);
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, what);
  return text.replace(at, what.size(), by);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(model_manifest)

BOOST_AUTO_TEST_CASE(a_manifest_is_these_bytes) {
  BOOST_TEST(to_json(one_object()) == one_object_text);
  BOOST_TEST(to_json({1, *parse_hour("2020-01-25_9"), {}}) ==
             "{\"version\":1,\"project\":1,\"hour\":\"2020-01-25_9\",\"objects\":[]}\n");
}

BOOST_AUTO_TEST_CASE(a_manifest_is_read_back) {
  const auto read = parse_manifest(one_object_text);
  REQUIRE_OK(read);
  BOOST_TEST((*read == one_object()));
}

BOOST_AUTO_TEST_CASE(every_manifest_is_read_back) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 500; ++i) {
    manifest value{
        static_cast<std::int64_t>(random() >> 12) + 1, hour{static_cast<std::int64_t>(random() % 900'000)}, {}};
    for (std::uint64_t objects = random() % 4; objects > 0; --objects) {
      const auto any = [&random] { return static_cast<std::int64_t>(random() >> 1); };
      value.objects.push_back({"pre \"fix\\ž\t/" + std::to_string(any()), any(), any(),
                               static_cast<std::uint32_t>(random()), any(), digest});
    }
    value.project = value.project > spillway::model::id_max ? 1 : value.project;
    const std::string text = to_json(value);
    BOOST_REQUIRE_EQUAL(text.find('\n'), text.size() - 1);
    const auto read = parse_manifest(text);
    REQUIRE_OK(read);
    BOOST_REQUIRE((*read == value));
    BOOST_REQUIRE_EQUAL(to_json(*read), text);
  }
}

BOOST_AUTO_TEST_CASE(unknown_keys_space_and_order_do_not_matter) {
  const auto read = parse_manifest(R"( {"objects": [], "made_by": {"x": [1]}, "hour": "2020-01-25_17",
                                       "project": 187520, "version": 1} )");
  REQUIRE_OK(read);
  BOOST_TEST((*read == manifest{187520, *parse_hour("2020-01-25_17"), {}}));
  CHECK_OK(parse_manifest(with("\"events\"", "\"engine\":\"zlib\",\"events\"")));
}

BOOST_AUTO_TEST_CASE(what_is_no_manifest_is_refused) {
  const std::string rows[] = {"",
                              " ",
                              "null",
                              "[]",
                              "{}",
                              "\"x\"",
                              "not JSON",
                              std::string(one_object_text) + "x",
                              std::string(100'000, '['),
                              with("\"version\":1", "\"version\":2"),
                              with("\"version\":1", "\"version\":0"),
                              with("\"version\":1", "\"version\":\"1\""),
                              with("\"version\":1", "\"version\":1.0"),
                              with("\"version\":1,", ""),
                              with("187520,", "0,"),
                              with("187520,", "-1,"),
                              with("187520,", "9007199254740992,"),
                              with("187520,", "18446744073709551615,"),
                              with("187520,", "\"187520\","),
                              with("2020-01-25_17", "2020-01-25_07"),
                              with("\"2020-01-25_17\"", "17"),
                              with("\"hour\"", "\"Hour\""),
                              with("\"objects\":[", "\"objects\":[1,"),
                              with("\"objects\"", "\"object\""),
                              with("\"key\"", "\"Key\""),
                              with("\"events\":3", "\"events\":-3"),
                              with("\"events\":3", "\"events\":3.5"),
                              with("\"events\":3", "\"events\":null"),
                              with("4096", "\"4096\""),
                              with("812", "1e999"),
                              with("0a1b2c3d", "0a1b2c3"),
                              with("0a1b2c3d", "0a1b2c3dd"),
                              with("0a1b2c3d", "0A1B2C3D"),
                              with("0a1b2c3d", "0a1b2c3g"),
                              with("\"0a1b2c3d\"", "169552957"),
                              with("aaaa", "aaa"),
                              with("aaaa", "aaaaa"),
                              with("aaaa", "aaxa"),
                              with("aaaa", "AAAA"),
                              with("key\":\"", "key\":\"\xff")};
  for (const std::string& text : rows) {
    BOOST_TEST_CONTEXT(text.substr(0, 200)) { CHECK_FAILS(parse_manifest(text), errc::invalid); }
  }
}

BOOST_AUTO_TEST_CASE(no_cut_of_a_manifest_is_a_manifest) {
  // Without the last line end it is whole.
  for (std::size_t bytes = 0; bytes + 1 < one_object_text.size(); ++bytes) {
    BOOST_TEST_CONTEXT(bytes << " bytes") {
      CHECK_FAILS(parse_manifest(one_object_text.substr(0, bytes)), errc::invalid);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::model_manifest_tests
