// What the headers of HeadObject, GetObject and PutObject say of an object.
#pragma once

#include "base/hashes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "s3/requests.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace spillway::s3 {

struct object_head {
  std::uint64_t bytes = 0;  // Content-Length; of a range, the range's
  std::string etag;         // opaque, without quotes; the MD5 only of a single PUT without KMS
  std::optional<base::instant> modified_at;
  std::optional<base::sha256_digest> sha256;  // of the whole object
  std::optional<base::sha256_digest>
      sha256_of_parts;                    // of the parts' digests, end to end: "...-4", of a multipart object
  model::encryption encryption = model::encryption::none;
  std::string kms_key_id;
};

// errc::corrupt: no ETag, or a length that is no number.
result<object_head> read_object_head(const std::vector<header>& headers);

}  // namespace spillway::s3
