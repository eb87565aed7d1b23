#include "bucket/s3_storing.hpp"

#include <string>
#include <string_view>

namespace spillway::bucket {

s3::storing to_storing(const put_options& options, s3::checksum checksum) {
  s3::storing how;
  const bool is_conditional = options.condition == put_options::when::absent;
  how.condition = is_conditional ? s3::storing::when::absent : s3::storing::when::always;
  how.encryption = options.encryption;
  how.kms_key_id = options.kms_key_id;
  how.checksum = checksum;
  how.content_type = options.content_type;
  return how;
}

result<s3::payload> to_payload(body_source& body, const put_options& options, s3::checksum checksum) {
  s3::payload payload;
  payload.bytes = body.bytes();
  if (options.sha256 && checksum != s3::checksum::md5) {
    payload.sha256 = *options.sha256;
    return payload;
  }
  std::string text;
  SPILLWAY_TRY(body.read([&text](std::string_view piece) {
    text += piece;
    return result<void>();
  }));
  payload = s3::payload_of(text, checksum);
  if (options.sha256 && payload.sha256 != *options.sha256) {
    return failure{errc::corrupt, {}, "the bytes do not hash to what was planned", {}};
  }
  return payload;
}

net::http_body to_http(body_source& body) {
  return {body.bytes(), [&body](const net::piece_sink& sink) { return body.read(sink); }};
}

}  // namespace spillway::bucket
