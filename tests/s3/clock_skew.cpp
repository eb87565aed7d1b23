#include "s3/clock_skew.hpp"

#include "s3/error_class.hpp"
#include "s3/vectors.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace spillway::s3_clock_skew_tests {
namespace {

using boost::json::value;
using spillway::base::format_utc;
using spillway::base::instant;
using spillway::base::parse_timestamp;
using spillway::s3::action;
using spillway::s3::asked;
using spillway::s3::classify;
using spillway::s3::clock_skew;
using spillway::s3::error_class;
using spillway::s3::header;
using spillway::s3::is_clock_error;
using spillway::s3::measure_skew;
using spillway::s3::remedy;
using spillway::s3::response;
using spillway::s3::verdict;
using spillway::test::fixture_json;
using spillway::test::text_at;
using namespace std::chrono_literals;

instant time_in(const value& from, std::string_view name) { return *parse_timestamp(text_at(from, name)); }

response answer_in(const value& from) {
  response answer;
  answer.status = static_cast<int>(from.at("statusCode").as_int64());
  for (const auto& [name, text] : from.at("headers").as_object()) {
    answer.headers.push_back({std::string(name), std::string(text.as_string())});
  }
  const std::string code = text_at(from, "errorCode");
  answer.body = code.empty() ? "" : "<Error><Code>" + code + "</Code></Error>";
  return answer;
}

// Plays the attempts of one operation, keeping what each answer says of the clock, and returns whether it succeeded.
bool play(const value& operation, clock_skew& skew) {
  const auto& attempts = operation.at("attempts").as_array();
  const auto* attempts_allowed = operation.as_object().if_contains("maxAttempts");
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    const value& attempt = attempts[i];
    const instant sent_at = time_in(attempt, "clientTimeAtSend");
    BOOST_TEST(format_utc(sent_at + skew) == text_at(attempt, "expectedSigningTime"));
    const response answer = answer_in(attempt.at("response"));
    asked about;
    about.skew_used = skew;
    about.skew_measured = measure_skew(answer.headers, sent_at, time_in(attempt, "clientTimeAtReceive"));
    skew = about.skew_measured.value_or(skew);
    const verdict judged = classify(answer, about);
    if (judged.action == action::proceed) {
      BOOST_TEST(i + 1 == attempts.size());
      return true;
    }
    const bool may_retry =
        attempts_allowed == nullptr || attempts_allowed->as_int64() > static_cast<std::int64_t>(i + 1);
    const bool is_clock = judged.error_class == error_class::clock && judged.remedy == remedy::correct_clock;
    BOOST_TEST((may_retry && is_clock) == (i + 1 < attempts.size()));
  }
  return false;
}

const instant noon = *parse_timestamp("2026-01-01T12:00:00Z");

}  // namespace

BOOST_AUTO_TEST_SUITE(s3_clock_skew)

BOOST_AUTO_TEST_CASE(every_conversation_of_the_aws_sdks_goes_as_theirs) {
  int conversations = 0;
  const auto fixture = fixture_json("sigv4/clock-skew/clock-skew-test-cases.json");
  for (const auto& member : fixture.as_object()) {
    if (!member.value().is_array()) {
      continue;
    }
    for (const value& conversation : member.value().as_array()) {
      ++conversations;
      BOOST_TEST_CONTEXT(text_at(conversation, "description")) {
        for (const value& operation : conversation.at("operations").as_array()) {
          clock_skew skew = std::chrono::seconds{operation.at("initialClientSkew").as_int64()};
          BOOST_TEST(play(operation, skew) == (text_at(operation, "expectedOutcome") == "success"));
          BOOST_TEST((skew == std::chrono::seconds{operation.at("expectedClientSkew").as_int64()}));
        }
      }
    }
  }
  BOOST_TEST(conversations == 10);
}

BOOST_AUTO_TEST_CASE(the_skew_is_the_servers_date_less_the_middle_of_the_round_trip) {
  const std::vector<header> headers = {{"DATE", "Thu, 01 Jan 2026 12:00:10 GMT"}};
  BOOST_TEST((measure_skew(headers, noon, noon + 4s) == clock_skew{8s}));
  BOOST_TEST((measure_skew(headers, noon + 1h, noon + 1h) == clock_skew{-3590s}));
  BOOST_TEST(measure_skew(headers, noon, noon + 15min).has_value());
  BOOST_TEST(!measure_skew(headers, noon, noon + 15min + 1us).has_value());
}

BOOST_AUTO_TEST_CASE(an_answer_without_a_date_of_its_own_says_nothing) {
  BOOST_TEST(!measure_skew({}, noon, noon).has_value());
  BOOST_TEST(!measure_skew({{"date", "yesterday"}}, noon, noon).has_value());
  BOOST_TEST(!measure_skew({{"date", "Thu, 01 Jan 2026 12:00:10 GMT"}, {"age", "0"}}, noon, noon).has_value());
}

BOOST_AUTO_TEST_CASE(an_ambiguous_error_is_about_the_clock_from_four_minutes_on) {
  for (const std::string_view code :
       {"InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure", "AccessDeniedException", ""}) {
    BOOST_TEST(is_clock_error(code, 240s, 0s), code);
    BOOST_TEST(is_clock_error(code, -240s, 0s), code);
    BOOST_TEST(!is_clock_error(code, 239s, 0s), code);
    // The request was signed with the skew already.
    BOOST_TEST(!is_clock_error(code, 600s, 599s), code);
  }
  BOOST_TEST(is_clock_error("RequestTimeTooSkewed", 0s, 0s));
  for (const std::string_view code : {"AccessDenied", "ExpiredToken", "InvalidAccessKeyId", "NoSuchKey"}) {
    BOOST_TEST(!is_clock_error(code, 3600s, 0s), code);
  }
}

// A HEAD of what is not there has no code either.
BOOST_AUTO_TEST_CASE(a_clock_that_is_off_explains_no_answer_but_a_refusal) {
  for (const int status : {400, 403, 404, 500, 503}) {
    response answer;
    answer.status = status;
    asked about;
    about.skew_measured = 1h;
    const bool is_refusal = status == 400 || status == 403;
    BOOST_TEST((classify(answer, about).error_class == error_class::clock) == is_refusal, status);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::s3_clock_skew_tests
