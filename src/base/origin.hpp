// Where a server is: scheme, host and port, and how these stand in a URL.
#pragma once

#include "base/result.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::base {

enum class scheme { http, https };

// Connections of the same origin can be shared.
struct origin {
  base::scheme scheme = base::scheme::https;
  std::string host;  // "s3.eu-west-1.amazonaws.com", "127.0.0.1" or "::1": an IPv6 literal without its brackets
  std::uint16_t port = 443;
  auto operator<=>(const origin&) const = default;
};

constexpr std::uint16_t default_port(scheme of) { return of == scheme::https ? 443 : 80; }

// Letters, digits, '.', '-' and '_' (host names of containers have underscores), beginning with neither '.' nor '-'.
bool is_host_name(std::string_view text);

// Without brackets. A zone ("fe80::1%eth0") is not understood.
bool is_ipv4_literal(std::string_view text);
bool is_ipv6_literal(std::string_view text);
bool is_ip_literal(std::string_view text);

// errc::invalid: the host is neither a name nor a literal, or the port is 0.
result<void> check_origin(const origin& where);

// "localhost:9000", "[::1]:9000".
std::string host_and_port(const std::string& host, std::uint16_t port);

// The value of the Host field (RFC 9110, 7.2): without the port if that is the scheme's own.
std::string authority(const origin& where);

// "http://localhost:9000".
std::string to_string(const origin& where);

// What stands between a scheme and a path: "s3.example.com", "localhost:9000", "[::1]:9000".
struct parsed_authority {
  std::string host;                   // lower case; an IPv6 literal without its brackets
  std::optional<std::uint16_t> port;  // 1 to 65535; none: not said
};
// errc::usage: the cause says which of the two can't be taken, and shows neither.
result<parsed_authority> parse_authority(std::string_view text);

}  // namespace spillway::base
