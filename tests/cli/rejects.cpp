#include "cli/rejects.hpp"

#include "cli/json_output.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

namespace spillway::cli_rejects_tests {
namespace {

using spillway::cli::json_text;
using spillway::cli::line_of;
using spillway::cli::to_json;
using spillway::store::reject_row;

reject_row reject(std::string text) {
  const std::size_t bytes = text.size();
  return {.input_id = 1,
          .place = "a.zip/b.json",
          .line = 2,
          .byte = 118,
          .reason = "no time",
          .text_bytes = bytes,
          .text = std::move(text)};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cli_rejects)

BOOST_AUTO_TEST_CASE(a_reject_is_an_object_with_its_place_reason_and_text) {
  BOOST_TEST(json_text(to_json(reject("{\"a\":"))) ==
             "{\"file\":\"a.zip/b.json\",\"line\":2,\"byte\":118,\"reason\":\"no time\",\"text\":\"{\\\"a\\\":\","
             "\"text_bytes\":5}");
}

BOOST_AUTO_TEST_CASE(text_that_is_no_utf8_is_still_valid_json) {
  const auto read = boost::json::parse(json_text(to_json(reject("\xff\xfe{"))));
  BOOST_TEST(read.at("text").as_string().c_str() == "\xef\xbf\xbd\xef\xbf\xbd{");
  BOOST_TEST(read.at("text_bytes").to_number<int>() == 3);
}

BOOST_AUTO_TEST_CASE(a_line_is_given_as_it_came) {
  BOOST_TEST(line_of(reject("\xff{\"a\":")).value() == "\xff{\"a\":\n");
}

BOOST_AUTO_TEST_CASE(an_event_of_several_lines_becomes_one) {
  BOOST_TEST(line_of(reject("{\n \"a\": 1\n}")).value() == "{  \"a\": 1 }\n");
}

BOOST_AUTO_TEST_CASE(a_line_of_which_only_the_front_was_kept_is_not_given) {
  reject_row cut = reject("{\"a\":");
  cut.text_bytes = 70'000;
  BOOST_TEST(!line_of(cut).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::cli_rejects_tests
