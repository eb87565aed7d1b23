// May exports go into this bucket? Finds out permission by permission, by doing what an export does with an object of a
// name of its own, and takes away what it has put there.
//
// Servers rarely say what is missing (MinIO never does), so each permission has a call that fails without it alone:
//
//     s3:GetBucketLocation            where is the bucket
//     s3:ListBucket                   one page of keys below the prefix
//     s3:PutObject                    put an object as exports will be, encryption included
//     s3:GetObject                    look at it, read it; look at a key that is not there
//     s3:AbortMultipartUpload         begin an upload, abort it; or abort one that never was
//     s3:DeleteObject                 remove it; or a key that is not there
//     s3:ListMultipartUploadParts     of that upload; leftovers are found by it, exports do without
//     s3:ListBucketMultipartUploads   the same
//     kms:GenerateDataKey             with SSE-KMS: the put is refused with the key, and taken without
//     kms:Decrypt                     with SSE-KMS: the object may be looked at and not read, or parts are refused
#pragma once

#include "base/names.hpp"
#include "base/result.hpp"
#include "bucket/bucket.hpp"
#include "model/connection.hpp"

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::access {

enum class verdict { allowed, denied, unknown };
constexpr std::array<std::string_view, 3> names_of(verdict) { return {"allowed", "denied", "unknown"}; }
using base::to_string;

struct permission_finding {
  std::string permission;  // "s3:PutObject"
  access::verdict verdict = verdict::unknown;
  std::string detail;       // what the server said where it refused, or why nothing is known
  bool is_required = true;  // an export can't do without it
};

struct probe_report {
  std::vector<permission_finding> permissions;  // those of the generated policy first, in its order
  std::string region;                           // empty: not known
  enum class conditional_puts { unknown, kept, ignored } conditions = conditional_puts::unknown;  // "If-None-Match: *"
  bool is_encryption_ignored = false;  // it was asked for, and the object is stored without
  std::string left_behind;             // the key of the probe, where it could not be removed

  bool is_denied() const;  // a permission that is required
  bool is_ok() const;      // exports may go there: an object was put, and nothing that is required is denied
  const permission_finding* unknown_put() const;  // s3:PutObject, if it is not known whether it is there
};

// `how` is what exports will put objects with. `nonce` makes the probe's key one that nobody else has:
// "analytics/.spillway-probe-5f2c9a7e".
// A failure is one that says nothing about permissions: the bucket is not there, or can't be reached, or it is not
// known who asks (errc::denied).
result<probe_report> probe(bucket::bucket& in, std::string_view prefix, const bucket::put_options& how,
                           std::string_view nonce);

// What to do about a permission that is denied: "allow s3:PutObject on arn:aws:s3:::raw/* in the bucket's policy ...",
// or in the rules of a directory.
std::string remedy_for(const permission_finding& denied, const model::place& of);

}  // namespace spillway::access
