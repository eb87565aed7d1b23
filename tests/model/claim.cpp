#include "model/claim.hpp"

#include "model/object_key.hpp"
#include "support/check_result.hpp"

#include <string>

namespace spillway::model::claim_tests {
namespace {

const claim given{{36958, "Example"}, base::from_us(1'692'964'800'000'000)};
const std::string given_text =
    R"({"version":1,"organization":36958,"name":"Example","claimed_at":"2023-08-25T12:00:00Z"})"
    "\n";

BOOST_AUTO_TEST_SUITE(model_claim)

BOOST_AUTO_TEST_CASE(a_claim_is_one_line_and_is_read_back) {
  BOOST_TEST(to_json(given) == given_text);
  const auto read = parse_claim(given_text);
  REQUIRE_OK(read);
  BOOST_TEST(read->owner.id == 36958);
  BOOST_TEST(read->owner.name == "Example");
  BOOST_CHECK(read->claimed_at == given.claimed_at);
}

BOOST_AUTO_TEST_CASE(a_claim_says_which_installation_has_put_it) {
  claim ours = given;
  ours.installation = "2023-08-25T11:58:03.120345";
  BOOST_TEST(to_json(ours) ==
             given_text.substr(0, given_text.size() - 2) + ",\"installation\":\"2023-08-25T11:58:03.120345\"}\n");
  BOOST_TEST(parse_claim(to_json(ours))->installation == ours.installation);
  BOOST_TEST(parse_claim(given_text)->installation == "");
}

BOOST_AUTO_TEST_CASE(any_name_makes_a_claim_that_can_be_read) {
  for (const std::string& name :
       {std::string(), std::string("\xff\xfe"), std::string("a\"\\\n\0b", 7), std::string(5000, 'x')}) {
    const std::string text = to_json({{1, name}, given.claimed_at});
    CHECK_OK(parse_claim(text));
    BOOST_TEST(text.size() < 500U);
  }
}

BOOST_AUTO_TEST_CASE(members_of_later_times_are_passed_over) {
  CHECK_OK(parse_claim(R"({"x":[],"version":1,"organization":1,"name":"","claimed_at":"2023-08-25T12:00:00Z"})"));
}

BOOST_AUTO_TEST_CASE(what_is_no_claim_is_refused_and_says_why) {
  for (const char* text :
       {"", "{", "[]", "{}", R"({"version":1,"organization":0,"name":"","claimed_at":"2023-08-25T12:00:00Z"})",
        R"({"version":1,"organization":9007199254740992,"name":"","claimed_at":"2023-08-25T12:00:00Z"})",
        R"({"version":1,"organization":"1","name":"","claimed_at":"2023-08-25T12:00:00Z"})",
        R"({"version":1,"organization":1,"name":"","claimed_at":"yesterday"})",
        R"({"version":1,"organization":1,"claimed_at":"2023-08-25T12:00:00Z"})",
        R"({"version":0,"organization":1,"name":"","claimed_at":"2023-08-25T12:00:00Z"})"}) {
    BOOST_TEST_CONTEXT(text) { CHECK_FAILS(parse_claim(text), errc::invalid); }
  }
  BOOST_TEST(parse_claim(R"({"version":2})").error().cause == "it was made by a later version of Spillway");
}

BOOST_AUTO_TEST_CASE(its_key_is_that_of_no_export) {
  BOOST_TEST(!parse_key(claim_key).has_value());
  BOOST_TEST(!parse_key("p/" + std::string(claim_key)).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::model::claim_tests
