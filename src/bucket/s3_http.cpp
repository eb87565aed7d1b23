#include "bucket/s3_http.hpp"

#include "s3/endpoint.hpp"

#include <utility>

namespace spillway::bucket {

net::http_request to_http(const s3::request& signed_request, const net::http_body* body) {
  net::http_request made;
  made.method = s3::to_string(signed_request.method);
  made.target = s3::target(signed_request);
  made.fields.emplace_back("host", s3::authority(signed_request.origin));
  for (const s3::header& each : signed_request.headers) {
    made.fields.emplace_back(each.name, each.value);
  }
  made.body = body != nullptr ? *body : net::memory_body(signed_request.body);
  made.repeat = signed_request.method == s3::method::post ? net::repeat::unsafe : net::repeat::safe;
  return made;
}

s3::response to_response(net::http_response came) {
  s3::response made;
  made.status = came.status;
  made.body = std::move(came.body);
  for (auto& [name, value] : came.fields) {
    made.headers.push_back({std::move(name), std::move(value)});
  }
  return made;
}

}  // namespace spillway::bucket
