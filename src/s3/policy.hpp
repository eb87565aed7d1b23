// The policies that let an exporter into a bucket, as documents to hand to an administrator.
//
// The bucket policy is the one that Amplitude's set-up generates: its six actions in its order, on the bucket and on
// what is in it. Source: the specification, "Amazon S3 destination", steps 4 and 5, and the screenshot of its set-up
// dialogue. The same input gives the same bytes; ids are derived, not random.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::s3 {

// Who may do what to which bucket. Make it with make_grant, which checks it.
struct grant {
  std::string bucket;         // "raw"
  std::string principal_arn;  // "arn:aws:iam::111122223333:role/spillway-export-187520"
  std::string name;           // "spillway-export-187520", for the policy where it needs one
  std::string kms_key_id;     // an ARN, an id or an alias; empty: no KMS
};

// Stands in for an account that nobody has named: whoever pastes the policy knows theirs.
inline constexpr std::string_view unknown_account = "000000000000";

// errc::usage: not a bucket's name; not an ARN of a role, a user or an account's root; not a name of letters, digits,
// '-' and '_'; a key id with characters that no key id has. Nothing in a grant therefore needs escaping.
result<grant> make_grant(grant wanted);

// "spillway-export-187520", and "arn:aws:iam::111122223333:role/spillway-export-187520".
// errc::usage: not the 12 digits of an account.
std::string default_grant_name(std::int64_t project);
result<std::string> default_principal(std::string_view account_id, std::int64_t project);

// The account of its principal: "111122223333".
std::string_view account_of(const grant& value);

// The grant of the old kind of set-up for the same bucket: the principal is the account's root, so that whoever in that
// account its owner allows may export. "arn:aws:iam::111122223333:root". Source: the specification, "Migrate".
grant legacy_grant(const grant& value);

// Each ends in '\n'.

//     { "Id": "0d5f...", "Version": "2012-10-17", "Statement": [ { "Sid": "9a41...", "Action": [...],
//       "Effect": "Allow", "Resource": [ "arn:aws:s3:::raw", "arn:aws:s3:::raw/*" ], "Principal": { "AWS": "arn:..." }
//       } ] }
std::string bucket_policy(const grant& value);

// A whole key policy: the account keeps the key, and the principal may use it. A policy without the first statement
// would lock everybody out, and KMS refuses it. Source: AWS KMS developer guide, "Default key policy". REQUIRES: a
// kms_key_id.
std::string key_policy(const grant& value);

// Both as Terraform's aws_s3_bucket_policy and aws_kms_key_policy.
std::string terraform_policy(const grant& value);

// For MinIO, which does not hold signed users to bucket policies: a policy of the user, and the commands that give it
// to one. The document is a file of its own for `mc admin policy create`.
std::string identity_policy(const grant& value);
// "mc admin policy create ALIAS spillway-export-187520 spillway-export-187520.json" and "mc admin policy attach ...".
std::string mc_commands(const grant& value);

}  // namespace spillway::s3
