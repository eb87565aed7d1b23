#include "record/json_scan.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace spillway::record_json_scan_tests {
namespace {

using namespace spillway::record;

std::string shown(const value& each) {
  return std::to_string(static_cast<int>(each.kind)) + ":" + std::string(each.text);
}

std::string members_of(std::string_view object) {
  std::string out;
  for_each_member(object,
                  [&](std::string_view key, const value& each) { out += std::string(key) + "=" + shown(each) + ";"; });
  return out;
}

std::string elements_of(std::string_view array) {
  std::string out;
  for_each_element(array, [&](const value& each) { out += shown(each) + ";"; });
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(record_json_scan)

BOOST_AUTO_TEST_CASE(members_are_found_in_order_with_and_without_white_space) {
  const std::string_view wanted =
      R"(a=4:x\"}y;b=3:-1.5e3;c=5:{"d":["}"]};e=6:[1,[2]];f=1:null;g=2:true;h=2:false;=4:;)";
  BOOST_TEST(members_of(R"({"a":"x\"}y","b":-1.5e3,"c":{"d":["}"]},"e":[1,[2]],"f":null,"g":true,"h":false,"":""})") ==
             wanted);
  BOOST_TEST(members_of("{ \"a\" : \"x\\\"}y\" , \"b\" : -1.5e3\n,\"c\":{\"d\":[\"}\"]} ,\"e\": [1,[2]] ,\"f\" :null "
                        ",\"g\":true\t,\"h\": false ,\"\":\"\" }") == wanted);
  BOOST_TEST(members_of("{}").empty());
  BOOST_TEST(members_of("{ }").empty());
}

BOOST_AUTO_TEST_CASE(elements_are_found_in_order_with_and_without_white_space) {
  const std::string_view wanted = R"(3:1;4:a,];6:[];5:{};1:null;)";
  BOOST_TEST(elements_of(R"([1,"a,]",[],{},null])") == wanted);
  BOOST_TEST(elements_of("[ 1 , \"a,]\" , [] , {} , null ]") == wanted);
  BOOST_TEST(elements_of("[]").empty());
  BOOST_TEST(elements_of("[ ]").empty());
}

BOOST_AUTO_TEST_CASE(a_key_is_found_by_its_characters_and_the_last_one_counts) {
  BOOST_TEST(find_member(R"({"a":1,"b":2,"a":3})", "a").text == "3");
  BOOST_TEST(find_member(R"({"caf\u00e9":1})", "café").text == "1");
  BOOST_TEST(find_member(R"({"a\\u0062":1})", "a\\u0062").text == "1");
  BOOST_CHECK(find_member(R"({"x":{"a":1}})", "a").kind == value_kind::absent);
  BOOST_CHECK(find_member(R"({"x":"a"})", "a").kind == value_kind::absent);
  BOOST_CHECK(find_member("{}", "").kind == value_kind::absent);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::record_json_scan_tests
