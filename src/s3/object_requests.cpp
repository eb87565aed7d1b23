#include "s3/request_parts.hpp"

namespace spillway::s3 {

result<request> put_object(const bucket_address& bucket, std::string_view key, const payload& body,
                           const storing& how) {
  SPILLWAY_TRY_ASSIGN(request made, make_object_request(method::put, "s3:PutObject", bucket, key));
  announce(made, body);
  SPILLWAY_TRY(made.headers.add("content-type", how.content_type));
  SPILLWAY_TRY(add_checksum(made, body, how.checksum));
  SPILLWAY_TRY(add_encryption(made, how));
  if (how.condition == storing::when::absent) {
    SPILLWAY_TRY(made.headers.add("if-none-match", "*"));
  }
  return made;
}

result<request> head_object(const bucket_address& bucket, std::string_view key) {
  SPILLWAY_TRY_ASSIGN(request made, make_object_request(method::head, "s3:GetObject", bucket, key));
  SPILLWAY_TRY(made.headers.add("x-amz-checksum-mode", "ENABLED"));
  return made;
}

result<request> get_object(const bucket_address& bucket, std::string_view key, std::optional<byte_range> range) {
  SPILLWAY_TRY_ASSIGN(request made, make_object_request(method::get, "s3:GetObject", bucket, key));
  if (!range) {
    return made;
  }
  if (range->bytes == 0) {
    return failure{errc::invalid, "asking for a range of bytes", "HTTP has no empty range", {}};
  }
  // "bytes=0-9" are ten bytes; "bytes=5-" goes to the end.
  const bool is_open = range->bytes > UINT64_MAX - range->first;
  const std::string last = is_open ? std::string() : std::to_string(range->first + range->bytes - 1);
  SPILLWAY_TRY(made.headers.add("range", "bytes=" + std::to_string(range->first) + "-" + last));
  return made;
}

result<request> delete_object(const bucket_address& bucket, std::string_view key) {
  return make_object_request(method::remove, "s3:DeleteObject", bucket, key);
}

result<request> list_objects(const bucket_address& bucket, const list_query& query) {
  SPILLWAY_TRY_ASSIGN(request made, make_bucket_request(method::get, "s3:ListBucket", bucket));
  made.query = {{"list-type", "2"}, {"encoding-type", "url"}, {"max-keys", std::to_string(query.objects_max)}};
  if (!query.prefix.empty()) {
    made.query.emplace_back("prefix", query.prefix);
  }
  if (!query.after.empty()) {
    made.query.emplace_back("start-after", query.after);
  }
  return made;
}

}  // namespace spillway::s3
