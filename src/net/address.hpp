// Where a server is: scheme, host and port.
#pragma once

#include "base/result.hpp"

#include <compare>
#include <cstdint>
#include <string>

namespace spillway::net {

enum class scheme { http, https };

struct address {
  net::scheme scheme = scheme::https;
  std::string host;  // "s3.eu-west-1.amazonaws.com", "127.0.0.1" or "::1": an IPv6 literal without its brackets
  std::uint16_t port = 443;

  auto operator<=>(const address&) const = default;
};

// Whether `host` is an IPv4 or IPv6 literal. A zone ("fe80::1%eth0") is not understood.
bool is_ip_literal(const std::string& host);

// errc::invalid: the host is no literal and holds other bytes than letters, digits, '.', '-' and '_' (host names of
// containers have underscores); or the port is 0.
result<void> check_address(const address& where);

// "localhost:9000", "[::1]:9000".
std::string host_and_port(const address& where);

// The value of the Host field (RFC 9110, 7.2): without the port if that is the scheme's own, 80 or 443.
std::string host_field(const address& where);

// "http://localhost:9000".
std::string to_string(const address& where);

}  // namespace spillway::net
