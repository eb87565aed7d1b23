// Which permission a refusal names. Only for this folder.
#pragma once

#include <string>
#include <string_view>

namespace spillway::s3 {

struct denial {
  std::string permission;  // "s3:PutObject"; empty: the text names none
  std::string denied_by;   // "identity-based policy"; empty: not said
};

// AWS names the action to callers of the same account or organization, and one reason even if there are several:
//     User: arn:aws:iam::123456789012:user/M is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::b/k"
//     because no identity-based policy allows the s3:PutObject action
//     ... with an explicit deny in a resource control policy, with policy ARN: arn:aws:organizations::7777...
// Source: Amazon S3 User Guide, "Troubleshoot access denied (403 Forbidden) errors".
denial parse_denial(std::string_view message);

}  // namespace spillway::s3
