// AWS's own test suite. Its service is not S3: each test does what S3 does not - the path encoded twice, and normalised
// - by giving the signer the path of the wire as if it were not encoded yet.
#include "base/bytes.hpp"
#include "base/time.hpp"
#include "s3/sigv4.hpp"
#include "s3/vectors.hpp"

#include <filesystem>

namespace spillway::s3_sigv4_aws_suite_tests {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using namespace spillway::test;

const std::string suite_path = "sigv4/aws-c-auth/v4/";

std::vector<std::string> case_names() {
  std::vector<std::string> names;
  for (const auto& each : fs::directory_iterator(fs::path(SPILLWAY_FIXTURES) / suite_path)) {
    names.push_back(each.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

struct aws_case {
  std::string name;
  json::value context;
  s3::request request;
  s3::credentials who;
  s3::signing_scope scope;
  base::instant now;
  std::string expected(const std::string& file) const { return fixture_text(suite_path + name + "/" + file); }
};

// RFC 3986 section 5.2.4, and no empty segments: "/a/./b//../c/" to "/a/c/".
std::string normalised(const std::string& path) {
  std::vector<std::string> kept;
  for (const std::string& segment : split(path, '/')) {
    if (segment == ".." && !kept.empty()) {
      kept.pop_back();
    } else if (!segment.empty() && segment != "." && segment != "..") {
      kept.push_back(segment);
    }
  }
  std::string text;
  for (const std::string& segment : kept) {
    text += "/" + segment;
  }
  return text.empty() || path.ends_with('/') ? text + "/" : text;
}

// Lines behind the request line: headers, of which one may go on over several lines.
void add_headers(s3::request& request, const std::vector<std::string>& lines) {
  std::vector<s3::header> headers;
  for (const std::string& line : lines) {
    if (line.front() == ' ') {
      headers.back().value += line;
      continue;
    }
    const std::size_t colon = line.find(':');
    headers.push_back({line.substr(0, colon), line.substr(colon + 1)});
  }
  for (const s3::header& each : headers) {
    if (each.name == "Host") {
      request.origin = origin_at("https", each.value);
    } else {
      REQUIRE_OK(request.headers.add(each.name, each.value));
    }
  }
}

aws_case read_case(const std::string& name) {
  aws_case read{name, fixture_json(suite_path + name + "/context.json"), {}, {}, {}, {}};
  const auto& given = read.context.at("credentials");
  read.who = {text_at(given, "access_key_id"), text_at(given, "secret_access_key"), text_at(given, "token")};
  read.scope = {text_at(read.context, "region"), text_at(read.context, "service")};
  read.now = *base::parse_timestamp(text_at(read.context, "timestamp"));

  const std::string text = read.expected("request.txt");
  const std::size_t head_end = std::min(text.find("\n\n"), text.size());
  std::vector<std::string> lines = split(text.substr(0, head_end), '\n');
  const std::string first = lines.front();
  lines.erase(lines.begin());
  const std::size_t space = first.find(' ');
  const std::string target = first.substr(space + 1, first.rfind(' ') - space - 1);
  const std::size_t question = std::min(target.find('?'), target.size());
  read.request.method = method_named(first.substr(0, space));
  read.request.path = target.substr(0, question);
  if (read.context.at("normalize").as_bool()) {
    read.request.path = normalised(read.request.path);
  }
  read.request.query = parse_query(question == target.size() ? "" : target.substr(question + 1));
  add_headers(read.request, lines);
  const std::string body = head_end == text.size() ? "" : text.substr(head_end + 2);
  read.request.payload_sha256 = base::sha256_hex(base::sha256_of(body));
  return read;
}

bool omits_token(const aws_case& each) {
  const auto* omits = each.context.as_object().if_contains("omit_session_token");
  return each.who.session_token.empty() || (omits != nullptr && omits->as_bool());
}

void check_steps(const aws_case& each, const std::string& mode) {
  const std::string canonical = s3::make_canonical(each.request).text;
  const std::string text = s3::string_to_sign(canonical, each.scope, each.now);
  BOOST_TEST_CONTEXT(each.name << ", " << mode) {
    BOOST_TEST(canonical == each.expected(mode + "-canonical-request.txt"));
    BOOST_TEST(text == each.expected(mode + "-string-to-sign.txt"));
    BOOST_TEST(s3::signature_of(text, each.who.secret_access_key, each.scope, each.now) ==
               each.expected(mode + "-signature.txt"));
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(s3_sigv4_aws_suite)

BOOST_AUTO_TEST_CASE(the_suite_has_all_its_cases) { BOOST_TEST(case_names().size() == 38U); }

BOOST_AUTO_TEST_CASE(every_case_signs_by_headers) {
  for (const std::string& name : case_names()) {
    aws_case each = read_case(name);
    REQUIRE_OK(each.request.headers.add("X-Amz-Date", s3::amz_date(each.now)));
    if (!omits_token(each)) {
      REQUIRE_OK(each.request.headers.add("X-Amz-Security-Token", each.who.session_token));
    }
    if (each.context.at("sign_body").as_bool()) {
      REQUIRE_OK(each.request.headers.add("x-amz-content-sha256", each.request.payload_sha256));
    }
    check_steps(each, "header");
    const std::string names = "SignedHeaders=" + s3::make_canonical(each.request).signed_headers + ",";
    BOOST_TEST(each.expected("header-signed-request.txt").find(names) != std::string::npos, name);
  }
}

BOOST_AUTO_TEST_CASE(every_case_signs_by_query) {
  for (const std::string& name : case_names()) {
    aws_case each = read_case(name);
    const std::chrono::seconds lifetime{each.context.at("expiration_in_seconds").as_int64()};
    s3::add_presign_query(each.request, each.who, each.scope, each.now, lifetime);
    if (!omits_token(each)) {
      each.request.query.emplace_back("X-Amz-Security-Token", each.who.session_token);
    }
    check_steps(each, "query");
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::s3_sigv4_aws_suite_tests
