#include "net/message.hpp"

#include "support/check_result.hpp"

#include <boost/test/unit_test.hpp>

namespace spillway::net_message_tests {
namespace {

}  // namespace

BOOST_AUTO_TEST_SUITE(net_message)

BOOST_AUTO_TEST_CASE(a_field_is_found_in_any_case_and_the_first_one_counts) {
  const net::http_response answer{200, {{"ETag", "\"a\""}, {"etag", "\"b\""}, {"X-Empty", ""}}, ""};
  BOOST_TEST(answer.field("etag").value() == "\"a\"");
  BOOST_TEST(answer.field("ETAG").value() == "\"a\"");
  BOOST_TEST(answer.field("x-empty").value().empty());
  BOOST_TEST(!answer.field("etag2").has_value());
  BOOST_TEST(!answer.field("").has_value());
}

BOOST_AUTO_TEST_CASE(success_is_2xx) {
  BOOST_TEST(!(net::http_response{199, {}, {}}).is_success());
  BOOST_TEST((net::http_response{200, {}, {}}).is_success());
  BOOST_TEST((net::http_response{299, {}, {}}).is_success());
  BOOST_TEST(!(net::http_response{300, {}, {}}).is_success());
}

BOOST_AUTO_TEST_CASE(a_body_in_memory_can_be_written_again) {
  const net::http_body body = net::memory_body("abc");
  for (int i = 0; i < 2; ++i) {
    std::string got;
    CHECK_OK(body.write([&](std::string_view piece) -> result<void> {
      got += piece;
      return {};
    }));
    BOOST_TEST(got == "abc");
  }
  BOOST_TEST(body.bytes == 3u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::net_message_tests
