// What s3 has made and what it will read, in the words of net.
#pragma once

#include "base/origin.hpp"
#include "net/message.hpp"
#include "s3/request.hpp"

namespace spillway::bucket {


// `body` in place of the request's own; null: its own. Both must outlive what comes back.
net::http_request to_http(const s3::request& signed_request, const net::http_body* body);

s3::response to_response(net::http_response came);

}  // namespace spillway::bucket
