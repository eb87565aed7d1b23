#include "s3/request.hpp"

#include "support/check_result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace spillway::s3_request_tests {
namespace {

using spillway::s3::authority;
using spillway::s3::find_header;
using spillway::s3::header;
using spillway::s3::header_list;
using spillway::s3::origin;
using spillway::s3::request;
using spillway::s3::scheme;
using spillway::s3::target;
using spillway::s3::url;
using namespace std::string_view_literals;

std::string text_of(const header_list& headers) {
  std::string text;
  for (const auto& [name, value] : headers) {
    text += name;
    text += ':';
    text += value;
    text += '\n';
  }
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(s3_request)

BOOST_AUTO_TEST_CASE(headers_stay_in_their_order_with_names_in_lower_case) {
  header_list headers;
  CHECK_OK(headers.add("X-Amz-Date", "1"));
  CHECK_OK(headers.add("Content-Type", "a b"));
  CHECK_OK(headers.add("x-amz-date", "\xc3\xa9\t"));
  BOOST_TEST(text_of(headers) == "x-amz-date:1\ncontent-type:a b\nx-amz-date:\xc3\xa9\t\n");
  BOOST_TEST(find_header(headers, "X-AMZ-DATE") == "1");
  BOOST_TEST(find_header(headers, "x-amz").empty());
  CHECK_OK(headers.set("X-Amz-Date", "2"));
  BOOST_TEST(text_of(headers) == "content-type:a b\nx-amz-date:2\n");
  headers.remove("CONTENT-TYPE");
  BOOST_TEST(headers.size() == 1u);
}

BOOST_AUTO_TEST_CASE(no_header_can_start_a_new_line) {
  header_list headers;
  for (const std::string_view value : {"a\r\nb"sv, "a\n"sv, "\r"sv, "\0"sv, "a\x1b"sv, "\x7f"sv}) {
    CHECK_FAILS(headers.add("x-a", value), errc::invalid);
    CHECK_FAILS(headers.set("x-a", value), errc::invalid);
  }
  for (const std::string_view name : {""sv, "a b"sv, "a:"sv, "a\n"sv, "\xc3\xa9"sv, "a\0"sv, "(a)"sv, "a/b"sv}) {
    CHECK_FAILS(headers.add(name, "1"), errc::invalid);
  }
  BOOST_TEST(headers.size() == 0u);
}

BOOST_AUTO_TEST_CASE(a_refused_value_is_not_shown) {
  header_list headers;
  const auto refused = headers.add("x-amz-security-token", "SECRET\n");
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().text().find("SECRET") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(answers_are_searched_whatever_the_case_of_a_name) {
  const std::vector<header> headers = {{"ETag", "\"1\""}, {"etag", "\"2\""}, {"Date", ""}};
  BOOST_TEST(find_header(headers, "etag") == "\"1\"");
  BOOST_TEST(find_header(headers, "date").empty());
  BOOST_TEST(find_header(headers, "x").empty());
}

BOOST_AUTO_TEST_CASE(the_host_header_names_a_port_that_is_not_the_schemes_own) {
  const struct {
    origin where;
    std::string_view written;
  } rows[] = {{{scheme::https, "s3.example.com", 443}, "s3.example.com"},
              {{scheme::http, "s3.example.com", 80}, "s3.example.com"},
              {{scheme::https, "s3.example.com", 80}, "s3.example.com:80"},
              {{scheme::http, "127.0.0.1", 443}, "127.0.0.1:443"},
              {{scheme::http, "::1", 9000}, "[::1]:9000"},
              {{scheme::http, "::1", 80}, "[::1]"}};
  for (const auto& row : rows) {
    BOOST_TEST(authority(row.where) == row.written);
  }
}

BOOST_AUTO_TEST_CASE(a_target_is_encoded_once) {
  request made;
  made.origin = {scheme::http, "127.0.0.1", 9000};
  made.path = "/raw/1/1_2020-01-25_17#1.json.gz";
  BOOST_TEST(target(made) == "/raw/1/1_2020-01-25_17%231.json.gz");
  made.query = {{"partNumber", "1"}, {"uploadId", "a/b+c d%"}, {"uploads", ""}};
  BOOST_TEST(url(made) ==
             "http://127.0.0.1:9000/raw/1/1_2020-01-25_17%231.json.gz?partNumber=1&uploadId=a%2Fb%2Bc%20d%25&uploads");
}

BOOST_AUTO_TEST_CASE(no_target_can_end_the_request_line) {
  request made;
  for (int byte = 0; byte < 256; ++byte) {
    made.path = std::string("/") + static_cast<char>(byte);
    made.query = {{std::string(1, static_cast<char>(byte)), std::string(1, static_cast<char>(byte))}};
    for (const char c : target(made)) {
      BOOST_REQUIRE_MESSAGE(c > ' ' && c < '\x7f', "byte " << byte);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::s3_request_tests
