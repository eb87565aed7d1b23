#include "net/request_head.hpp"

#include "base/bytes.hpp"
#include "base/http_text.hpp"

#include <algorithm>
#include <array>

namespace spillway::net {
namespace {

constexpr std::size_t name_bytes_told = 64;

failure invalid_request(std::string cause) { return {errc::invalid, "", std::move(cause), {}}; }

// Visible ASCII and no fragment: everything else is percent-encoded by whoever knows what it means.
bool is_target(std::string_view text) {
  return text.starts_with('/') && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f' && c != '#'; });
}

bool is_written_here(std::string_view name) {
  constexpr std::array ours = {"connection", "content-length",    "expect", "te",
                               "trailer",    "transfer-encoding", "upgrade"};
  return std::ranges::any_of(ours, [&](std::string_view each) { return is_same_name(each, name); });
}

result<void> check_field(const std::string& name, const std::string& value) {
  const std::string told = "the field \"" + base::printable(name, name_bytes_told) + "\"";
  if (!base::is_http_token(name)) {
    return invalid_request(told + " has a name that HTTP does not allow");
  }
  if (!base::is_http_field_value(value)) {
    return invalid_request(told + " holds a control character or a line break");
  }
  if (is_written_here(name)) {
    return invalid_request(told + " is written by the client itself");
  }
  return {};
}

result<void> check_request(const base::origin& to, const http_request& request) {
  SPILLWAY_TRY(base::check_origin(to));
  if (!base::is_http_token(request.method)) {
    return invalid_request("the method is no HTTP method");
  }
  if (!is_target(request.target)) {
    return invalid_request("the target does not start with \"/\", or holds a byte that is not percent-encoded");
  }
  for (const auto& [name, value] : request.fields) {
    SPILLWAY_TRY(check_field(name, value));
  }
  if (std::ranges::count_if(request.fields, [](const auto& each) { return is_same_name(each.first, "host"); }) > 1) {
    return invalid_request("there is more than one Host");
  }
  return {};
}

void append_field(std::string& head, std::string_view name, std::string_view value) {
  head.append(name).append(": ").append(value).append("\r\n");
}

// RFC 9110, 8.6: methods that mean something by their body say its length when it is 0 too.
bool says_length(const http_request& request) {
  return request.body.bytes > 0 || request.method == "PUT" || request.method == "POST";
}

}  // namespace

result<std::string> write_request_head(const base::origin& to, const http_request& request, expectation expected) {
  SPILLWAY_TRY(check_request(to, request));
  std::string head = request.method + " " + request.target + " HTTP/1.1\r\n";
  if (!find_field(request.fields, "host")) {
    append_field(head, "Host", base::authority(to));
  }
  for (const auto& [name, value] : request.fields) {
    append_field(head, name, value);
  }
  if (says_length(request)) {
    append_field(head, "Content-Length", std::to_string(request.body.bytes));
  }
  if (expected == expectation::continue_first) {
    append_field(head, "Expect", "100-continue");
  }
  head += "\r\n";
  return head;
}

}  // namespace spillway::net
