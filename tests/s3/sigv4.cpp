#include "s3/sigv4.hpp"

#include "s3/vectors.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace spillway::s3_sigv4_tests {
namespace {

using boost::json::value;
using spillway::base::instant;
using spillway::s3::authority;
using spillway::s3::credentials;
using spillway::s3::find_header;
using spillway::s3::make_canonical;
using spillway::s3::parse_endpoint;
using spillway::s3::path_of;
using spillway::s3::presign;
using spillway::s3::request;
using spillway::s3::scheme;
using spillway::s3::scope_text;
using spillway::s3::sign;
using spillway::s3::signature_of;
using spillway::s3::signing_scope;
using spillway::s3::string_to_sign;
using spillway::s3::target;
using spillway::test::fixture_json;
using spillway::test::method_named;
using spillway::test::origin_at;
using spillway::test::parse_query;
using spillway::test::text_at;

std::string decoded(std::string_view text) {
  const auto plain = spillway::s3::uri_decode(text);
  BOOST_REQUIRE_MESSAGE(plain.has_value(), text);
  return *plain;
}

// "20260131T235958Z".
instant parse_amz_date(const std::string& text) {
  const auto when =
      spillway::base::parse_timestamp(text.substr(0, 4) + "-" + text.substr(4, 2) + "-" + text.substr(6, 5) + ":" +
                                      text.substr(11, 2) + ":" + text.substr(13));
  BOOST_REQUIRE_MESSAGE(when.has_value(), text);
  return *when;
}

credentials credentials_in(const value& from) {
  return {text_at(from, "access_key"), text_at(from, "secret_key"), text_at(from, "session_token")};
}

signing_scope scope_in(const value& from) { return {text_at(from, "region"), text_at(from, "service")}; }

// ";host;x-amz-date;", of "..., SignedHeaders=host;x-amz-date, Signature=...".
std::string signed_names(std::string_view authorization) {
  constexpr std::string_view mark = "SignedHeaders=";
  authorization.remove_prefix(authorization.find(mark) + mark.size());
  return ";" + std::string(authorization.substr(0, authorization.find(','))) + ";";
}

// The request before it was signed, with every header that the captured one has and that its sender does not write.
request unsigned_request(const value& from) {
  request made;
  made.method = method_named(text_at(from, "method"));
  made.origin = origin_at(text_at(from, "scheme"), text_at(from, "host"));
  made.path = decoded(text_at(from, "wire_path"));
  made.query = parse_query(text_at(from, "wire_query"));
  const std::string names = signed_names(text_at(from, "authorization"));
  for (const auto& [name, text] : from.at("headers").as_object()) {
    const std::string_view plain(name.data(), name.size());
    const bool is_signed = names.find(";" + std::string(plain) + ";") != std::string::npos;
    const bool is_senders = plain == "host" || (plain == "content-length" && !is_signed);
    if (!is_senders && plain != "authorization") {
      REQUIRE_OK(made.headers.add(plain, std::string(text.as_string())));
    }
  }
  made.payload_sha256 = find_header(made.headers, "x-amz-content-sha256");
  return made;
}

void check_captured(const value& from) {
  const instant now = parse_amz_date(text_at(from, "timestamp"));
  const signing_scope scope = scope_in(from);
  request made = unsigned_request(from);
  const std::string query = text_at(from, "wire_query");
  BOOST_TEST(target(made) == text_at(from, "wire_path") + (query.empty() ? "" : "?" + query));
  REQUIRE_OK(sign(made, credentials_in(from), scope, now));
  const auto canonical = make_canonical(made);
  BOOST_TEST(canonical.text == text_at(from, "canonical_request"));
  BOOST_TEST(string_to_sign(canonical.text, scope, now) == text_at(from, "string_to_sign"));
  BOOST_TEST(find_header(made.headers, "authorization") == text_at(from, "authorization"));
  // Signing again changes nothing: nothing of the first signature is signed, and nothing is there twice.
  const std::size_t headers = made.headers.size();
  REQUIRE_OK(sign(made, credentials_in(from), scope, now));
  BOOST_TEST(made.headers.size() == headers);
  BOOST_TEST(find_header(made.headers, "authorization") == text_at(from, "authorization"));
}

void check_presigned(const value& from) {
  const std::string wanted = text_at(from, "url");
  const std::size_t host = wanted.find("://") + 3;
  const std::size_t path = wanted.find('/', host);
  const std::size_t query = wanted.find('?');
  request made;
  made.method = method_named(text_at(from, "method"));
  made.origin = parse_endpoint(wanted.substr(0, path))->origin;
  made.path = decoded(wanted.substr(path, query - path));
  if (wanted.find("x-amz-server-side-encryption") != std::string::npos) {
    REQUIRE_OK(made.headers.add("x-amz-server-side-encryption", "aws:kms"));
  }
  const auto made_url = presign(made, credentials_in(from), scope_in(from), parse_amz_date(text_at(from, "timestamp")),
                                std::chrono::seconds{from.at("expires").as_int64()});
  REQUIRE_OK(made_url);
  BOOST_TEST(*made_url == wanted);
}

// The examples of AWS's documentation have their host among the headers.
request example_request(const value& from) {
  request made;
  made.method = method_named(text_at(from, "method"));
  made.path = decoded(text_at(from, "path"));
  for (const value& pair : from.at("query").as_array()) {
    made.query.emplace_back(std::string(pair.at(0).as_string()), std::string(pair.at(1).as_string()));
  }
  for (const value& pair : from.at("headers").as_array()) {
    const std::string name(pair.at(0).as_string());
    const std::string text(pair.at(1).as_string());
    if (name == "host") {
      made.origin = {scheme::https, text, 443};
    } else {
      REQUIRE_OK(made.headers.add(name, text));
    }
  }
  made.payload_sha256 = text_at(from, "payload_hash");
  return made;
}

const credentials example_key = {"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};
const instant example_now = *spillway::base::parse_timestamp("2026-01-31T23:59:58Z");

request small_request() {
  request made;
  made.origin = {scheme::http, "127.0.0.1", 9000};
  made.path = "/raw/x";
  made.payload_sha256 = std::string(64, '0');
  return made;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(s3_sigv4)

BOOST_AUTO_TEST_CASE(every_captured_request_is_signed_as_it_was) {
  const auto cases = fixture_json("sigv4/s3-generated/s3-header-auth.json");
  BOOST_TEST(cases.at("cases").as_array().size() == 46u);
  for (const value& each : cases.at("cases").as_array()) {
    BOOST_TEST_CONTEXT(text_at(each, "name")) { check_captured(each); }
  }
}

BOOST_AUTO_TEST_CASE(every_captured_key_is_found_at_its_path) {
  int keys = 0;
  const auto cases = fixture_json("sigv4/s3-generated/s3-header-auth.json");
  for (const value& each : cases.at("cases").as_array()) {
    const std::string key = text_at(each, "key");
    const std::string host = text_at(each, "host");
    if (key.empty()) {
      continue;
    }
    ++keys;
    const std::string bucket = text_at(each, "bucket");
    const bool is_in_host = host.starts_with(bucket + ".");
    const bool has_base = text_at(each, "name") == "endpoint-with-path";
    auto where = *parse_endpoint(text_at(each, "scheme") + "://" +
                                 (is_in_host ? host.substr(bucket.size() + 1) : host) + (has_base ? "/s3/base" : ""));
    if (is_in_host) {
      where.addressing = spillway::s3::addressing::virtual_host;
    }
    const spillway::s3::bucket_address address{where, bucket, {}};
    BOOST_TEST_CONTEXT(text_at(each, "name")) {
      BOOST_TEST(spillway::s3::uri_encode(path_of(address, key), spillway::s3::slashes::keep) ==
                 text_at(each, "wire_path"));
      BOOST_TEST(authority(origin_of(address)) == host);
    }
  }
  BOOST_TEST(keys == 39);
}

BOOST_AUTO_TEST_CASE(every_captured_url_is_presigned_as_it_was) {
  const auto cases = fixture_json("sigv4/s3-generated/s3-presigned.json");
  BOOST_TEST(cases.at("cases").as_array().size() == 14u);
  for (const value& each : cases.at("cases").as_array()) {
    BOOST_TEST_CONTEXT(text_at(each, "name")) { check_presigned(each); }
  }
}

BOOST_AUTO_TEST_CASE(the_worked_examples_of_aws_come_out) {
  const auto examples = fixture_json("sigv4/s3-generated/aws-doc-examples.json");
  const instant now = parse_amz_date(text_at(examples, "timestamp"));
  const signing_scope scope = scope_in(examples);
  BOOST_TEST(examples.at("cases").as_array().size() == 7u);
  for (const value& each : examples.at("cases").as_array()) {
    BOOST_TEST_CONTEXT(text_at(each, "name")) {
      const auto canonical = make_canonical(example_request(each));
      BOOST_TEST(canonical.text == text_at(each, "canonical_request"));
      BOOST_TEST(canonical.signed_headers == text_at(each, "signed_headers"));
      const std::string text = string_to_sign(canonical.text, scope, now);
      BOOST_TEST(text == text_at(each, "string_to_sign"));
      BOOST_TEST(signature_of(text, text_at(examples, "secret_key"), scope, now) == text_at(each, "signature"));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_day_a_region_and_a_service_are_the_scope) {
  BOOST_TEST(spillway::s3::amz_date(example_now) == "20260131T235958Z");
  BOOST_TEST(scope_text({"eu-west-1"}, example_now) == "20260131/eu-west-1/s3/aws4_request");
  BOOST_TEST(scope_text({"eu-west-1", "sts"}, example_now) == "20260131/eu-west-1/sts/aws4_request");
}

BOOST_AUTO_TEST_CASE(what_is_changed_on_the_way_is_not_signed) {
  request made = small_request();
  const std::string before = make_canonical(made).text;
  for (const std::string_view name : {"Authorization", "Connection", "Expect", "Keep-Alive", "TE", "Trailer",
                                      "Transfer-Encoding", "Upgrade", "User-Agent", "X-Amzn-Trace-Id"}) {
    REQUIRE_OK(made.headers.add(name, "x"));
  }
  BOOST_TEST(make_canonical(made).text == before);
  REQUIRE_OK(made.headers.add("content-type", "x"));
  BOOST_TEST(make_canonical(made).signed_headers == "content-type;host");
}

BOOST_AUTO_TEST_CASE(values_of_a_name_are_sorted_and_blanks_are_one_space) {
  request made = small_request();
  made.query = {{"a", "2"}, {"a", "1"}};
  REQUIRE_OK(made.headers.add("x-amz-meta-a", " 1 \t 2\t"));
  const std::string text = make_canonical(made).text;
  BOOST_TEST(text.find("\na=1&a=2\n") != std::string::npos, text);
  BOOST_TEST(text.find("\nx-amz-meta-a:1 2\n") != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(a_request_that_is_signed_again_has_the_new_time_and_key_alone) {
  request made = small_request();
  credentials temporary = example_key;
  temporary.session_token = "token/1";
  REQUIRE_OK(sign(made, temporary, {"us-east-1"}, example_now));
  BOOST_TEST(find_header(made.headers, "x-amz-security-token") == "token/1");
  REQUIRE_OK(sign(made, example_key, {"eu-west-1"}, example_now + std::chrono::minutes{5}));
  BOOST_TEST(find_header(made.headers, "x-amz-security-token").empty());
  BOOST_TEST(find_header(made.headers, "x-amz-date") == "20260201T000458Z");
  request fresh = small_request();
  REQUIRE_OK(sign(fresh, example_key, {"eu-west-1"}, example_now + std::chrono::minutes{5}));
  BOOST_TEST(find_header(made.headers, "authorization") == find_header(fresh.headers, "authorization"));
  BOOST_TEST(made.headers.size() == fresh.headers.size());
}

BOOST_AUTO_TEST_CASE(every_part_of_a_request_changes_its_signature) {
  const auto signature = [](const request& made, const signing_scope& scope, instant now) {
    return signature_of(string_to_sign(make_canonical(made).text, scope, now), "secret", scope, now);
  };
  const request first = small_request();
  const std::string before = signature(first, {"us-east-1"}, example_now);
  std::vector<request> others(6, first);
  others[0].method = spillway::s3::method::put;
  others[1].path += "/";
  others[2].query = {{"acl", ""}};
  others[3].origin.port = 9001;
  others[4].payload_sha256 = std::string(64, '1');
  REQUIRE_OK(others[5].headers.add("x-a", ""));
  for (const request& other : others) {
    BOOST_TEST(signature(other, {"us-east-1"}, example_now) != before);
  }
  BOOST_TEST(signature(first, {"us-east-2"}, example_now) != before);
  BOOST_TEST(signature(first, {"us-east-1", "sts"}, example_now) != before);
  BOOST_TEST(signature(first, {"us-east-1"}, example_now + std::chrono::seconds{1}) != before);
}

BOOST_AUTO_TEST_CASE(credentials_can_not_start_a_new_line) {
  const credentials rows[] = {{"AK\r\nX-Evil: 1", "s", ""}, {"AK", "s", "token\n"}};
  for (const credentials& who : rows) {
    request made = small_request();
    const auto done = sign(made, who, {"us-east-1"}, example_now);
    CHECK_FAILS(done, errc::invalid);
  }
  request made = small_request();
  CHECK_FAILS(sign(made, example_key, {"us\n"}, example_now), errc::invalid);
}

BOOST_AUTO_TEST_CASE(a_presigned_url_lives_for_a_second_to_a_week) {
  using std::chrono::seconds;
  for (const seconds lifetime : {seconds{-1}, seconds{0}, seconds{604'801}}) {
    CHECK_FAILS(presign(small_request(), example_key, {"us-east-1"}, example_now, lifetime), errc::invalid);
  }
  for (const seconds lifetime : {seconds{1}, seconds{604'800}}) {
    CHECK_OK(presign(small_request(), example_key, {"us-east-1"}, example_now, lifetime));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::s3_sigv4_tests
