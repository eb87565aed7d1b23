#include "s3/object_head.hpp"

#include "base/bytes.hpp"
#include "s3/http_date.hpp"

#include <algorithm>
#include <charconv>

namespace spillway::s3 {
namespace {

// "aws:kms:dsse" encrypts twice, with a key of KMS as well. Without the header it is none.
encryption encryption_named(std::string_view text) {
  return text.starts_with("aws:kms") ? encryption::sse_kms
                                     : base::parse_name<model::encryption>(text).value_or(encryption::none);
}

std::optional<base::sha256_digest> digest_in(std::string_view base64) {
  const auto bytes = base::from_base64(base64);
  base::sha256_digest digest{};
  if (!bytes || bytes->size() != digest.size()) {
    return std::nullopt;
  }
  std::ranges::copy(*bytes, digest.begin());
  return digest;
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
  const std::string_view checksum = find_header(headers, "x-amz-checksum-sha256");
  const std::size_t dash = checksum.find('-');
  (dash == std::string_view::npos ? read.sha256 : read.sha256_of_parts) = digest_in(checksum.substr(0, dash));
  read.encryption = encryption_named(find_header(headers, "x-amz-server-side-encryption"));
  read.kms_key_id = find_header(headers, "x-amz-server-side-encryption-aws-kms-key-id");
  return read;
}

}  // namespace spillway::s3
