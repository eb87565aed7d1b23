// Credentials that a program of the user's prints: `credential_process` in the shared AWS files.
// Source: AWS SDKs and Tools reference, "Process credential provider".
//
//     {"Version": 1, "AccessKeyId": "ASIA...", "SecretAccessKey": "...", "SessionToken": "...",
//      "Expiration": "2026-01-31T23:59:58Z"}
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "s3/sigv4.hpp"

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace spillway::bucket {

struct timed_credentials {
  s3::credentials keys;
  std::optional<base::instant> expires_at;  // nullopt: never
};

// Runs the program without a shell; the command is cut into words as shell_words.hpp says. What it writes to standard
// error goes to ours; it is killed at the deadline and on a stop. errc::usage: no command line. errc::denied: it could
// not be run, failed, or printed no credentials; never with a word of what it printed. errc::unavailable: it did not
// end in time. errc::interrupted.
result<timed_credentials> run_credential_process(const std::string& command, std::chrono::seconds patience,
                                                 const std::stop_token& stop);

result<timed_credentials> parse_process_credentials(std::string_view text);

}  // namespace spillway::bucket
