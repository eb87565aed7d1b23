#include "bucket/s3_retry.hpp"

#include "support/check_result.hpp"

#include <chrono>

namespace spillway::bucket::s3_retry_tests {
namespace {

using std::chrono::milliseconds;

result<s3_answer> answered(int status, std::string body, std::vector<s3::header> headers = {}) {
  s3_answer made;
  made.answer = {status, std::move(headers), std::move(body)};
  made.verdict = s3::classify(made.answer, {});
  return made;
}

result<s3_answer> error(int status, const std::string& code) {
  return answered(status, "<Error><Code>" + code + "</Code><Message>m</Message></Error>");
}

// In milliseconds with half of each longest delay; -1: it is not tried again.
std::int64_t pause(int attempt, const result<s3_answer>& last) {
  const auto made = pause_before(attempt, last, 0.5);
  return made ? made->count() : -1;
}

BOOST_AUTO_TEST_SUITE(bucket_s3_retry)

BOOST_AUTO_TEST_CASE(success_and_refusals_are_final) {
  BOOST_TEST(pause(2, answered(200, "")) == -1);
  BOOST_TEST(pause(2, error(403, "AccessDenied")) == -1);
  BOOST_TEST(pause(2, error(404, "NoSuchKey")) == -1);
  BOOST_TEST(pause(2, error(412, "PreconditionFailed")) == -1);
  BOOST_TEST(pause(2, error(400, "InvalidRequest")) == -1);
  BOOST_TEST(pause(2, failure{errc::denied, {}, "no credentials", {}}) == -1);
}

BOOST_AUTO_TEST_CASE(passing_faults_are_tried_five_times_with_growing_pauses) {
  const auto fault = error(500, "InternalError");
  BOOST_TEST(pause(2, fault) == 25);
  BOOST_TEST(pause(3, fault) == 50);
  BOOST_TEST(pause(4, fault) == 100);
  BOOST_TEST(pause(5, fault) == 200);
  BOOST_TEST(pause(6, fault) == -1);
  BOOST_TEST(pause(2, answered(0, "")) == 25);  // no answer came
  BOOST_TEST(pause(2, failure{errc::unavailable, {}, "no credentials yet", {}}) == 25);
}

BOOST_AUTO_TEST_CASE(throttled_requests_wait_longer) {
  BOOST_TEST(pause(2, error(503, "SlowDown")) == 500);
  BOOST_TEST(pause(5, error(503, "SlowDown")) == 4'000);
  BOOST_TEST(pause(2, error(429, "TooManyRequests")) == 500);
}

BOOST_AUTO_TEST_CASE(what_the_answer_asks_for_is_waited) {
  BOOST_TEST(pause(2, answered(429, "", {{"Retry-After", "7"}})) == 7'000);
  BOOST_TEST(pause(2, answered(503, "", {{"x-amz-retry-after", "1200"}})) == 1'200);
}

BOOST_AUTO_TEST_CASE(what_arrived_damaged_is_sent_again_once) {
  BOOST_TEST(pause(2, error(400, "BadDigest")) == 25);
  BOOST_TEST(pause(3, error(400, "BadDigest")) == -1);
}

// The requester has done what it could about these.
BOOST_AUTO_TEST_CASE(a_wrong_region_clock_or_token_is_not_asked_the_same_again) {
  BOOST_TEST(pause(2, error(301, "PermanentRedirect")) == -1);
  BOOST_TEST(pause(2, error(400, "ExpiredToken")) == -1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::bucket::s3_retry_tests
