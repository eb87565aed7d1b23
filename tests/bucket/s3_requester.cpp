#include "bucket/s3_requester.hpp"

#include "bucket/s3_retry.hpp"
#include "s3/endpoint.hpp"
#include "s3/requests.hpp"
#include "support/check_result.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace spillway::bucket::s3_requester_tests {
namespace {

// Answers as they are written down, and keeps what was asked.
class scripted_client final : public net::http_client {
public:
  net::http_result<net::http_response> send(const base::origin&, const net::http_request& request,
                                            const net::call_limits& limits, const net::piece_sink& sink) override {
    asked.push_back(request);
    silence_max = limits.silence_max;
    const script& next = answers.at(asked.size() - 1);
    if (sink && !next.piece.empty()) {
      if (const auto taken = sink(next.piece); !taken) {
        return net::http_failure{taken.error()};
      }
    }
    return next.answer;
  }

  struct script {
    net::http_result<net::http_response> answer;
    std::string piece{};  // for the sink
  };
  void answer(int status, net::http_fields fields = {}) {
    answers.push_back({net::http_response{status, std::move(fields), {}}});
  }
  void lose(std::string piece = {}) {
    answers.push_back(
        {net::http_failure{{errc::unavailable, "reading the answer", "it was reset", {}}}, std::move(piece)});
  }
  // "HEAD /raw/k, HEAD /raw"
  std::string asked_text() const {
    std::string text;
    for (const net::http_request& each : asked) {
      text += (text.empty() ? "" : ", ") + each.method + " " + each.target;
    }
    return text;
  }
  std::string last_signature() const {
    return std::string(net::find_field(asked.back().fields, "authorization").value_or(""));
  }

  std::vector<script> answers;
  std::vector<net::http_request> asked;
  std::chrono::milliseconds silence_max{0};
};

s3::bucket_address requester_bucket() { return {s3::parse_endpoint("http://127.0.0.1:9000").value(), "raw", {}}; }

struct fixture {
  base::fixed_clock clock{base::instant(std::chrono::hours{24 * 365 * 50})};
  scripted_client client;
  std::vector<std::string> ids{"FIRST"};  // of the keys that are fetched, one behind the other
  std::size_t fetched = 0;
  credentials_provider credentials{[this] {
                                     const std::string id = ids.at(std::min(fetched++, ids.size() - 1));
                                     return result<timed_credentials>(timed_credentials{{id, "secret", {}}, {}});
                                   },
                                   clock};
  s3_requester requester{client, credentials, clock, {requester_bucket(), "us-east-1", {}}};

