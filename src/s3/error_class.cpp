#include "s3/error_class.hpp"

#include "base/bytes.hpp"
#include "s3/denial.hpp"
#include "s3/endpoint.hpp"
#include "s3/error_codes.hpp"
#include "s3/hide_secrets.hpp"
#include "s3/http_date.hpp"
#include "s3/response_xml.hpp"

#include <algorithm>
#include <charconv>

namespace spillway::s3 {
namespace {

constexpr std::chrono::milliseconds retry_after_max = std::chrono::minutes{5};

struct rule {
  s3::action action;
  s3::remedy remedy;
  errc code;
  std::string_view hint;  // empty: the code's own
};

rule rule_of(error_class value) {
  using enum error_class;
  switch (value) {
    case ok: return {action::proceed, remedy::none, errc::bug, ""};
    case transient: return {action::retry, remedy::none, errc::unavailable, ""};
    case throttle: return {action::retry_slowly, remedy::none, errc::throttled, ""};
    case conflict: return {action::retry, remedy::none, errc::conflict, ""};
    case exists: return {action::give_up, remedy::look_at_object, errc::conflict, ""};
    case integrity: return {action::retry, remedy::read_body_again, errc::corrupt, ""};
    case upload_gone: return {action::give_up, remedy::look_at_object, errc::not_found, ""};
    case not_found: return {action::give_up, remedy::none, errc::not_found, ""};
    case permission: return {action::wait_for_operator, remedy::none, errc::denied, ""};
    case kms:
      return {action::wait_for_operator, remedy::none, errc::denied, "look at the KMS key: its state, its region"};
    case credentials: return {action::wait_for_operator, remedy::none, errc::denied, "look at the credentials"};
    case account: return {action::wait_for_operator, remedy::none, errc::denied, "look at the AWS account"};
    case clock: return {action::wait_for_operator, remedy::none, errc::denied, "set this machine's clock"};
    case region: return {action::retry, remedy::change_region, errc::usage, "name the bucket's region with --region"};
    case config: return {action::wait_for_operator, remedy::none, errc::usage, "look at the endpoint"};
    case quota: return {action::retry_slowly, remedy::none, errc::no_space, ""};
    case unsupported: return {action::give_up, remedy::none, errc::usage, "leave out what this server can't do"};
    case request: return {action::give_up, remedy::none, errc::invalid, ""};
    case protocol: return {action::give_up, remedy::none, errc::invalid, "is this the endpoint of an S3 service?"};
  }
  SPILLWAY_ASSERT(false);
  return {};
}

std::chrono::milliseconds capped(std::chrono::milliseconds delay) {
  return std::clamp(delay, std::chrono::milliseconds{0}, retry_after_max);
}

// In milliseconds, in seconds, or until a date. Source: RFC 9110 section 10.2.3.
std::chrono::milliseconds asked_delay(const std::vector<header>& headers, std::optional<base::instant> now) {
  const auto number_in = [&headers](std::string_view name) {
    const std::string_view text = find_header(headers, name);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_number = error == std::errc{} && end == text.data() + text.size();
    return is_number ? std::clamp<std::int64_t>(number, 0, retry_after_max.count()) : 0;
  };
  if (const std::chrono::milliseconds precise{number_in("x-amz-retry-after")}; precise.count() > 0) {
    return capped(precise);
  }
  if (const auto date = parse_http_date(find_header(headers, "retry-after")); date && now) {
    return capped(std::chrono::ceil<std::chrono::milliseconds>(*date - *now));
  }
  return capped(std::chrono::seconds{number_in("retry-after")});
}

std::string shown_header(const response& answer, std::string_view name, const credentials& hidden) {
  return base::printable(hide_secrets(find_header(answer.headers, name), hidden), base::shown_answer_bytes_max);
}

void become(verdict& value, error_class found) {
  const rule applied = rule_of(found);
  value.error_class = found;
  value.action = applied.action;
  value.remedy = applied.remedy;
  value.code = applied.code;
}

// What the answer says by itself: error code, message, region, and what was asked to be waited for.
verdict read_answer(const response& answer, const result<error_body>& body, const asked& about) {
  verdict read;
  read.status = answer.status;
  read.retry_after = asked_delay(answer.headers, about.now);
  const std::string_view region = find_header(answer.headers, "x-amz-bucket-region");
  read.region = is_region(region) ? std::string(region) : std::string();
  read.request_id = shown_header(answer, "x-amz-request-id", about.keys);
  if (body) {
    read.s3_code = body->code;
    read.message = body->message;
    read.request_id = body->request_id.empty() ? read.request_id : body->request_id;
    read.region = read.region.empty() ? body->region : read.region;
  } else {
    // MinIO's answers to HEAD.
    read.s3_code = shown_header(answer, "x-minio-error-code", about.keys);
    read.message = shown_header(answer, "x-minio-error-desc", about.keys);
  }
  return read;
}

// A 200 whose document is not the one that was asked for. A document that was cut is like an answer that was lost.
verdict judge_document(const response& answer, const asked& about, verdict read) {
  const auto root = root_of(answer.body);
  if (root && *root == about.success_root) {
    return read;
  }
  if (!root && root.error().code == errc::corrupt) {
    become(read, error_class::transient);
    read.message = "the answer is cut off, or no XML";
    if (about.success_root == "CompleteMultipartUploadResult") {
      read.remedy = remedy::look_at_object;
    }
    return read;
  }
  become(read, error_class::protocol);
  read.message = root ? "the answer is another document than the one that was asked for" : root.error().cause;
  return read;
}

error_class class_of_error(const verdict& read, const response& answer, const asked& about) {
  if (about.skew_measured && is_clock_error(read.s3_code, *about.skew_measured, about.skew_used) &&
      (answer.status == 400 || answer.status == 403)) {
    return error_class::clock;
  }
  // A 200 that holds an error came too late for its status.
  const int status = answer.status >= 200 && answer.status < 300 ? 500 : answer.status;
  const bool says_nothing = answer.body.empty() && read.s3_code.empty();
  const error_class by_status = class_of_status(status, says_nothing ? body_kind::none : body_kind::some);
  const error_class found = class_of_code(read.s3_code).value_or(by_status);
  // MinIO without a KMS refuses every header about encryption with NotImplemented, and only its text tells the reason.
  const bool is_about_kms = read.message.find("KMS is not configured") != std::string::npos;
  return found == error_class::unsupported && is_about_kms ? error_class::kms : found;
}

void refine(verdict& value, const response& answer, const result<error_body>& body, const asked& about) {
  if (value.error_class == error_class::permission) {
    denial found = parse_denial(value.message);
    value.missing_permission = std::move(found.permission);
    value.denied_by = std::move(found.denied_by);
    value.needed_permission = value.missing_permission.empty() ? about.permission : std::string_view();
  } else if (value.error_class == error_class::clock && about.skew_measured) {
    value.action = action::retry;
    value.remedy = remedy::correct_clock;
  } else if (value.error_class == error_class::region && value.region.empty() && body && body->has_bad_region) {
    // A name that is none would end in a host name: nobody is asked again.
    value.action = action::wait_for_operator;
    value.remedy = remedy::none;
  } else if (const std::string to = shown_header(answer, "location", about.keys);
             value.error_class == error_class::region && value.region.empty() && !body && !to.empty()) {
    // Not S3's way to name a region, but a proxy that wants to be spoken to otherwise, as with https.
    become(value, error_class::config);
    value.message = "it redirects to " + to;
  } else if (value.s3_code == "NoSuchBucket") {
    value.code = errc::not_found;
  } else if (value.s3_code == "ExpiredToken" || value.s3_code == "ExpiredTokenException" ||
             value.s3_code == "TokenRefreshRequired") {
    value.action = action::retry;
    value.remedy = remedy::reload_credentials;
  }
}

std::string cause_of(const verdict& value) {
  std::string said = value.s3_code;
  if (!value.message.empty()) {
    said += (said.empty() ? "" : ": ") + value.message;
  }
  while (said.ends_with('.')) {
    said.pop_back();
  }
  if (said.empty()) {
    said = value.status == 0 ? "no answer came" : "the server answered " + std::to_string(value.status);
  }
  if (!value.missing_permission.empty()) {
    said = value.missing_permission + " is missing" +
           (value.denied_by.empty() ? std::string() : " (" + value.denied_by + ")") + ": " + said;
  }
  if (!value.needed_permission.empty()) {
    said += " to what needs " + value.needed_permission;
  }
  return value.request_id.empty() ? said : said + " (request " + value.request_id + ")";
}

}  // namespace

std::string_view to_string(error_class value) {
  using enum error_class;
  switch (value) {
    case ok: return "ok";
    case transient: return "transient";
    case throttle: return "throttle";
    case conflict: return "conflict";
    case exists: return "exists";
    case integrity: return "integrity";
    case upload_gone: return "upload-gone";
    case not_found: return "not-found";
    case permission: return "permission";
    case kms: return "kms";
    case credentials: return "credentials";
    case account: return "account";
    case clock: return "clock";
    case region: return "region";
    case config: return "config";
    case quota: return "quota";
    case unsupported: return "unsupported";
    case request: return "request";
    case protocol: return "protocol";
  }
  return "?";
}

verdict classify(const response& answer, const asked& about) {
  const bool is_success = answer.status >= 200 && answer.status < 300;
  if (is_success && about.success_root.empty()) {
    return read_answer(answer, failure{}, about);
  }
  const result<error_body> body = parse_error(answer.body, about.keys);
  verdict value = read_answer(answer, body, about);
  if (is_success && !body) {
    return judge_document(answer, about, std::move(value));
  }
  become(value, class_of_error(value, answer, about));
  refine(value, answer, body, about);
  return value;
}

failure to_failure(const verdict& value, std::string doing) {
  SPILLWAY_ASSERT(value.action != action::proceed);
  std::string hint(value.hint.empty() ? rule_of(value.error_class).hint : std::string_view(value.hint));
  if (!value.missing_permission.empty()) {
    hint = "allow " + value.missing_permission;
  } else if (!value.needed_permission.empty()) {
    hint = "allow " + value.needed_permission + "; spillway verify finds out whether that is what is missing";
  } else if (value.s3_code == "NoSuchBucket") {
    hint = "make the bucket, or correct its name";
  } else if (value.error_class == error_class::region && !value.region.empty()) {
    hint = "the bucket is in " + value.region + ": use --region " + value.region;
  } else if (value.error_class == error_class::region && value.s3_code.empty() && value.status == 400) {
    hint = "look at the credentials, and at the bucket's region (--region)";
  }
  return {value.code, std::move(doing), cause_of(value), std::move(hint)};
}

}  // namespace spillway::s3
