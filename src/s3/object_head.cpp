#include "s3/object_head.hpp"

#include "base/bytes.hpp"
#include "s3/http_date.hpp"

#include <algorithm>
#include <charconv>

namespace spillway::s3 {
namespace {

std::optional<encryption> encryption_named(std::string_view text) {
  if (text.starts_with("aws:kms")) {
    return encryption::sse_kms;
  }
  return text == "AES256" ? std::optional(encryption::sse_s3) : std::nullopt;
}

}  // namespace

result<object_head> read_object_head(const std::vector<header>& headers) {
  object_head read;
  const std::string_view length = find_header(headers, "content-length");
  if (!length.empty()) {
    const auto [end, error] = std::from_chars(length.data(), length.data() + length.size(), read.bytes);
    if (error != std::errc{} || end != length.data() + length.size()) {
      return failure{errc::corrupt, "reading an object's headers", "its Content-Length is no number", {}};
    }
  }
  std::string_view etag = find_header(headers, "etag");
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') {
    etag = etag.substr(1, etag.size() - 2);
  }
  if (etag.empty()) {
    return failure{errc::corrupt, "reading an object's headers", "there is no ETag", {}};
  }
  read.etag = etag;
  read.modified_at = parse_http_date(find_header(headers, "last-modified"));
  const auto sha256 = base::from_base64(find_header(headers, "x-amz-checksum-sha256"));
  if (sha256 && sha256->size() == sizeof(base::sha256_digest)) {
    std::copy(sha256->begin(), sha256->end(), read.sha256.emplace().begin());
  }
  read.stored_with = encryption_named(find_header(headers, "x-amz-server-side-encryption"));
  read.kms_key_id = find_header(headers, "x-amz-server-side-encryption-aws-kms-key-id");
  return read;
}

}  // namespace spillway::s3
