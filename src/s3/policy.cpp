#include "s3/policy.hpp"

#include "base/bytes.hpp"
#include "base/hashes.hpp"
#include "s3/endpoint.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

namespace spillway::s3 {
namespace {

constexpr std::size_t account_digits = 12;

// In the order of Amplitude's dialogue.
constexpr std::array<std::string_view, 6> actions = {"s3:AbortMultipartUpload", "s3:DeleteObject",      "s3:GetObject",
                                                     "s3:ListBucket",           "s3:GetBucketLocation", "s3:PutObject"};

bool is_made_of(std::string_view text, std::string_view marks) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [marks](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
  });
}

bool is_account(std::string_view text) {
  return text.size() == account_digits && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "arn:aws:iam::111122223333:role/x" to {"arn", "aws", "iam", "", "111122223333", "role/x"}.
std::vector<std::string_view> words_of(std::string_view arn) {
  std::vector<std::string_view> words;
  while (words.size() < 5 && arn.find(':') != std::string_view::npos) {
    words.push_back(arn.substr(0, arn.find(':')));
    arn.remove_prefix(arn.find(':') + 1);
  }
  words.push_back(arn);
  return words;
}

bool is_principal(std::string_view arn) {
  const auto words = words_of(arn);
  if (words.size() != 6 || words[0] != "arn" || !is_partition(words[1]) || words[2] != "iam" || !words[3].empty() ||
      !is_account(words[4])) {
    return false;
  }
  // Source: IAM and STS API references, the pattern of a role's name and path.
  const bool is_named = words[5].starts_with("role/") || words[5].starts_with("user/");
  return words[5] == "root" || (is_named && words[5].size() > 5 && is_made_of(words[5], "/+=,.@_-"));
}

// The lines of an array's strings: "a",\n"b".
template <class Texts>
std::string quoted_lines(const Texts& texts, std::string_view indent) {
  std::string lines;
  for (const auto& text : texts) {
    lines += fmt::format("{}{}\"{}\"", lines.empty() ? "" : ",\n", indent, text);
  }
  return lines;
}

std::string_view partition_name(const grant& value) { return words_of(value.principal_arn)[1]; }

std::array<std::string, 2> resources(std::string_view partition, std::string_view bucket) {
  return {fmt::format("arn:{}:s3:::{}", partition, bucket), fmt::format("arn:{}:s3:::{}/*", partition, bucket)};
}

// The account that the key is in: the key's own, if its ARN tells, else that of the principal.
std::string_view key_account(const grant& value) {
  const auto words = words_of(value.kms_key_id);
  return words.size() == 6 && words[0] == "arn" && is_account(words[4]) ? words[4] : account_of(value);
}

failure refused(std::string_view what, std::string_view text, std::string cause) {
  return {errc::usage, fmt::format("reading {} {}", what, base::printable(text)), std::move(cause), {}};
}

// Puts `text` into Terraform's heredoc, where "${" would start an expression; a grant can't hold one.
std::string terraform_resource(std::string_view type, std::string_view argument, std::string_view value,
                               std::string_view document) {
  return fmt::format("resource \"{}\" \"spillway\" {{\n  {} = \"{}\"\n  policy = <<POLICY\n{}POLICY\n}}\n", type,
                     argument, value, document);
}

}  // namespace

result<grant> make_grant(grant wanted) {
  if (!is_bucket_name(wanted.bucket)) {
    return refused("the bucket", wanted.bucket, "not a bucket's name: 3 to 63 letters, digits, '-' and '.'");
  }
  if (!is_principal(wanted.principal_arn)) {
    return refused(
        "the principal", wanted.principal_arn,
        "not of the form arn:aws:iam::111122223333:role/NAME, .../user/NAME or arn:aws:iam::111122223333:root");
  }
  if (!is_made_of(wanted.name, "-_")) {
    return refused("the policy's name", wanted.name, "it has other characters than letters, digits, '-' and '_'");
  }
  if (!wanted.kms_key_id.empty() && !is_made_of(wanted.kms_key_id, ":/_-")) {
    return refused("the KMS key", wanted.kms_key_id, "not an ARN, an id or an alias of a key");
  }
  return wanted;
}

std::string default_grant_name(std::int64_t project) { return fmt::format("spillway-export-{}", project); }

result<std::string> default_principal(std::string_view account_id, std::int64_t project) {
  if (!is_account(account_id)) {
    return refused("the account", account_id, "an AWS account id has 12 digits");
  }
  return fmt::format("arn:aws:iam::{}:role/{}", account_id, default_grant_name(project));
}

std::string_view account_of(const grant& value) { return words_of(value.principal_arn)[4]; }

grant legacy_grant(const grant& value) {
  grant legacy = value;
  legacy.principal_arn = fmt::format("arn:{}:iam::{}:root", partition_name(value), account_of(value));
  return legacy;
}

std::string bucket_policy(const grant& value) {
  const std::string seed = "bucket policy of " + value.bucket + " for " + value.principal_arn;
  return fmt::format(R"({{
  "Id": "{}",
  "Version": "2012-10-17",
  "Statement": [
    {{
      "Sid": "{}",
      "Action": [
{}
      ],
      "Effect": "Allow",
      "Resource": [
{}
      ],
      "Principal": {{
        "AWS": "{}"
      }}
    }}
  ]
}}
)",
                     base::uuid5(seed), base::uuid5(seed + ", statement 1"), quoted_lines(actions, "        "),
                     quoted_lines(resources(partition_name(value), value.bucket), "        "), value.principal_arn);
}

std::string key_policy(const grant& value) {
  return fmt::format(R"({{
  "Version": "2012-10-17",
  "Statement": [
    {{
      "Sid": "AccountKeepsTheKey",
      "Effect": "Allow",
      "Principal": {{
        "AWS": "arn:{}:iam::{}:root"
      }},
      "Action": "kms:*",
      "Resource": "*"
    }},
    {{
      "Sid": "SpillwayUsesTheKey",
      "Effect": "Allow",
      "Principal": {{
        "AWS": "{}"
      }},
      "Action": [
        "kms:GenerateDataKey",
        "kms:Decrypt"
      ],
      "Resource": "*"
    }}
  ]
}}
)",
                     partition_name(value), key_account(value), value.principal_arn);
}

std::string terraform_policy(const grant& value) {
  std::string text = terraform_resource("aws_s3_bucket_policy", "bucket", value.bucket, bucket_policy(value));
  if (!value.kms_key_id.empty()) {
    text += "\n" + terraform_resource("aws_kms_key_policy", "key_id", value.kms_key_id, key_policy(value));
  }
  return text;
}

std::string identity_policy(const grant& value) {
  // MinIO knows the partition "aws" alone.
  return fmt::format(R"({{
  "Version": "2012-10-17",
  "Statement": [
    {{
      "Effect": "Allow",
      "Action": [
{}
      ],
      "Resource": [
{}
      ]
    }}
  ]
}}
)",
                     quoted_lines(actions, "        "), quoted_lines(resources("aws", value.bucket), "        "));
}

std::string mc_commands(const grant& value) {
  return fmt::format(
      "mc admin policy create ALIAS {0} {0}.json\n"
      "mc admin policy attach ALIAS {0} --user USER\n",
      value.name);
}

}  // namespace spillway::s3
