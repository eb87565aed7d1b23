#include "net/address.hpp"

#include "base/bytes.hpp"

#include <algorithm>

#include <arpa/inet.h>

namespace spillway::net {
namespace {

// RFC 1035, 2.3.4, in its text form.
constexpr std::size_t host_bytes_max = 253;

bool is_ipv6_literal(const std::string& host) {
  in6_addr ignored;
  return ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

bool is_ipv4_literal(const std::string& host) {
  in_addr ignored;
  return ::inet_pton(AF_INET, host.c_str(), &ignored) == 1;
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

std::string bracketed(const std::string& host) { return is_ipv6_literal(host) ? "[" + host + "]" : host; }

}  // namespace

bool is_ip_literal(const std::string& host) {
  // inet_pton would stop at a NUL and take what is in front of it.
  return host.find('\0') == std::string::npos && (is_ipv4_literal(host) || is_ipv6_literal(host));
}

result<void> check_address(const address& where) {
  const bool is_name =
      !where.host.empty() && where.host.size() <= host_bytes_max && std::ranges::all_of(where.host, is_host_character);
  if (!is_name && !is_ip_literal(where.host)) {
    return failure{errc::invalid, "", "\"" + base::printable(where.host, host_bytes_max) + "\" is not a host name",
                   "give the endpoint as http://HOST:PORT or https://HOST"};
  }
  if (where.port == 0) {
    return failure{errc::invalid, "", "port 0 is not a server's", "give a port from 1 to 65535"};
  }
  return {};
}

std::string host_and_port(const address& where) { return bracketed(where.host) + ":" + std::to_string(where.port); }

std::string host_field(const address& where) {
  const std::uint16_t usual = where.scheme == scheme::https ? 443 : 80;
  return where.port == usual ? bracketed(where.host) : host_and_port(where);
}

std::string to_string(const address& where) {
  return (where.scheme == scheme::https ? "https://" : "http://") + host_field(where);
}

}  // namespace spillway::net
