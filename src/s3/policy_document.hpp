// The policy that a bucket has already, and what becomes of it when an exporter is let in: nobody's statement is lost.
//
// Pure. Documents are read as JSON and written again without white space: statements keep their order, members theirs;
// a number may be spelled otherwise. Source: IAM User Guide, "Grammar of the IAM JSON policy language".
#pragma once

#include "base/result.hpp"
#include "s3/policy.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace spillway::s3 {

// Source: Amazon S3 User Guide, "Bucket policies": they are limited to 20 KB in size.
inline constexpr std::size_t policy_bytes_max = std::size_t{20} << 10;

// Whether S3 may take `document` for a bucket's policy: a JSON object whose "Statement" is an object or a list of
// them, and that is not too long. S3 looks at more.
// errc::invalid: it is none; the cause is in S3's words. errc::too_large: more than policy_bytes_max.
result<void> check_policy(std::string_view document);

// What becomes of the statement of the old kind of set-up, which let the whole account in: see is_legacy_statement in
// the source for what is taken for it.
enum class legacy_statement { keep, remove };

// `existing` with the statement of bucket_policy(value): in place of those with its Sid, else behind the others. An
// empty `existing` is none: the answer is bucket_policy(value) itself.
// errc::invalid: `existing` is no policy. errc::too_large: the answer would be more than policy_bytes_max.
result<std::string> merge_policy(std::string_view existing, const grant& value, legacy_statement legacy);

// Whether `document` has the statement of bucket_policy(value), unchanged. A bucket may spell a policy otherwise than
// it was put: members and lists in another order, a list of one as its only text. false also for what is no policy.
bool has_grant(std::string_view document, const grant& value);

}  // namespace spillway::s3