  s3_answer look() {
    auto made = requester.ask({[](const s3::bucket_address& to) { return s3::head_object(to, "k"); }});
    REQUIRE_OK(made);
    return std::move(*made);
  }
  result<s3_answer> read(const net::piece_sink& sink) {
    s3_requester::asking what{[](const s3::bucket_address& to) { return s3::get_object(to, "k", {}); }};
    what.sink = &sink;
    return ask_with_retries(requester, {[](std::chrono::milliseconds) { return true; }, [] { return 0.5; }}, what);
  }
};

BOOST_FIXTURE_TEST_SUITE(bucket_s3_requester, fixture)

// As AWS refuses a HEAD, which has no body to say why.
BOOST_AUTO_TEST_CASE(a_refusal_without_a_word_has_the_bucket_asked_for_its_region) {
  client.answer(400);
  client.answer(400, {{"x-amz-bucket-region", "eu-west-1"}});
  client.answer(200);
  BOOST_TEST(look().is_ok());
  BOOST_TEST(client.asked_text() == "HEAD /raw/k, HEAD /raw, HEAD /raw/k");
  BOOST_TEST(client.last_signature().find("/eu-west-1/s3/") != std::string::npos);
  BOOST_TEST(fetched == 1U);
}

BOOST_AUTO_TEST_CASE(a_region_that_the_refusal_names_is_followed_at_once) {
  client.answer(400, {{"x-amz-bucket-region", "eu-west-1"}});
  client.answer(200);
  BOOST_TEST(look().is_ok());
  BOOST_TEST(client.asked_text() == "HEAD /raw/k, HEAD /raw/k");
}

BOOST_AUTO_TEST_CASE(where_the_region_is_right_a_refusal_without_a_word_is_about_the_credentials) {
  ids = {"FIRST", "SECOND"};
  client.answer(400);
  client.answer(400, {{"x-amz-bucket-region", "us-east-1"}});
  client.answer(200);
  BOOST_TEST(look().is_ok());
  BOOST_TEST(client.last_signature().find("Credential=SECOND/") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_refusal_without_a_word_that_stays_ends) {
  for (int i = 0; i < 2; ++i) {
    client.answer(400);
  }
  const s3_answer refused = look();
  BOOST_TEST(!refused.is_ok());
  BOOST_TEST(refused.to_failure().hint.find("credentials") != std::string::npos);
  BOOST_TEST(client.asked_text() == "HEAD /raw/k, HEAD /raw");
}

BOOST_AUTO_TEST_CASE(a_refusal_that_names_its_code_is_about_nothing_else) {
  client.answer(400, {{"x-minio-error-code", "XMinioInvalidObjectName"}});
  BOOST_TEST(!look().is_ok());
  BOOST_TEST(client.asked.size() == 1U);
  BOOST_TEST(fetched == 1U);
}

BOOST_AUTO_TEST_CASE(a_clock_a_region_and_credentials_that_are_all_wrong_are_put_right) {
  ids = {"FIRST", "SECOND"};
  client.answer(403, {{"x-minio-error-code", "RequestTimeTooSkewed"}, {"date", "Thu, 01 Jan 2026 12:00:10 GMT"}});
  client.answer(400, {{"x-amz-bucket-region", "eu-west-1"}});
  client.answer(400, {{"x-minio-error-code", "ExpiredToken"}});
  client.answer(200);
  BOOST_TEST(look().is_ok());
  BOOST_TEST(client.asked.size() == 4U);
}

BOOST_AUTO_TEST_CASE(a_date_to_wait_for_is_told_by_the_servers_clock) {
  client.answer(503, {{"retry-after", "Wed, 09 Jan 2020 00:00:07 GMT"}});
  client.answer(503, {{"retry-after", "Thu, 01 Jan 2026 12:00:17 GMT"}, {"date", "Thu, 01 Jan 2026 12:00:10 GMT"}});
  clock.set(base::parse_timestamp("2020-01-09T00:00:00").value());
  BOOST_TEST(look().verdict.retry_after.count() == 7'000);
  BOOST_TEST(look().verdict.retry_after.count() == 7'000);
}

// As a server does that shows what it was sent.
BOOST_AUTO_TEST_CASE(no_key_and_no_token_that_a_server_repeats_gets_into_a_failure) {
  const std::string token = "IQoJb3JpZ2lu+/" + std::string(700, 'x') + "==";
  credentials_provider with_token{
      [&token] { return result<timed_credentials>(timed_credentials{{"ID", "wJalr/XUtn", token}, {}}); }, clock};
  s3_requester asking{client, with_token, clock, {requester_bucket(), "us-east-1", {}}};
  const std::string body = "<Error><Code>InvalidToken</Code><Message>no: " + token + ", wJalr/XUtn of ID</Message>" +
                           "<RequestId>wJalr%2FXUtn</RequestId></Error>";
  client.answers.push_back({net::http_response{403, {}, body}});
  client.answer(400, {{"x-minio-error-code", "Odd"}, {"x-minio-error-desc", "bad " + token}});
  client.answer(301, {{"location", "http://elsewhere/?t=" + token}});
  const s3_requester::asking what{[](const s3::bucket_address& to) { return s3::get_object(to, "k", {}); }};
  BOOST_TEST(asking.ask(what)->to_failure().text() == "InvalidToken: no: [hidden], [hidden] of ID (request [hidden])");
  BOOST_TEST(asking.ask(what)->to_failure().text() == "Odd: bad [hidden]");
  BOOST_TEST(asking.ask(what)->to_failure().text() == "it redirects to http://elsewhere/?t=[hidden]");
}

// What drives an upload knows verdicts alone.
BOOST_AUTO_TEST_CASE(the_verdict_on_no_answer_says_why_none_came) {
  client.lose();
  const failure made = s3::to_failure(look().verdict, "creating the upload");
  BOOST_TEST(made.text() == "creating the upload: reading the answer: it was reset");
}

BOOST_AUTO_TEST_CASE(a_body_that_breaks_off_is_not_read_again_and_keeps_its_cause) {
  client.lose();
  client.lose("half");
  std::string text;
  const auto made = read([&text](std::string_view piece) -> result<void> {
    text += piece;
    return {};
  });
  CHECK_FAILS(made, errc::io);
  BOOST_TEST(made.error().cause == "it was reset");
  BOOST_TEST(made.error().hint == "run the command again");
  BOOST_TEST(text == "half");
  BOOST_TEST(client.asked.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_download_may_take_as_long_as_something_comes) {
  client.answer(200);
  CHECK_OK(read([](std::string_view) -> result<void> { return {}; }));
  BOOST_TEST(client.silence_max.count() > 0);
  client.answer(200);
  look();
  BOOST_TEST(client.silence_max.count() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::bucket::s3_requester_tests
