// Short words for calling a net::http_client from a test.
#pragma once

#include "net/http_client.hpp"
#include "support/check_result.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace spillway::test {

// More than any call here takes that is not meant to run into it.
inline constexpr std::chrono::milliseconds patient{30'000};

// Every host is on this machine, so that tests ask no name server.
inline result<std::vector<net::endpoint>> loopback_lookup(const std::string&, std::uint16_t port) {
  return net::system_lookup("127.0.0.1", port);
}

inline std::unique_ptr<net::http_client> make_client(net::http_settings settings = {},
                                                     net::host_lookup lookup = loopback_lookup) {
  auto made = net::make_http_client(std::move(settings), std::move(lookup));
  REQUIRE_OK(made);
  return std::move(*made);
}

inline net::http_request get(std::string target = "/") { return {.target = std::move(target)}; }

// `body` must outlive it.
inline net::http_request put(std::string_view body) {
  return {.method = "PUT", .target = "/o", .body = net::memory_body(body)};
}

// The call failed like this, and said in which phase.
inline void check_failure(const net::http_result<net::http_response>& answer, errc code, net::phase during,
                          net::fate told) {
  BOOST_REQUIRE(!answer);
  const net::http_failure why = answer.error();
  BOOST_TEST((why.code == code), why.text());
  BOOST_TEST(net::to_string(why.during) == net::to_string(during), why.text());
  BOOST_TEST((why.fate == told), why.text());
}

}  // namespace spillway::test
