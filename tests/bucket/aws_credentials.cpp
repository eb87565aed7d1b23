#include "bucket/aws_credentials.hpp"

#include "support/check_result.hpp"
#include "support/http_calls.hpp"
#include "support/scripted_server.hpp"

#include <string>
#include <vector>

namespace spillway::bucket::aws_credentials_tests {
namespace {

using test::scripted_server;
using test::server_side;

const base::instant noon = std::chrono::sys_days{std::chrono::year{2026} / 1 / 31} + std::chrono::hours{12};

// A source whose answers are written down beforehand.
struct source {
  std::vector<result<timed_credentials>> answers;
  std::size_t fetched = 0;
  base::fixed_clock clock{noon};
  credentials_provider provider{[this] { return answers.at(fetched++); }, clock};

  void answer(const std::string& id, std::optional<base::instant> expires_at = {}) {
    answers.push_back(timed_credentials{{id, "secret", {}}, expires_at});
  }
  void fail(errc code) { answers.push_back(failure{code, {}, "the source is silent", {}}); }
  std::string current() {
    const auto made = provider.current();
    return made ? made->access_key_id : std::string(base::to_string(made.error().code));
  }
};

BOOST_AUTO_TEST_SUITE(bucket_aws_credentials)

BOOST_AUTO_TEST_CASE(keys_that_never_expire_are_fetched_once) {
  source from;
  from.answer("A");
  BOOST_TEST(from.current() == "A");
  from.clock.set(noon + std::chrono::days{1'000});
  BOOST_TEST(from.current() == "A");
  BOOST_TEST(from.fetched == 1U);
}

BOOST_AUTO_TEST_CASE(keys_are_renewed_five_minutes_before_they_expire) {
  source from;
  from.answer("A", noon + std::chrono::hours{1});
  from.answer("B", noon + std::chrono::hours{2});
  from.clock.set(noon + std::chrono::minutes{54});
  BOOST_TEST(from.current() == "A");
  from.clock.set(noon + std::chrono::minutes{55});
  BOOST_TEST(from.current() == "B");
}

BOOST_AUTO_TEST_CASE(a_source_that_fails_matters_only_when_the_keys_have_expired) {
  source from;
  from.answer("A", noon + std::chrono::minutes{4});
  from.fail(errc::unavailable);
  from.fail(errc::unavailable);
  from.answer("B");
  BOOST_TEST(from.current() == "A");
  BOOST_TEST(from.current() == "A");  // within the pause between two tries
  BOOST_TEST(from.fetched == 1U);
  from.clock.set(noon + std::chrono::minutes{1});
  BOOST_TEST(from.current() == "A");
  BOOST_TEST(from.fetched == 2U);
  from.clock.set(noon + std::chrono::minutes{4});
  BOOST_TEST(from.current() == "unavailable");
  BOOST_TEST(from.current() == "B");
}

// As those of a program whose clock is an hour behind.
BOOST_AUTO_TEST_CASE(keys_that_come_expired_are_used_and_fetched_again_after_a_pause) {
  source from;
  from.answer("A", noon - std::chrono::minutes{1});
  from.answer("B", noon - std::chrono::minutes{1});
  for (int request = 0; request < 3; ++request) {
    BOOST_TEST(from.current() == "A");
  }
  BOOST_TEST(from.fetched == 1U);
  from.clock.set(noon + std::chrono::seconds{30});
  BOOST_TEST(from.current() == "B");
}

BOOST_AUTO_TEST_CASE(refused_keys_are_replaced_if_there_are_others) {
  source from;
  from.answer("A");
  from.answer("A");
  from.answer("B");
  const s3::credentials used = from.provider.current().value();
  BOOST_TEST(!from.provider.renew(used));
  BOOST_TEST(from.provider.renew(used));
  BOOST_TEST(from.current() == "B");
  BOOST_TEST(from.provider.renew(used));  // another thread had the same keys: nothing is fetched
  BOOST_TEST(from.fetched == 3U);
}

// `date`: of the server's clock; empty: it does not tell.
void answer(server_side& peer, const std::string& status, const std::string& body, const std::string& date) {
  peer.answer("HTTP/1.1 " + status + "\r\n" + (date.empty() ? "" : "Date: " + date + "\r\n") +
              "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
}

void refuse(server_side& peer, const std::string& code, const std::string& date = {}) {
  answer(peer, "403 Forbidden",
         "<ErrorResponse><Error><Code>" + code + "</Code><Message>no</Message></Error></ErrorResponse>", date);
}

void answer_assume_role(server_side& peer, const std::string& id, const std::string& date = {}) {
  answer(peer, "200 OK",
         "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>"
         "<AccessKeyId>" +
             id +
             "</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
             "<Expiration>2026-01-31T13:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
         date);
}

BOOST_AUTO_TEST_CASE(no_token_that_sts_repeats_gets_into_a_failure) {
  scripted_server server([](server_side& peer) {
    peer.read_request();
    answer(peer, "403 Forbidden",
           "<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>no token-0123456789, no secret-0123456789"
           "</Message></Error></ErrorResponse>",
           {});
    peer.wait_for_close();
  });
  credential_source from;
  from.keys = {"OWN", "secret-0123456789", "token-0123456789"};
  from.roles = {{"arn:aws:iam::1:role/one", "name", std::chrono::seconds{900}, {}}};
  const auto client = test::make_client();
  const base::fixed_clock clock(noon);
  const auto made = fetch_credentials(from, {client.get(), "eu-west-1", base::to_string(server.address())}, clock, {});
  CHECK_FAILS(made, errc::denied);
  BOOST_TEST(made.error().cause == "InvalidClientTokenId: no [hidden], no [hidden]");
}

BOOST_AUTO_TEST_CASE(roles_are_assumed_one_with_the_other) {
  std::vector<std::string> requests;
  scripted_server server([&requests](server_side& peer) {
    for (const char* id : {"FIRST", "SECOND"}) {
      requests.push_back(peer.read_request());
      answer_assume_role(peer, id);
    }
    peer.wait_for_close();
  });
  credential_source from;
  from.keys = {"OWN", "secret", {}};
  from.roles = {{"arn:aws:iam::1:role/one", "name", std::chrono::seconds{900}, "outside"},
                {"arn:aws:iam::2:role/two", "name", std::chrono::seconds{3600}, {}}};
  const auto client = test::make_client();
  const base::fixed_clock clock(noon);
  const auto made = fetch_credentials(from, {client.get(), "eu-west-1", base::to_string(server.address())}, clock, {});
  REQUIRE_OK(made);
  BOOST_TEST(made->keys.access_key_id == "SECOND");
  BOOST_TEST((made->expires_at == noon + std::chrono::hours{1}));
  BOOST_REQUIRE(requests.size() == 2U);
  BOOST_TEST(requests[0].find("Credential=OWN/20260131/eu-west-1/sts/aws4_request") != std::string::npos);
  BOOST_TEST(requests[0].find("ExternalId=outside") != std::string::npos);
  BOOST_TEST(requests[0].find("DurationSeconds=900") != std::string::npos);
  BOOST_TEST(requests[1].find("Credential=FIRST/") != std::string::npos);
}

// The credentials of a role, asked for once at noon.
result<timed_credentials> fetch_role(const scripted_server& server) {
  credential_source from;
  from.keys = {"OWN", "secret", {}};
  from.roles = {{"arn:aws:iam::1:role/one", "name", std::chrono::seconds{900}, {}}};
  const auto client = test::make_client();
  const base::fixed_clock clock(noon);
  return fetch_credentials(from, {client.get(), "us-east-1", base::to_string(server.address())}, clock, {});
}

BOOST_AUTO_TEST_CASE(a_role_that_may_not_be_assumed_is_denied_by_its_name) {
  scripted_server server([](server_side& peer) {
    peer.read_request();
    refuse(peer, "AccessDenied");
    peer.wait_for_close();
  });
  const auto made = fetch_role(server);
  CHECK_FAILS(made, errc::denied);
  BOOST_TEST(made.error().text().find("role/one") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_wrong_is_corrected_for_roles_too) {
  const std::string hour_later = "Sat, 31 Jan 2026 13:00:00 GMT";
  std::vector<std::string> requests;
  scripted_server server([&](server_side& peer) {
    requests.push_back(peer.read_request());
    refuse(peer, "SignatureDoesNotMatch", hour_later);
    requests.push_back(peer.read_request());
    answer_assume_role(peer, "MADE", hour_later);
    peer.wait_for_close();
  });
  const auto made = fetch_role(server);
  REQUIRE_OK(made);
  BOOST_TEST(made->keys.access_key_id == "MADE");
  // At 13:00 of the server's clock.
  BOOST_TEST((made->expires_at == noon));
  BOOST_REQUIRE(requests.size() == 2U);
  BOOST_TEST(requests[0].find("x-amz-date: 20260131T120000Z") != std::string::npos);
  BOOST_TEST(requests[1].find("x-amz-date: 20260131T130000Z") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::bucket::aws_credentials_tests
