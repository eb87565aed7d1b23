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
// What each member means is in docs/formats.md, "How a directory is told to behave"; the names of operations, actions
// and errors are the tables in bucket_rules.cpp. What `deny` refuses is errc::denied, and its cause AWS's sentence,
// which names the action. Faults are counted over all threads of one opened mirror.
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
