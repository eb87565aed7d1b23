#include "bucket/bucket_rules.hpp"

#include "base/bytes.hpp"
#include "base/letter_case.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include <fmt/format.h>

namespace spillway::bucket {
namespace {

// The errors that S3 answers with, and those of a disk. Names and meanings: S3 API reference, "Error responses".
constexpr std::array named_failures = {
    named_failure{"SlowDown", errc::throttled, "SlowDown: please reduce your request rate"},
    named_failure{"ThrottlingException", errc::throttled, "ThrottlingException: rate exceeded"},
    named_failure{"InternalError", errc::unavailable, "InternalError: we encountered an internal error"},
    named_failure{"ServiceUnavailable", errc::unavailable, "ServiceUnavailable: please reduce your request rate"},
    named_failure{"RequestTimeout", errc::unavailable,
                  "RequestTimeout: the connection was not read from or written to within the timeout period"},
    named_failure{"AccessDenied", errc::denied, "AccessDenied: Access Denied"},
    named_failure{"InvalidAccessKeyId", errc::denied, "InvalidAccessKeyId: the access key id does not exist"},
    named_failure{"ExpiredToken", errc::denied, "ExpiredToken: the provided token has expired"},
    named_failure{"KMS.DisabledException", errc::denied, "KMS.DisabledException: the key is disabled"},
    named_failure{"KMS.NotFoundException", errc::denied, "KMS.NotFoundException: the key does not exist"},
    named_failure{"NoSuchBucket", errc::not_found, "NoSuchBucket: the specified bucket does not exist"},
    named_failure{"NoSuchKey", errc::not_found, "NoSuchKey: the specified key does not exist"},
    named_failure{"NoSuchUpload", errc::not_found, "NoSuchUpload: the specified upload does not exist"},
    named_failure{"PreconditionFailed", errc::conflict,
                  "PreconditionFailed: at least one of the pre-conditions you specified did not hold"},
    named_failure{"BadDigest", errc::corrupt, "BadDigest: the checksum did not match what was received"},
    named_failure{"QuotaExceeded", errc::no_space, "QuotaExceeded: the bucket's quota is used up"},
    named_failure{"disk_full", errc::no_space, "no space left on device"},
    named_failure{"io_error", errc::io, "input/output error"},
};

struct operation_row {
  operation what;
  std::string_view name;
  std::string_view action;
  std::string_view kms_action;  // asked for too when the object is encrypted with aws:kms; empty: none
};

// AWS, service authorization reference "Actions defined by Amazon S3"; KMS: "Multipart upload and permissions".
constexpr std::array operations = {
    operation_row{operation::put_object, "PutObject", "s3:PutObject", "kms:GenerateDataKey"},
    operation_row{operation::head_object, "HeadObject", "s3:GetObject", ""},
    operation_row{operation::get_object, "GetObject", "s3:GetObject", "kms:Decrypt"},
    operation_row{operation::list_objects, "ListObjectsV2", "s3:ListBucket", ""},
    operation_row{operation::delete_object, "DeleteObject", "s3:DeleteObject", ""},
    operation_row{operation::create_multipart_upload, "CreateMultipartUpload", "s3:PutObject", "kms:GenerateDataKey"},
    operation_row{operation::upload_part, "UploadPart", "s3:PutObject", "kms:Decrypt"},
    operation_row{operation::complete_multipart_upload, "CompleteMultipartUpload", "s3:PutObject", "kms:Decrypt"},
    operation_row{operation::abort_multipart_upload, "AbortMultipartUpload", "s3:AbortMultipartUpload", ""},
    operation_row{operation::list_parts, "ListParts", "s3:ListMultipartUploadParts", ""},
    operation_row{operation::list_multipart_uploads, "ListMultipartUploads", "s3:ListBucketMultipartUploads", ""},
    operation_row{operation::get_bucket_location, "GetBucketLocation", "s3:GetBucketLocation", ""},
    operation_row{operation::get_bucket_policy, "GetBucketPolicy", "s3:GetBucketPolicy", ""},
    operation_row{operation::put_bucket_policy, "PutBucketPolicy", "s3:PutBucketPolicy", ""},
    operation_row{operation::delete_bucket_policy, "DeleteBucketPolicy", "s3:DeleteBucketPolicy", ""},
    operation_row{operation::get_bucket_encryption, "GetBucketEncryption", "s3:GetEncryptionConfiguration", ""},
    operation_row{operation::put_bucket_encryption, "PutBucketEncryption", "s3:PutEncryptionConfiguration", ""},
    operation_row{operation::delete_bucket_encryption, "DeleteBucketEncryption", "s3:PutEncryptionConfiguration", ""},
};

const operation_row& row_of(operation what) {
  const auto* found =
      std::find_if(operations.begin(), operations.end(), [what](const operation_row& row) { return row.what == what; });
  SPILLWAY_ASSERT(found != operations.end());
  return *found;
}

// AWS writes a key's resource in quotes, a KMS key's without.
std::string resource_of(std::string_view action, std::string_view key, const bucket_settings& settings) {
  if (!action.starts_with("kms:")) {
    const std::string_view slash = key.empty() ? "" : "/";
    return fmt::format("\"arn:aws:s3:::mirror{}{}\"", slash, base::printable(key));
  }
  if (settings.kms_key_id.starts_with("arn:")) {
    return settings.kms_key_id;
  }
  return fmt::format("arn:aws:kms:{}:000000000000:key/{}", settings.location,
                     settings.kms_key_id.empty() ? "default" : settings.kms_key_id);
}

bool denies(std::string_view pattern, std::string_view action) {
  return matches(base::lower_case(pattern), base::lower_case(action));
}

}  // namespace

std::string_view to_string(operation what) { return row_of(what).name; }

const named_failure* find_named_failure(std::string_view name) {
  const auto* found = std::find_if(named_failures.begin(), named_failures.end(),
                                   [name](const named_failure& row) { return row.name == name; });
  return found == named_failures.end() ? nullptr : found;
}

// Goes back to the last '*' on a mismatch, which is enough since an earlier one could not match more.
bool matches(std::string_view pattern, std::string_view text) {
  std::size_t at = 0;
  std::size_t in = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_text = 0;
  while (in < text.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      star_text = in;
    } else if (at < pattern.size() && pattern[at] == text[in]) {
      ++at;
      ++in;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      in = ++star_text;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

bool names_an_action(std::string_view pattern) {
  return std::ranges::any_of(operations, [pattern](const operation_row& row) {
    return denies(pattern, row.action) || (!row.kms_action.empty() && denies(pattern, row.kms_action));
  });
}

bucket_rules::bucket_rules(bucket_settings settings)
    : settings_(std::move(settings)), matched_(settings_.faults.size(), 0) {}

std::optional<std::string> bucket_rules::policy() const {
  const std::lock_guard lock(mutex_);
  return settings_.policy;
}

std::optional<encryption_setting> bucket_rules::default_encryption() const {
  const std::lock_guard lock(mutex_);
  std::optional<encryption_setting> setting = settings_.default_encryption;
  if (setting && setting->algorithm == encryption::sse_kms && setting->kms_key_id.empty()) {
    setting->kms_key_id = settings_.kms_key_id;
  }
  return setting;
}

void bucket_rules::change(const bucket_settings& changed) {
  const std::lock_guard lock(mutex_);
  settings_.policy = changed.policy;
  settings_.default_encryption = changed.default_encryption;
}

result<void> bucket_rules::check_action(std::string_view action, std::string_view key) const {
  const bool denied = std::any_of(settings_.deny.begin(), settings_.deny.end(),
                                  [action](const std::string& pattern) { return denies(pattern, action); });
  if (!denied) {
    return {};
  }
  std::string cause = fmt::format(
      "User: arn:aws:iam::000000000000:user/spillway is not authorized to perform: {0} on resource: {1} because no "
      "identity-based policy allows the {0} action",
      action, resource_of(action, key, settings_));
  return failure{errc::denied, {}, std::move(cause), {}};
}

const fault* bucket_rules::striking(operation what, std::string_view key) {
  const fault* first = nullptr;
  if (settings_.faults.empty()) {
    return first;
  }
  const std::lock_guard lock(mutex_);
  for (std::size_t index = 0; index < settings_.faults.size(); ++index) {
    const fault& each = settings_.faults[index];
    if ((each.operation != "*" && each.operation != to_string(what)) || !matches(each.key, key)) {
      continue;
    }
    const std::int64_t past = ++matched_[index] - each.nth;
    if (first == nullptr && past >= 0 && (each.times == 0 || past < each.times)) {
      first = &each;
    }
  }
  return first;
}

result<void> bucket_rules::admit(operation what, std::string_view key, encryption encrypted) {
  if (const fault* strikes = striking(what, key); strikes != nullptr) {
    std::this_thread::sleep_for(std::chrono::milliseconds(strikes->delay_ms));
    if (const named_failure* named = find_named_failure(strikes->error); named != nullptr) {
      return failure{named->code, {}, std::string(named->cause), {}};
    }
  }
  const operation_row& row = row_of(what);
  SPILLWAY_TRY(check_action(row.action, key));
  if (encrypted == encryption::sse_kms && !row.kms_action.empty()) {
    SPILLWAY_TRY(check_action(row.kms_action, key));
  }
  return {};
}

result<void> bucket_rules::admit_absence(std::string_view key) const { return check_action("s3:ListBucket", key); }

}  // namespace spillway::bucket
