// Credentials, region and endpoint as AWS's own tools find them: options, then environment, then shared files.
// Source: AWS CLI user guide, "Configuration and credential precedence" and "Environment variables".
#pragma once

#include "base/environment.hpp"
#include "base/result.hpp"
#include "s3/sigv4.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::bucket {

// What the command line says; empty: it says nothing. Credentials never come from there.
struct aws_options {
  std::string profile;
  std::string region;
  std::string endpoint_url;  // of the bucket; where roles are assumed is not said by it
  std::string ca_bundle;
};

// `role_arn` of a profile, with what belongs to it.
struct role_to_assume {
  std::string arn;
  std::string session_name;
  std::chrono::seconds duration{3600};
  std::string external_id;  // empty: none
};

// Where credentials come from: keys or a program, and then the roles that are assumed one with the other.
struct credential_source {
  s3::credentials keys;               // empty if there is a `process`
  std::string process;                // the command line of `credential_process`; empty: none
  std::vector<role_to_assume> roles;  // in the order in which they are assumed
};

struct aws_settings {
  credential_source credentials;
  std::string region;            // "us-east-1" if nothing names one
  std::string endpoint_url;      // empty: AWS's own of the region
  std::string sts_endpoint_url;  // where roles are assumed, never aws_options' one; empty: AWS's own of the region
  std::string ca_bundle;         // empty: the system's authorities
};

// A shared config or credentials file: names and values by section. Sections of ~/.aws/config are "profile NAME"; the
// word is left out here, so both files have the same names, and settings are spelled small. Lines that are indented
// deeper than the setting above them are nested in it: "s3.endpoint_url".
//     [profile work]
//     region = eu-west-1
//     services = near
//     [services near]
//     s3 =
//       endpoint_url = https://near.example.com
using aws_sections = std::map<std::string, std::map<std::string, std::string>, std::less<>>;

// errc::invalid: a line that is neither a section, a setting nor a comment; the cause names its number, never its text,
// which may be a secret.
result<aws_sections> parse_aws_file(std::string_view text);

// Reads AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_DEFAULT_PROFILE, AWS_PROFILE, AWS_REGION,
// AWS_DEFAULT_REGION, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS,
// AWS_CA_BUNDLE, and the files AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE (else ~/.aws/config and
// ~/.aws/credentials; ~ is HOME). A profile that an option names goes before keys in the environment; in a profile,
// `role_arn` before keys, and keys before `credential_process`. Keys and token are of one file. errc::denied: no
// credentials, or half of a pair of keys in the environment or in a profile's section. errc::usage: no such profile, or
// one that asks for what is not known here (MFA, SSO, web identities, metadata services).
result<aws_settings> find_aws_settings(const aws_options& wanted, const base::environment& variables);

// The endpoint alone, for which no credentials are needed.
result<std::string> find_endpoint_url(const aws_options& wanted, const base::environment& variables);

}  // namespace spillway::bucket
