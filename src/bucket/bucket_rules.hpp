// How a mirror is told to behave: ROOT/.spillway/bucket.json, read once when the mirror is opened, and written when its
// policy or its default encryption is put (mirror_settings.hpp). Without the file the mirror is a bucket without a
// policy or encryption in which everything is allowed. An example with every key; all of them are optional, unknown
// ones are refused:
//
//   {
//     "location": "eu-west-1",
//     "default_encryption": "aws:kms",
//     "kms_key_id": "arn:aws:kms:eu-west-1:123456789012:key/6f6e1a5c",
//     "policy": {"Version": "2012-10-17", "Statement": []},
//     "deny": ["s3:DeleteObject", "kms:*"],
//     "faults": [
//       {"operation": "PutObject", "key": "*_complete", "nth": 2, "times": 1, "error": "SlowDown"},
//       {"operation": "*", "delay_ms": 50, "times": 0}
//     ]
//   }
//
// location            what GetBucketLocation says; "us-east-1" if absent.
// default_encryption  "none", "AES256" or "aws:kms": the encryption of objects that were put without one. Or the whole
//                     setting, as it is written when it is put:
//                       {"algorithm": "aws:kms", "kms_key_id": "arn:aws:kms:...", "bucket_keys": true}
//                     of which only the algorithm must be there.
// kms_key_id          the key of objects encrypted with aws:kms that name none.
// policy              what GetBucketPolicy says. It is handed out, not obeyed: "deny" is what is obeyed.
// deny                actions that are refused, in any case, as in AWS; '*' stands for any characters. One that matches
//                     none is a mistyped one, and refused. The actions that a mirror asks for:
//                       s3:PutObject            put; create, put_part and complete of a multipart upload
//                       s3:GetObject            head, get
//                       s3:ListBucket           list; and, as in AWS, head and get of a key that is not there
//                       s3:DeleteObject         remove
//                       s3:AbortMultipartUpload abort_multipart
//                       s3:ListMultipartUploadParts, s3:ListBucketMultipartUploads
//                       s3:GetBucketLocation
//                       s3:GetBucketPolicy, s3:PutBucketPolicy, s3:DeleteBucketPolicy
//                       s3:GetEncryptionConfiguration
//                       s3:PutEncryptionConfiguration   put and remove the default encryption
//                       kms:GenerateDataKey     put and create of what is encrypted with aws:kms
//                       kms:Decrypt             get, put_part and complete of what is encrypted with aws:kms
//                     The failure is errc::denied, and its cause is AWS's sentence, which names the action.
// faults              what goes wrong, when. Every fault counts the calls that it matches, from 1, over all threads of
//                     one opened mirror; it strikes from the `nth` (1 if absent) on, `times` times (1 if absent, 0:
//                     from then on always). Of several that strike one call, the first counts.
//                       operation  PutObject, HeadObject, GetObject, ListObjectsV2, DeleteObject,
//                                  CreateMultipartUpload, UploadPart, CompleteMultipartUpload, AbortMultipartUpload,
//                                  ListParts, ListMultipartUploads, GetBucketLocation, GetBucketPolicy,
//                                  PutBucketPolicy, DeleteBucketPolicy, GetBucketEncryption,
//                                  PutBucketEncryption, DeleteBucketEncryption; "*" is any, and the default
//                       key        '*' stands for any characters; "*" is the default. Of a listing it is the prefix,
//                                  of a call about the bucket it is empty.
//                       error      a name in the table of bucket_rules.cpp: what S3 answers ("SlowDown",
//                                  "InternalError", "ServiceUnavailable", "RequestTimeout", "AccessDenied",
//                                  "NoSuchBucket", ...), or what a disk does ("disk_full", "io_error")
//                       delay_ms   how long the call waits first, 0 to 10,000
//                     One of error and delay_ms is needed; without an error, the call is done after the wait.
#pragma once

#include "bucket/bucket.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::bucket {

enum class operation {
  put_object,
  head_object,
  get_object,
  list_objects,
  delete_object,
  create_multipart_upload,
  upload_part,
  complete_multipart_upload,
  abort_multipart_upload,
  list_parts,
  list_multipart_uploads,
  get_bucket_location,
  get_bucket_policy,
  put_bucket_policy,
  delete_bucket_policy,
  get_bucket_encryption,
  put_bucket_encryption,
  delete_bucket_encryption,  // the last: bucket_settings.cpp counts to it
};

// "PutObject", as S3 names it.
std::string_view to_string(operation what);

// One of the faults above.
struct fault {
  std::string operation = "*";
  std::string key = "*";
  std::int64_t nth = 1;
  std::int64_t times = 1;
  std::string error;  // empty: only the delay
  std::int64_t delay_ms = 0;
};

struct bucket_settings {
  std::string location = "us-east-1";
  std::optional<encryption_setting> default_encryption;  // without a key, kms_key_id is its key
  std::string kms_key_id;
  std::optional<std::string> policy;  // JSON
  std::vector<std::string> deny;
  std::vector<fault> faults;
};

// Reads the file's text. errc::invalid: it is not JSON, or breaks what is said above; the cause names the key.
result<bucket_settings> parse_bucket_settings(std::string_view text);

// The file's text with one member set to `json`, in its place or as the last, or taken away (nullopt): a member a line.
// A text that says so already stays as it is. errc::invalid: `text` is no JSON object, or `json` no JSON.
result<std::string> with_setting(std::string_view text, std::string_view name, const std::optional<std::string>& json);

// A member's value: "\"AES256\"", or the whole setting above.
std::string to_json(const encryption_setting& setting);

// Whether `pattern`, in which '*' stands for any characters, matches all of `text`.
bool matches(std::string_view pattern, std::string_view text);

// Whether `pattern`, as "deny" has it, matches an action that a mirror asks for.
bool names_an_action(std::string_view pattern);

// Thread rule: any thread.
class bucket_rules {
public:
  explicit bucket_rules(bucket_settings settings);

  const std::string& location() const { return settings_.location; }
  const std::string& kms_key_id() const { return settings_.kms_key_id; }
  std::optional<std::string> policy() const;
  std::optional<encryption_setting> default_encryption() const;

  // Takes over what `changed` says of those two; everything else stays as it was when the mirror was opened.
  void change(const bucket_settings& changed);

  // Asked before a call is done: waits and fails as the file says. `encrypted` is that of the object the call is
  // about; a call that is about none passes encryption::none.
  result<void> admit(operation what, std::string_view key, encryption encrypted);

  // The failure of a call for a key that is not there, if the file denies s3:ListBucket: AWS then does not tell.
  result<void> admit_absence(std::string_view key) const;

private:
  result<void> check_action(std::string_view action, std::string_view key) const;
  const fault* striking(operation what, std::string_view key);

  bucket_settings settings_;  // its policy and default_encryption under mutex_; the others never change
  mutable std::mutex mutex_;
  std::vector<std::int64_t> matched_;  // calls so far, one for each fault
};

// The code and AWS's words for an error's name. nullptr: no such name.
struct named_failure {
  std::string_view name;
  errc code;
  std::string_view cause;
};
const named_failure* find_named_failure(std::string_view name);

}  // namespace spillway::bucket
