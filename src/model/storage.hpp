// What S3 and a directory that behaves like it have in common: limits, ranges, and how objects are encrypted.
#pragma once

#include "base/names.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::model {

using base::to_string;

inline constexpr std::size_t key_bytes_max = 1024;  // Source: Amazon S3 User Guide, "Naming Amazon S3 objects"
inline constexpr int part_number_max = 10'000;      // Source: the same, "Amazon S3 multipart upload limits"

struct byte_range {
  std::uint64_t first = 0;
  std::uint64_t bytes = UINT64_MAX;  // more than there are: to the end
};

// How an object is to be encrypted, or is. `bucket_default` is only asked for, and `none` is only found.
enum class encryption { bucket_default, none, sse_s3, sse_kms };

// "AES256" and "aws:kms", as in S3's header x-amz-server-side-encryption; the others are "default" and "none".
constexpr std::array<std::string_view, 4> names_of(encryption) { return {"default", "none", "AES256", "aws:kms"}; }

// How a bucket encrypts what is put with encryption::bucket_default: S3's "ServerSideEncryptionConfiguration". What a
// bucket told can be put back as it is: nothing of it is lost.
struct encryption_setting {
  encryption algorithm = encryption::sse_s3;                   // or sse_kms; never another
  std::string kms_key_id;                                      // only of sse_kms; empty: AWS's own key
  enum class bucket_keys { off, on } keys = bucket_keys::off;  // S3 Bucket Keys: many objects to one call of KMS
  // The server's own document, where it says what the fields above can't: "aws:kms:dsse", types of encryption that are
  // blocked, what S3 will have tomorrow; else empty. It is put instead of them, so whoever changes a field empties it.
  std::string document;
  friend bool operator==(const encryption_setting&, const encryption_setting&) = default;
};

}  // namespace spillway::model
