#include "net/request_head.hpp"

#include "support/check_result.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace spillway::net_request_head_tests {
namespace {

using net::expectation;
using net::http_request;

const base::origin minio{base::scheme::http, "localhost", 9000};

result<std::string> head_of(const http_request& request, expectation expected = expectation::none) {
  return net::write_request_head(minio, request, expected);
}

// Every place of a request where a byte from outside ends up.
std::vector<http_request> requests_with(const std::string& text) {
  return {{.method = "GET" + text},
          {.target = "/a" + text},
          {.target = "/a?prefix=" + text + "b"},
          {.fields = {{"x-amz-meta-a" + text, "v"}}},
          {.fields = {{"x-amz-meta-a", "v" + text}}},
          {.fields = {{"Host", "h" + text}}}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(net_request_head)

BOOST_AUTO_TEST_CASE(a_put_says_host_fields_length_and_expectation) {
  const http_request put{.method = "PUT",
                         .target = "/b/1_2020-01-25_17%231.json.gz",
                         .fields = {{"X-Amz-Date", "now"}},
                         .body = net::memory_body("12345")};
  auto head = head_of(put, expectation::continue_first);
  REQUIRE_OK(head);
  BOOST_TEST(*head ==
             "PUT /b/1_2020-01-25_17%231.json.gz HTTP/1.1\r\nHost: localhost:9000\r\nX-Amz-Date: now\r\n"
             "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(a_host_that_was_signed_is_kept_and_there_is_one_only) {
  BOOST_TEST(*head_of({.fields = {{"host", "b.s3.amazonaws.com"}}}) ==
             "GET / HTTP/1.1\r\nhost: b.s3.amazonaws.com\r\n\r\n");
  CHECK_FAILS(head_of({.fields = {{"host", "a"}, {"Host", "b"}}}), errc::invalid);
}

BOOST_AUTO_TEST_CASE(an_empty_body_has_a_length_where_the_method_means_one) {
  for (const char* method : {"PUT", "POST"}) {
    BOOST_TEST(head_of({.method = method})->find("Content-Length: 0\r\n") != std::string::npos);
  }
  for (const char* method : {"GET", "HEAD", "DELETE"}) {
    BOOST_TEST(head_of({.method = method})->find("Content-Length") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(no_part_of_a_request_holds_a_line_break_or_a_control_character) {
  for (const std::string& text :
       {std::string("\r\nX-Evil: 1"), std::string("\n"), std::string("\r"), std::string("\0", 1), std::string("\x7f"),
        std::string("\x1b[2J"), std::string("\r\n\r\nGET / HTTP/1.1\r\n\r\n")}) {
    for (const http_request& request : requests_with(text)) {
      CHECK_FAILS(head_of(request), errc::invalid);
    }
  }
  CHECK_FAILS(net::write_request_head({base::scheme::http, "h\r\nX: y", 1}, {}, expectation::none), errc::invalid);
}

// One byte of each value in each place: the head has as many lines as it was given, or there is no head.
BOOST_AUTO_TEST_CASE(no_byte_adds_a_line) {
  for (int byte = 0; byte < 256; ++byte) {
    for (const http_request& request : requests_with(std::string(1, static_cast<char>(byte)))) {
      const auto head = head_of(request);
      if (head) {
        const bool has_host = net::find_field(request.fields, "host").has_value();
        const auto lines = static_cast<std::ptrdiff_t>(request.fields.size()) + (has_host ? 2 : 3);
        BOOST_TEST(std::ranges::count(*head, '\n') == lines, "byte " << byte);
        BOOST_TEST(std::ranges::count(*head, '\r') == lines, "byte " << byte);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(targets_are_encoded_by_the_caller) {
  for (const char* target : {"", "a", "http://h/", "/a b", "/a#1", "/\xc3\xa4", "*"}) {
    CHECK_FAILS(head_of({.target = target}), errc::invalid);
  }
  for (const char* target : {"/", "/a//b/../c", "/%23?x=%20&y", "/?uploads="}) {
    CHECK_OK(head_of({.target = target}));
  }
}

BOOST_AUTO_TEST_CASE(what_frames_a_message_is_the_clients_own) {
  for (const char* name : {"Content-Length", "transfer-encoding", "Connection", "EXPECT", "TE", "Trailer", "Upgrade"}) {
    CHECK_FAILS(head_of({.fields = {{name, "1"}}}), errc::invalid);
  }
}

BOOST_AUTO_TEST_CASE(a_value_may_be_empty_or_not_ascii) {
  CHECK_OK(head_of({.fields = {{"x-a", ""}, {"x-b", "caf\xc3\xa9"}, {"x-c", "a\tb c"}}}));
}

BOOST_AUTO_TEST_CASE(a_refusal_names_the_field_and_not_its_value) {
  const auto refused = head_of({.fields = {{"X-Amz-Security-Token", "SECRET\n"}}});
  CHECK_FAILS(refused, errc::invalid);
  BOOST_TEST(refused.error().text().find("X-Amz-Security-Token") != std::string::npos);
  BOOST_TEST(refused.error().text().find("SECRET") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::net_request_head_tests
