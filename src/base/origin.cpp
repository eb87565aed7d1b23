#include "base/origin.hpp"

#include "base/bytes.hpp"
#include "base/letter_case.hpp"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>

namespace spillway::base {
namespace {

// Source: RFC 1035, 2.3.4, in its text form.
constexpr std::size_t host_bytes_max = 253;

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

// inet_pton would stop at a NUL and take what is in front of it.
template <class Address>
bool is_literal(int family, std::string_view text) {
  Address ignored;
  return text.find('\0') == std::string_view::npos && ::inet_pton(family, std::string(text).c_str(), &ignored) == 1;
}

std::string bracketed(const std::string& host) { return is_ipv6_literal(host) ? "[" + host + "]" : host; }

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() && port != 0 ? std::optional(port) : std::nullopt;
}

}  // namespace

bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= host_bytes_max && text.front() != '.' && text.front() != '-' &&
         std::ranges::all_of(text, is_host_character);
}

bool is_ipv4_literal(std::string_view text) { return is_literal<in_addr>(AF_INET, text); }
bool is_ipv6_literal(std::string_view text) { return is_literal<in6_addr>(AF_INET6, text); }
bool is_ip_literal(std::string_view text) { return is_ipv4_literal(text) || is_ipv6_literal(text); }

result<void> check_origin(const origin& where) {
  if (!is_host_name(where.host) && !is_ip_literal(where.host)) {
    return failure{errc::invalid, "", "\"" + printable(where.host, host_bytes_max) + "\" is not a host name",
                   "give the endpoint as http://HOST:PORT or https://HOST"};
  }
  if (where.port == 0) {
    return failure{errc::invalid, "", "port 0 is not a server's", "give a port from 1 to 65535"};
  }
  return {};
}

std::string host_and_port(const std::string& host, std::uint16_t port) {
  return bracketed(host) + ":" + std::to_string(port);
}

std::string authority(const origin& where) {
  return where.port == default_port(where.scheme) ? bracketed(where.host) : host_and_port(where.host, where.port);
}

std::string to_string(const origin& where) {
  return (where.scheme == scheme::https ? "https://" : "http://") + authority(where);
}

result<parsed_authority> parse_authority(std::string_view text) {
  const std::size_t host_end = text.starts_with('[') ? std::min(text.find(']'), text.size()) : 0;
  const std::size_t colon = std::min(text.find(':', host_end), text.size());
  const std::string_view host = text.substr(0, colon);
  parsed_authority read{lower_case(host), std::nullopt};
  if (colon < text.size()) {
    read.port = parse_port(text.substr(colon + 1));
    if (!read.port) {
      return failure{errc::usage, {}, "its port is not 1 to 65535", {}};
    }
  }
  const bool in_brackets = host.starts_with('[') && host.ends_with(']');
  if (in_brackets) {
    read.host = read.host.substr(1, read.host.size() - 2);
  }
  if (in_brackets ? !is_ipv6_literal(read.host) : !is_host_name(read.host)) {
    return failure{errc::usage, {}, "its host is not a host name or an address", {}};
  }
  return read;
}

}  // namespace spillway::base
