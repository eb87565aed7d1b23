#include "s3/sigv4.hpp"

#include "base/bytes.hpp"
#include "s3/uri_encode.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

namespace spillway::s3 {
namespace {

constexpr std::string_view signing_algorithm = "AWS4-HMAC-SHA256";

// What is on the way changed or added by others, and so can't be signed.
// Source: the lists that awslabs/aws-c-auth and botocore skip.
constexpr std::array<std::string_view, 10> unsigned_headers = {
    "authorization", "connection",        "expect",  "keep-alive", "te",
    "trailer",       "transfer-encoding", "upgrade", "user-agent", "x-amzn-trace-id"};

bool is_signed(std::string_view name) {
  return std::find(unsigned_headers.begin(), unsigned_headers.end(), name) == unsigned_headers.end();
}

std::string_view view_of(const base::sha256_digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// "  two  spaces  " to "two spaces".
std::string canonical_value(std::string_view value) {
  std::string text;
  for (const char c : value) {
    const bool is_blank = c == ' ' || c == '\t';
    if (!is_blank) {
      text += c;
    } else if (!text.empty() && text.back() != ' ') {
      text += ' ';
    }
  }
  if (text.ends_with(' ')) {
    text.pop_back();
  }
  return text;
}

// Sorted by encoded name, then by encoded value; "uploads" is written "uploads=".
std::string canonical_query(const std::vector<query_pair>& query) {
  std::vector<query_pair> encoded;
  encoded.reserve(query.size());
  for (const auto& [name, value] : query) {
    encoded.emplace_back(uri_encode(name, slashes::encode), uri_encode(value, slashes::encode));
  }
  std::sort(encoded.begin(), encoded.end());
  std::string text;
  for (const auto& [name, value] : encoded) {
    text += text.empty() ? "" : "&";
    text += name;
    text += '=';
    text += value;
  }
  return text;
}

// By name; the values of a name that comes more than once are joined in their order.
std::map<std::string, std::string> canonical_headers(const request& value) {
  std::map<std::string, std::string> headers = {{"host", authority(value.origin)}};
  for (const auto& [name, text] : value.headers) {
    if (!is_signed(name)) {
      continue;
    }
    const auto [place, is_new] = headers.try_emplace(name, canonical_value(text));
    if (!is_new) {
      place->second += "," + canonical_value(text);
    }
  }
  return headers;
}

std::string credential(const credentials& who, const signing_scope& scope, base::instant now) {
  return who.access_key_id + "/" + scope_text(scope, now);
}

std::string signature_of_request(const canonical_request& canonical, const credentials& who, const signing_scope& scope,
                                 base::instant now) {
  return signature_of(string_to_sign(canonical.text, scope, now), who.secret_access_key, scope, now);
}

}  // namespace

std::string amz_date(base::instant when) {
  std::string text = base::format_utc(when);  // "2026-01-31T23:59:58Z"
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

std::string scope_text(const signing_scope& scope, base::instant when) {
  return amz_date(when).substr(0, 8) + "/" + scope.region + "/" + scope.service + "/aws4_request";
}

canonical_request make_canonical(const request& value) {
  canonical_request made;
  std::string lines;
  for (const auto& [name, text] : canonical_headers(value)) {
    lines += name;
    lines += ':';
    lines += text;
    lines += '\n';
    made.signed_headers += made.signed_headers.empty() ? "" : ";";
    made.signed_headers += name;
  }
  made.text = std::string(to_string(value.method)) + "\n" + uri_encode(value.path, slashes::keep) + "\n" +
              canonical_query(value.query) + "\n" + lines + "\n" + made.signed_headers + "\n" + value.payload_sha256;
  return made;
}

std::string string_to_sign(std::string_view canonical, const signing_scope& scope, base::instant now) {
  return std::string(signing_algorithm) + "\n" + amz_date(now) + "\n" + scope_text(scope, now) + "\n" +
         base::sha256_hex(base::sha256_of(canonical));
}

std::string signature_of(std::string_view text, std::string_view secret_access_key, const signing_scope& scope,
                         base::instant now) {
  // The key is good for one day, region and service: AWS4secret -> day -> region -> service -> "aws4_request".
  base::sha256_digest key = base::hmac_sha256("AWS4" + std::string(secret_access_key), amz_date(now).substr(0, 8));
  for (const std::string_view part :
       {std::string_view(scope.region), std::string_view(scope.service), std::string_view("aws4_request")}) {
    key = base::hmac_sha256(view_of(key), part);
  }
  return base::sha256_hex(base::hmac_sha256(view_of(key), text));
}

result<void> sign(request& value, const credentials& who, const signing_scope& scope, base::instant now) {
  SPILLWAY_TRY(value.headers.set("x-amz-date", amz_date(now)));
  SPILLWAY_TRY(value.headers.set("x-amz-content-sha256", value.payload_sha256));
  value.headers.remove("x-amz-security-token");
  if (!who.session_token.empty()) {
    SPILLWAY_TRY(value.headers.add("x-amz-security-token", who.session_token));
  }
  const canonical_request canonical = make_canonical(value);
  return value.headers.set("authorization", std::string(signing_algorithm) +
                                                " Credential=" + credential(who, scope, now) +
                                                ", SignedHeaders=" + canonical.signed_headers +
                                                ", Signature=" + signature_of_request(canonical, who, scope, now));
}

void add_presign_query(request& value, const credentials& who, const signing_scope& scope, base::instant now,
                       std::chrono::seconds lifetime) {
  value.query.emplace_back("X-Amz-Algorithm", signing_algorithm);
  value.query.emplace_back("X-Amz-Credential", credential(who, scope, now));
  value.query.emplace_back("X-Amz-Date", amz_date(now));
  value.query.emplace_back("X-Amz-Expires", std::to_string(lifetime.count()));
  value.query.emplace_back("X-Amz-SignedHeaders", make_canonical(value).signed_headers);
}

result<std::string> presign(request value, const credentials& who, const signing_scope& scope, base::instant now,
                            std::chrono::seconds lifetime) {
  if (lifetime < std::chrono::seconds{1} || lifetime > presigned_lifetime_max) {
    return failure{errc::invalid, "presigning a URL", "it would have to live for 1 to 604,800 seconds", {}};
  }
  value.payload_sha256 = unsigned_payload;
  add_presign_query(value, who, scope, now, lifetime);
  if (!who.session_token.empty()) {
    value.query.emplace_back("X-Amz-Security-Token", who.session_token);
  }
  const std::string signature = signature_of_request(make_canonical(value), who, scope, now);
  value.query.emplace_back("X-Amz-Signature", signature);
  return url(value);
}

}  // namespace spillway::s3
