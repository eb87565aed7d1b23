// A request to S3 before it is sent, and the answer after it came: what is signed and judged here, and carried by
// others.
//
// Nothing that is built of these types can hold a CR or LF where it would start a new line on the wire: header_list
// refuses them, and the target is made by percent-encoding.
#pragma once

#include "base/hashes.hpp"
#include "base/origin.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spillway::s3 {

using base::authority;
using base::origin;
using base::scheme;

enum class method { get, head, put, post, remove };

// "DELETE" for method::remove.
std::string_view to_string(method value);

struct header {
  std::string name;  // lower case in a header_list; as it came in an answer
  std::string value;
};

// Header fields in the order they were added. Host, Content-Length and Connection are not among them: who sends the
// request writes them, Host as authority(request.origin) and Content-Length as request.body_bytes.
class header_list {
public:
  // errc::invalid: the name is no token of RFC 9110, or the value holds a control character (CR, LF and NUL are three).
  result<void> add(std::string_view name, std::string_view value);
  // Takes earlier fields of that name away first.
  result<void> set(std::string_view name, std::string_view value);
  void remove(std::string_view name);

  auto begin() const { return fields_.begin(); }
  auto end() const { return fields_.end(); }
  std::size_t size() const { return fields_.size(); }

private:
  std::vector<header> fields_;
};

// The value of the first field of that name, whatever its case; empty if there is none.
std::string_view find_header(const std::vector<header>& headers, std::string_view name);
std::string_view find_header(const header_list& headers, std::string_view name);

// Name and value, neither of them encoded. A sub-resource such as "uploads" has an empty value.
using query_pair = std::pair<std::string, std::string>;

struct request {
  s3::method method = s3::method::get;
  std::string_view permission;  // that the request needs: "s3:PutObject"; a literal, empty: none is known
  s3::origin origin;
  std::string path = "/";  // begins with '/'; not encoded: target() does that, once
  std::vector<query_pair> query;
  header_list headers;
  std::string body;              // the small documents that are built here; empty if the caller brings the bytes
  std::uint64_t body_bytes = 0;  // of `body`, or of what the caller brings
  std::string payload_sha256;    // x-amz-content-sha256: 64 hexadecimal digits, or unsigned_payload
};

// A body whose hash is not signed. Source: Amazon S3 API reference, "Authenticating requests: using query parameters".
inline constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";

// "/raw/1/1_2020-01-25_17%231.json.gz?partNumber=1&uploadId=a%2Fb", the request line's target.
std::string target(const request& value);
// "http://127.0.0.1:9000" and the target.
std::string url(const request& value);

struct response {
  int status = 0;  // 200; 0: no answer came
  std::vector<header> headers;
  std::string body;
};

}  // namespace spillway::s3
