// What an answer of S3 means for the one who asked: go on, try again, call an operator, or stop. One function decides,
// from status, error code and headers; the text of a message is read for the name of a permission, and for nothing that
// is acted on.
//
// Pure and without a memory: how often to try, and how long to wait, is decided above.
#pragma once

#include "base/result.hpp"
#include "s3/clock_skew.hpp"
#include "s3/request.hpp"
#include "s3/sigv4.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::s3 {

enum class error_class {
  ok,
  transient,    // the server, or the way to it, failed
  throttle,     // too many requests
  conflict,     // somebody else is changing the same thing
  exists,       // "If-None-Match: *", and something is there
  integrity,    // what arrived is not what was sent
  upload_gone,  // no such multipart upload: aborted, or completed already
  not_found,    // no such key, policy or configuration
  permission,   // access denied
  kms,          // the key: disabled, unknown, or KMS is not there
  credentials,  // unknown, expired or wrong
  account,      // closed or suspended
  clock,        // our clock is wrong
  region,       // the bucket is in another one
  config,       // no such bucket, or an endpoint that can't do this
  quota,        // full
  unsupported,  // the server does not know the function
  request,      // we sent what it can't take
  protocol,     // it answered what is no S3 answer
};
std::string_view to_string(error_class value);  // "upload-gone"

enum class action {
  proceed,
  retry,              // after a short delay
  retry_slowly,       // after a long one
  wait_for_operator,  // nothing changes until somebody does something
  give_up,            // the same request would fail again
};

// What has to be done before a retry, each once per request; or, with give_up, to learn what became of it.
enum class remedy {
  none,
  correct_clock,       // sign with the measured skew
  change_region,       // sign for verdict::region; if that is empty, HeadBucket tells it. A 400 without a word may be
                       // about credentials as well
  read_body_again,     // from the file, and hash it again
  reload_credentials,  // if they are still the same, an operator is needed
  look_at_object,      // HEAD: what we wanted may be there already
};

struct verdict {
  s3::error_class error_class = error_class::ok;
  s3::action action = action::proceed;
  s3::remedy remedy = remedy::none;
  errc code = errc::bug;  // for the failure that this becomes; without a meaning if action is proceed
  int status = 0;
  std::string s3_code;  // "SlowDown"; empty: the answer named none
  std::string message;  // printable, of at most 500 bytes and "..."
  std::string request_id;
  std::string missing_permission;            // "s3:PutObject"; empty: not said, so that it has to be found by probing
  std::string needed_permission;             // of a refusal that does not say: what the request needs, besides KMS's
  std::string denied_by;                     // "identity-based policy"; empty: not said
  std::string region;                        // where the bucket is; always a region's name
  std::string hint;                          // where no answer came: what helps against that; empty: the class's own
  std::chrono::milliseconds retry_after{0};  // what the server asks for, at most 5 minutes; 0: nothing
};

// What is known of the request besides its answer.
struct asked {
  std::string_view success_root{};            // "CompleteMultipartUploadResult"; empty: a success needs no document
  std::optional<clock_skew> skew_measured{};  // by measure_skew() from this answer
  clock_skew skew_used{0};                  // that the request was signed with
  std::string_view permission{};            // that the request needs; empty: none is known
  std::optional<base::instant> now{};       // by the server's clock, as far as it is known; nullopt: no date is heeded
  credentials keys{};                       // that it was signed with: what an answer repeats of them is not shown
};

verdict classify(const response& answer, const asked& about);

// The failure that it becomes, with a hint for the operator. `doing` as in failure. REQUIRES: action is not proceed.
failure to_failure(const verdict& value, std::string doing);

}  // namespace spillway::s3
