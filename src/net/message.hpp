// What is asked and what is answered, as plain values.
#pragma once

#include "base/piece_sink.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spillway::net {

// In the order of the wire; a name may come more than once.
using http_fields = std::vector<std::pair<std::string, std::string>>;

// The value of the first field of this name, in whatever case; nullopt if there is none. Looks into `fields`.
std::optional<std::string_view> find_field(const http_fields& fields, std::string_view name);

// Takes bytes that are valid during the call only. A failure ends what the bytes come from.
using base::piece_sink;

// The bytes behind a request's head. `write` hands exactly `bytes` of them to the sink, in pieces of any size, from the
// first on each time it is called (a request may be sent twice), and returns the sink's first failure. The pieces go to
// the socket from where they are: they are not copied.
struct http_body {
  std::uint64_t bytes = 0;
  std::function<result<void>(const piece_sink& sink)> write{};  // not called if `bytes` is 0
};

// A body that is in memory. `text` must outlive it.
http_body memory_body(std::string_view text);

// Whether a request that got no answer on an old connection may be sent again: only if doing it twice is doing it once
// (RFC 9110, 9.2.2). PUT, GET, HEAD and DELETE are such; a POST is not.
enum class repeat { safe, unsafe };

struct http_request {
  std::string method = "GET";
  std::string target = "/";  // path and query as on the wire, encoded: "/bucket/a%23b?uploads="
  // Host may be among them, once; else it is made from the address. Connection, Content-Length, Expect, TE, Trailer,
  // Transfer-Encoding and Upgrade may not: they are the client's own.
  http_fields fields{};
  http_body body{};
  net::repeat repeat = repeat::safe;
};

struct http_response {
  int status = 0;  // 200 to 999
  http_fields fields;
  std::string body;  // empty if it went to a sink

  bool is_success() const { return status >= 200 && status <= 299; }
  std::optional<std::string_view> field(std::string_view name) const { return find_field(fields, name); }
};

// "PUT" with a lower-case name is another method (RFC 9110, 9.1), a field's name is not (5.1): ASCII only.
bool is_same_name(std::string_view one, std::string_view other);

}  // namespace spillway::net
