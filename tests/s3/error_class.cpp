#include "s3/error_class.hpp"

#include "base/bytes.hpp"
#include "s3/error_codes.hpp"
#include "s3/vectors.hpp"

#include <map>

namespace spillway::s3_error_class_tests {
namespace {

namespace json = boost::json;
using namespace spillway::test;
using s3::action;
using s3::remedy;

const json::value& error_bodies() {
  static const json::value bodies = fixture_json("s3-errors/error-bodies.json");
  return bodies;
}

s3::response response_of(const json::value& each) {
  s3::response response;
  response.status = static_cast<int>(each.at("status").as_int64());
  for (const auto& [name, value] : each.at("headers").as_object()) {
    response.headers.push_back({name, std::string(value.as_string())});
  }
  response.body = text_at(each, "body");
  return response;
}

s3::asked asked_by(const json::value& each) {
  static const std::map<std::string, std::string_view> roots = {
      {"CompleteMultipartUpload", "CompleteMultipartUploadResult"}, {"ListObjectsV2", "ListBucketResult"}};
  const auto root = roots.find(text_at(each, "op"));
  // The requests of the vectors were sent at the time that the one about clocks names.
  const base::instant sent_at = *base::parse_timestamp("2021-08-11T18:48:02Z");
  return {root == roots.end() ? std::string_view{} : root->second,
          s3::measure_skew(response_of(each).headers, sent_at, sent_at + std::chrono::seconds{1}),
          {}};
}

s3::verdict verdict_on(const json::value& each) { return s3::classify(response_of(each), asked_by(each)); }

// The words of the data for what a client does next.
bool does(const s3::verdict& verdict, const std::string& retry) {
  const bool stops = verdict.action != action::retry && verdict.action != action::retry_slowly;
  static const std::map<std::string, remedy> remedies = {{"no", remedy::none},
                                                         {"yes", remedy::none},
                                                         {"yes-throttle", remedy::none},
                                                         {"slow-retry", remedy::none},
                                                         {"yes-once", remedy::read_body_again},
                                                         {"redirect-once", remedy::change_region},
                                                         {"resign-once", remedy::correct_clock},
                                                         {"refresh", remedy::reload_credentials},
                                                         {"head-then-decide", remedy::look_at_object},
                                                         {"no-check-object", remedy::look_at_object}};
  if (verdict.remedy != remedies.at(retry)) {
    return false;
  }
  if (retry.starts_with("no")) {
    return stops;
  }
  if (retry == "yes-throttle" || retry == "slow-retry") {
    return verdict.action == action::retry_slowly;
  }
  return retry == "head-then-decide" || verdict.action == action::retry;
}

// The kind of policy as AWS writes it, for the word of the data.
std::string policy_text(const std::string& word) {
  static const std::map<std::string, std::string> texts = {
      {"", ""},
      {"identity", "identity-based policy"},
      {"resource", "resource-based policy"},
      {"session", "session policy"},
      {"boundary", "permissions boundary"},
      {"vpce", "VPC endpoint policy"},
      {"scp", "service control policy"},
      {"rcp", "resource control policy"},
      {"kms-key-policy-or-missing-key", "key policy, or there is no such key"}};
  return texts.at(word);
}

s3::verdict verdict_on_code(int status, const std::string& code) {
  return s3::classify({status, {}, "<Error><Code>" + code + "</Code></Error>"}, {});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(s3_error_class)

BOOST_AUTO_TEST_CASE(every_answer_is_what_the_data_says) {
  const json::array& cases = error_bodies().at("cases").as_array();
  BOOST_TEST(cases.size() == 64U);
  for (const json::value& each : cases) {
    BOOST_TEST_CONTEXT(text_at(each, "id")) {
      const s3::verdict verdict = verdict_on(each);
      const json::value& expected = each.at("expect");
      BOOST_TEST(s3::to_string(verdict.error_class) == text_at(expected, "error_class"));
      BOOST_TEST(does(verdict, text_at(expected, "retry")), text_at(expected, "retry"));
      BOOST_TEST(verdict.missing_permission == text_at(expected, "missing_permission"));
      BOOST_TEST(verdict.denied_by == policy_text(text_at(expected, "policy_type")));
    }
  }
}

BOOST_AUTO_TEST_CASE(every_answer_cut_anywhere_is_still_judged) {
  for (const json::value& each : error_bodies().at("cases").as_array()) {
    const s3::response whole = response_of(each);
    const s3::asked about = asked_by(each);
    // A cut inside an XML document leaves no document; behind its end only white space can go.
    const std::size_t document_bytes = whole.body.find_last_of('>') + 1;
    BOOST_TEST_CONTEXT(text_at(each, "id")) {
      // One body is 35,000 bytes of the same tag: behind the first few hundred, every phase of it does.
      for (std::size_t bytes = 0; bytes < document_bytes; bytes += bytes < 1000 ? 1 : 97) {
        s3::response cut = whole;
        cut.body.resize(bytes);
        const s3::verdict verdict = s3::classify(cut, about);
        const bool is_success = whole.status < 300;
        if (is_success) {
          BOOST_REQUIRE_MESSAGE(verdict.action != action::proceed, bytes);
        } else if (about.skew_measured) {
          BOOST_REQUIRE_MESSAGE(verdict.error_class == s3::error_class::clock, bytes);
        } else {
          const auto kind = bytes == 0 ? s3::body_kind::none : s3::body_kind::some;
          BOOST_REQUIRE_MESSAGE(verdict.error_class == s3::class_of_status(whole.status, kind), bytes);
          BOOST_REQUIRE(verdict.action != action::proceed);
        }
        BOOST_REQUIRE(!s3::to_failure(verdict, "x").cause.empty());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(no_secret_and_no_control_character_gets_into_a_failure) {
  for (const json::value& each : error_bodies().at("cases").as_array()) {
    const s3::verdict verdict = verdict_on(each);
    if (verdict.action == action::proceed) {
      continue;
    }
    const failure shown = s3::to_failure(verdict, "putting a to b");
    const std::string text = shown.text() + shown.hint;
    BOOST_TEST_CONTEXT(text_at(each, "id")) {
      BOOST_TEST(text.find("SECRET") == std::string::npos);
      BOOST_TEST(base::printable(text, 10'000) == text);
      BOOST_TEST(shown.text().find("putting a to b: ") == 0U);
      BOOST_TEST(!shown.text().ends_with('.'));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_denial_says_what_is_missing_and_what_to_do) {
  const json::value& each = error_bodies().at("cases").at(0);
  const failure shown = s3::to_failure(verdict_on(each), "putting a");
  BOOST_TEST((shown.code == errc::denied));
  BOOST_TEST(shown.cause.starts_with("s3:PutObject is missing (identity-based policy): AccessDenied: User: arn:aws:"));
  BOOST_TEST(shown.cause.ends_with("(request CM0R497NB0WAQ977)"));
  BOOST_TEST(shown.hint == "allow s3:PutObject");
}

BOOST_AUTO_TEST_CASE(a_bucket_that_is_not_there_is_to_be_made_or_named_otherwise) {
  const s3::response answer{404, {}, "<Error><Code>NoSuchBucket</Code><Message>There is none</Message></Error>"};
  const failure shown = s3::to_failure(s3::classify(answer, {}), "listing s3://raw");
  BOOST_TEST((shown.code == errc::not_found));
  BOOST_TEST(shown.hint == "make the bucket, or correct its name");
}

// MinIO never says what is missing, and nobody does to a HEAD.
BOOST_AUTO_TEST_CASE(a_denial_without_a_word_names_what_the_request_needs) {
  s3::asked about;
  about.permission = "s3:GetObject";
  const failure shown = s3::to_failure(s3::classify({403, {}, {}}, about), "looking at a");
  BOOST_TEST((shown.code == errc::denied));
  BOOST_TEST(shown.cause == "the server answered 403 to what needs s3:GetObject");
  BOOST_TEST(shown.hint.starts_with("allow s3:GetObject; spillway verify "));
}

BOOST_AUTO_TEST_CASE(every_code_that_is_known_leads_to_its_error) {
  const struct {
    int status;
    const char* code;
    s3::action action;
    spillway::errc error;
  } rows[] = {{500, "InternalError", action::retry, errc::unavailable},
              {400, "RequestTimeout", action::retry, errc::unavailable},
              {503, "SlowDown", action::retry_slowly, errc::throttled},
              {503, "SlowDownRead", action::retry_slowly, errc::throttled},
              {503, "ServiceUnavailable", action::retry_slowly, errc::throttled},
              {429, "TooManyRequests", action::retry_slowly, errc::throttled},
              {409, "ConditionalRequestConflict", action::retry, errc::conflict},
              {412, "PreconditionFailed", action::give_up, errc::conflict},
              {400, "XAmzContentSHA256Mismatch", action::retry, errc::corrupt},
              {404, "NoSuchUpload", action::give_up, errc::not_found},
              {404, "NoSuchKey", action::give_up, errc::not_found},
              {404, "NoSuchBucketPolicy", action::give_up, errc::not_found},
              {404, "NoSuchBucket", action::wait_for_operator, errc::not_found},
              {403, "AccessDenied", action::wait_for_operator, errc::denied},
              {400, "KMS.NotFoundException", action::wait_for_operator, errc::denied},
              {403, "SignatureDoesNotMatch", action::wait_for_operator, errc::denied},
              {400, "InvalidToken", action::wait_for_operator, errc::denied},
              {403, "InvalidTokenId", action::wait_for_operator, errc::denied},
              {400, "ExpiredToken", action::retry, errc::denied},
              {403, "RequestTimeTooSkewed", action::wait_for_operator, errc::denied},
              {403, "AccountProblem", action::wait_for_operator, errc::denied},
              {307, "TemporaryRedirect", action::retry, errc::usage},
              {405, "MethodNotAllowed", action::wait_for_operator, errc::usage},
              {501, "NotImplemented", action::give_up, errc::usage},
              {507, "XMinioStorageFull", action::retry_slowly, errc::no_space},
              {400, "InvalidArgument", action::give_up, errc::invalid},
              {400, "NobodyKnowsThis", action::give_up, errc::invalid},
              {500, "NobodyKnowsThis", action::retry, errc::unavailable},
              {200, "NobodyKnowsThis", action::proceed, errc::bug}};
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.code) {
      const s3::verdict verdict = verdict_on_code(row.status, row.code);
      BOOST_TEST((verdict.action == row.action));
      BOOST_TEST((verdict.code == row.error));
      BOOST_TEST(verdict.s3_code == (row.status == 200 ? "" : row.code));
    }
  }
}

BOOST_AUTO_TEST_CASE(an_answer_without_a_body_is_judged_by_its_status) {
  const std::pair<int, const char*> rows[] = {
      {0, "transient"},   {200, "ok"},       {204, "ok"},        {206, "ok"},          {301, "region"},
      {304, "protocol"},  {307, "region"},   {400, "region"},    {401, "credentials"}, {403, "permission"},
      {404, "not-found"}, {405, "config"},   {408, "transient"}, {409, "conflict"},    {411, "request"},
      {412, "exists"},    {416, "request"},  {429, "throttle"},  {500, "transient"},   {501, "unsupported"},
      {502, "transient"}, {503, "throttle"}, {504, "transient"}, {507, "quota"},       {100, "protocol"}};
  for (const auto& [status, wanted] : rows) {
    BOOST_TEST_CONTEXT(status) { BOOST_TEST(s3::to_string(s3::classify({status, {}, ""}, {}).error_class) == wanted); }
  }
  s3::verdict unreached = s3::classify({}, {});
  BOOST_TEST(s3::to_failure(unreached, "putting a").text() == "putting a: no answer came");
  unreached.message = "connecting to x: Connection refused";
  unreached.hint = "check that it runs";
  BOOST_TEST(s3::to_failure(unreached, "putting a").text() == "putting a: connecting to x: Connection refused");
  BOOST_TEST(s3::to_failure(unreached, "putting a").hint == "check that it runs");
  BOOST_TEST(s3::to_failure(s3::classify({502, {}, "<html>Bad Gateway</html>"}, {}), "x").cause ==
             "the server answered 502");
}

BOOST_AUTO_TEST_CASE(a_redirect_that_names_no_region_says_where_to) {
  const std::vector<s3::header> to_https = {{"Location", "https://s3.example/raw"}};
  const s3::verdict proxied = s3::classify({301, to_https, "<html>Moved Permanently</html>"}, {});
  BOOST_TEST(s3::to_string(proxied.error_class) == "config");
  BOOST_TEST(s3::to_failure(proxied, "putting a").text() == "putting a: it redirects to https://s3.example/raw");
  BOOST_TEST(s3::to_failure(proxied, "putting a").hint == "look at the endpoint");
  // AWS's own way names the region as well.
  const std::vector<s3::header> to_region = {{"Location", "https://raw.s3-eu-west-1.amazonaws.com/"},
                                             {"x-amz-bucket-region", "eu-west-1"}};
  BOOST_TEST(s3::classify({307, to_region, ""}, {}).region == "eu-west-1");
  BOOST_TEST(s3::to_string(s3::classify({307, to_region, ""}, {}).error_class) == "region");
}

BOOST_AUTO_TEST_CASE(a_200_without_its_document_is_no_success) {
  const s3::asked complete = {"CompleteMultipartUploadResult", {}, {}};
  const std::string html = "<html><body>Welcome</body></html>";
  BOOST_TEST((s3::classify({200, {}, html}, complete).error_class == s3::error_class::protocol));
  BOOST_TEST((s3::classify({200, {}, ""}, complete).remedy == remedy::look_at_object));
  BOOST_TEST((s3::classify({200, {}, "<Error/>"}, complete).error_class == s3::error_class::protocol));
  BOOST_TEST((s3::classify({200, {}, html}, {}).error_class == s3::error_class::ok));
  const s3::verdict slow = s3::classify({200, {}, " \n<Error><Code>SlowDown</Code></Error>"}, complete);
  BOOST_TEST((slow.action == action::retry_slowly));
  // It came too late for its status, so that a code which is not known is the server's trouble and not ours.
  const s3::verdict unknown = s3::classify({200, {}, "<Error><Code>NobodyKnowsThis</Code></Error>"}, complete);
  BOOST_TEST((unknown.error_class == s3::error_class::transient));
}

BOOST_AUTO_TEST_CASE(the_region_comes_from_the_header_then_from_the_body) {
  const std::string body = "<Error><Code>PermanentRedirect</Code><Region>eu-west-1</Region></Error>";
  const auto region = [&body](std::vector<s3::header> headers) {
    return s3::classify({301, std::move(headers), body}, {}).region;
  };
  BOOST_TEST(region({}) == "eu-west-1");
  BOOST_TEST(region({{"X-Amz-Bucket-Region", "us-west-2"}}) == "us-west-2");
  BOOST_TEST(region({{"x-amz-bucket-region", "evil.example.com/#"}}) == "eu-west-1");
  const auto told = s3::to_failure(s3::classify({301, {}, body}, {}), "x");
  BOOST_TEST(told.hint == "the bucket is in eu-west-1: use --region eu-west-1");
}

// MinIO says in a header what a HEAD can't say in a body.
BOOST_AUTO_TEST_CASE(a_code_that_is_not_known_is_no_word_about_regions) {
  const s3::verdict named = s3::classify({400, {{"x-minio-error-code", "XMinioInvalidObjectName"}}, ""}, {});
  BOOST_TEST((named.error_class == s3::error_class::request));
  BOOST_TEST(s3::to_failure(named, "x").cause == "XMinioInvalidObjectName");
  const failure wordless = s3::to_failure(s3::classify({400, {}, ""}, {}), "x");
  BOOST_TEST(wordless.hint.find("credentials") != std::string::npos);
  BOOST_TEST(wordless.hint.find("--region") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_server_may_ask_for_a_delay_of_up_to_five_minutes) {
  using std::chrono::milliseconds;
  const auto delay = [](std::vector<s3::header> headers) {
    return s3::classify({503, std::move(headers), ""}, {}).retry_after;
  };
  BOOST_TEST((delay({}) == milliseconds{0}));
  BOOST_TEST((delay({{"Retry-After", "2"}}) == milliseconds{2000}));
  BOOST_TEST((delay({{"x-amz-retry-after", "1500"}, {"Retry-After", "2"}}) == milliseconds{1500}));
  BOOST_TEST((delay({{"Retry-After", "9223372036854775807"}}) == std::chrono::minutes{5}));
  for (const char* bad : {"-5", "soon", "", "1.5", "99999999999999999999", "Fri, 31 Dec 1999 23:59:59 GMT"}) {
    BOOST_TEST_CONTEXT(bad) { BOOST_TEST((delay({{"Retry-After", bad}}) == milliseconds{0})); }
  }
}

BOOST_AUTO_TEST_CASE(a_date_to_wait_for_is_counted_from_now) {
  using std::chrono::milliseconds;
  const base::instant now = base::parse_timestamp("2026-01-01T12:00:10.250000").value();
  const auto delay = [now](std::vector<s3::header> headers) {
    return s3::classify({503, std::move(headers), ""}, {.now = now}).retry_after;
  };
  BOOST_TEST((delay({{"Retry-After", "Thu, 01 Jan 2026 12:00:12 GMT"}}) == milliseconds{1'750}));
  BOOST_TEST((delay({{"Retry-After", "Thu, 01 Jan 2026 12:05:11 GMT"}}) == std::chrono::minutes{5}));
  BOOST_TEST((delay({{"Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"}}) == std::chrono::minutes{5}));
  BOOST_TEST((delay({{"Retry-After", "Thu, 01 Jan 2026 12:00:10 GMT"}}) == milliseconds{0}));
  BOOST_TEST((delay({{"x-amz-retry-after", "1500"}, {"Retry-After", "Thu, 01 Jan 2026 12:00:12 GMT"}}) ==
              milliseconds{1'500}));
  BOOST_TEST((delay({{"Retry-After", "Thursday, 01-Jan-26 12:00:12 GMT"}}) == milliseconds{0}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::s3_error_class_tests
