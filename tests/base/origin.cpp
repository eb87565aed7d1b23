#include "base/origin.hpp"

#include "support/check_result.hpp"

#include <boost/test/unit_test.hpp>

namespace spillway::base::origin_tests {
namespace {

BOOST_AUTO_TEST_SUITE(base_origin)

BOOST_AUTO_TEST_CASE(the_host_field_leaves_out_the_usual_port_and_brackets_ipv6) {
  const struct {
    origin where;
    std::string_view field;
    std::string_view text;
  } rows[] = {{{scheme::https, "s3.amazonaws.com", 443}, "s3.amazonaws.com", "https://s3.amazonaws.com"},
              {{scheme::http, "localhost", 80}, "localhost", "http://localhost"},
              {{scheme::http, "localhost", 443}, "localhost:443", "http://localhost:443"},
              {{scheme::https, "localhost", 80}, "localhost:80", "https://localhost:80"},
              {{scheme::http, "::1", 9000}, "[::1]:9000", "http://[::1]:9000"},
              {{scheme::https, "::1", 443}, "[::1]", "https://[::1]"}};
  for (const auto& row : rows) {
    BOOST_TEST(authority(row.where) == row.field);
    BOOST_TEST(to_string(row.where) == row.text);
  }
}

BOOST_AUTO_TEST_CASE(a_host_is_a_name_or_a_literal_and_nothing_else) {
  for (const char* host : {"localhost", "minio_1", "a.b-c.example", "127.0.0.1", "::1", "2001:db8::7"}) {
    CHECK_OK(check_origin({scheme::http, host, 1}));
  }
  for (const std::string& host : {std::string(), std::string("a b"), std::string("a\r\nX: y"), std::string("a/b"),
                                  std::string("u@h"), std::string("[::1]"), std::string("h:80"), std::string("::1%lo"),
                                  std::string("::1\0x", 5), std::string(254, 'a')}) {
    CHECK_FAILS(check_origin({scheme::http, host, 1}), errc::invalid);
  }
  CHECK_FAILS(check_origin({scheme::http, "localhost", 0}), errc::invalid);
}

BOOST_AUTO_TEST_CASE(literals_are_told_from_names) {
  BOOST_TEST(is_ip_literal("10.0.0.1"));
  BOOST_TEST(is_ip_literal("fe80::1"));
  BOOST_TEST(!is_ip_literal("10.0.0"));
  BOOST_TEST(!is_ip_literal("localhost"));
  BOOST_TEST(!is_ip_literal(std::string("10.0.0.1\0x", 10)));
}

BOOST_AUTO_TEST_CASE(a_host_stands_in_a_url_with_or_without_a_port) {
  const struct {
    std::string_view text, host;
    int port;  // 0: none
  } rows[] = {{"s3.example.com", "s3.example.com", 0},
              {"LocalHost:9000", "localhost", 9000},
              {"minio_1:1", "minio_1", 1},
              {"127.0.0.1:65535", "127.0.0.1", 65535},
              {"[::1]", "::1", 0},
              {"[2001:DB8::7]:443", "2001:db8::7", 443}};
  for (const auto& row : rows) {
    const auto read = parse_authority(row.text);
    REQUIRE_OK(read);
    BOOST_TEST(read->host == row.host);
    BOOST_TEST(read->port.value_or(0) == row.port);
  }
}

BOOST_AUTO_TEST_CASE(nothing_else_stands_between_a_scheme_and_a_path) {
  for (const std::string& text :
       {std::string(),        std::string(":1"),     std::string("h h"),        std::string(".h"),
        std::string("-h"),    std::string("h:"),     std::string("h:0"),        std::string("h:65536"),
        std::string("h:+1"),  std::string("h:1x"),   std::string("h:1:2"),      std::string("::1"),
        std::string("[::1"),  std::string("[::1]x"), std::string("[::1]x:1"),   std::string("[]"),
        std::string("[h]"),   std::string("[1:2]"),  std::string("[::1\0]", 6), std::string("h\0h", 3),
        std::string(254, 'h')}) {
    CHECK_FAILS(parse_authority(text), errc::usage);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::base::origin_tests
