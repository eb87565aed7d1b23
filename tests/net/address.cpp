#include "net/address.hpp"

#include "support/check_result.hpp"

#include <boost/test/unit_test.hpp>

namespace spillway::net_address_tests {
namespace {

using net::address;
using net::scheme;

}  // namespace

BOOST_AUTO_TEST_SUITE(net_address)

BOOST_AUTO_TEST_CASE(the_host_field_leaves_out_the_usual_port_and_brackets_ipv6) {
  const struct {
    address where;
    std::string_view field;
    std::string_view text;
  } rows[] = {{{scheme::https, "s3.amazonaws.com", 443}, "s3.amazonaws.com", "https://s3.amazonaws.com"},
              {{scheme::http, "localhost", 80}, "localhost", "http://localhost"},
              {{scheme::http, "localhost", 443}, "localhost:443", "http://localhost:443"},
              {{scheme::https, "localhost", 80}, "localhost:80", "https://localhost:80"},
              {{scheme::http, "::1", 9000}, "[::1]:9000", "http://[::1]:9000"},
              {{scheme::https, "::1", 443}, "[::1]", "https://[::1]"}};
  for (const auto& row : rows) {
    BOOST_TEST(net::host_field(row.where) == row.field);
    BOOST_TEST(net::to_string(row.where) == row.text);
  }
}

BOOST_AUTO_TEST_CASE(a_host_is_a_name_or_a_literal_and_nothing_else) {
  for (const char* host : {"localhost", "minio_1", "a.b-c.example", "127.0.0.1", "::1", "2001:db8::7"}) {
    CHECK_OK(net::check_address({scheme::http, host, 1}));
  }
  for (const std::string& host : {std::string(), std::string("a b"), std::string("a\r\nX: y"), std::string("a/b"),
                                  std::string("u@h"), std::string("[::1]"), std::string("h:80"), std::string("::1%lo"),
                                  std::string("::1\0x", 5), std::string(254, 'a')}) {
    CHECK_FAILS(net::check_address({scheme::http, host, 1}), errc::invalid);
  }
  CHECK_FAILS(net::check_address({scheme::http, "localhost", 0}), errc::invalid);
}

BOOST_AUTO_TEST_CASE(literals_are_told_from_names) {
  BOOST_TEST(net::is_ip_literal("10.0.0.1"));
  BOOST_TEST(net::is_ip_literal("fe80::1"));
  BOOST_TEST(!net::is_ip_literal("10.0.0"));
  BOOST_TEST(!net::is_ip_literal("localhost"));
  BOOST_TEST(!net::is_ip_literal(std::string("10.0.0.1\0x", 10)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::net_address_tests
