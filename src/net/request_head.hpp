// A request's first bytes. Every method, target and field goes through here, and nothing that would end a line early
// passes: a CR or LF in a value would otherwise become a field, or a request, of somebody else's making.
#pragma once

#include "base/origin.hpp"
#include "base/result.hpp"
#include "net/message.hpp"

#include <string>

namespace spillway::net {

enum class expectation { none, continue_first };  // "Expect: 100-continue"

//   PUT /bucket/1/1_2020-01-25_17%231.json.gz HTTP/1.1
//   Host: localhost:9000
//   Authorization: ...
//   Content-Length: 1048576
//   Expect: 100-continue
//
// errc::invalid: a part that HTTP/1.1 does not allow, or that the client writes itself. The cause names the part and
// not its value, which may be a secret.
result<std::string> write_request_head(const base::origin& to, const http_request& request, expectation expected);

}  // namespace spillway::net
