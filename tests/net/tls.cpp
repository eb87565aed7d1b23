#include "net/tls_stream.hpp"

#include "base/time.hpp"
#include "support/http_calls.hpp"
#include "support/scripted_server.hpp"
#include "support/temp_dir.hpp"
#include "support/test_certificates.hpp"

#include <fstream>

namespace spillway::net_tls_tests {
namespace {

using net::fate;
using net::phase;
using std::chrono::hours;
using test::certificate_wish;
using test::check_failure;
using test::get;
using test::patient;
using test::put;
using test::scripted_server;
using test::server_side;

void serve_all(server_side& side) {
  for (;;) {
    side.read_request();
    side.answer_with("ok");
  }
}

// An authority that the client trusts, and one that it does not know.
struct trust {
  test::certificate known = test::make_authority("Known Authority");
  test::certificate other = test::make_authority("Other Authority");
  test::temp_dir dir;
  std::string bundle = (dir / "ca.pem").string();

  trust() { std::ofstream(bundle) << known.pem(); }
  std::unique_ptr<net::http_client> client(net::http_settings settings = {}) const {
    settings.ca_bundle = bundle;
    return test::make_client(std::move(settings));
  }
};

net::http_result<net::http_response> call(const trust& trusted, const test::certificate& own, const std::string& host,
                                          int version_max = TLS1_3_VERSION) {
  const auto context = test::make_server_context(own, version_max);
  scripted_server server({serve_all}, context.get());
  return trusted.client()->send(server.address(host), get(), net::within(patient));
}

struct refusal {
  const char* what;
  test::certificate own;
  std::string host = "localhost";
  std::string cause;  // whole, but for the time that comes behind a space at its end
  std::string hint;   // a part of it
};

bool is_told(const std::string& cause, const std::string& expected) {
  return expected.ends_with(' ')
             ? cause.starts_with(expected) && base::parse_timestamp(cause.substr(expected.size())).has_value()
             : cause == expected;
}

void check_refused(const trust& trusted, const refusal& row) {
  BOOST_TEST_CONTEXT(row.what) {
    const auto answer = call(trusted, row.own, row.host);
    check_failure(answer, errc::invalid, phase::handshaking, fate::not_taken);
    BOOST_TEST(is_told(answer.error().cause, row.cause), answer.error().cause);
    BOOST_TEST(answer.error().hint.find(row.hint) != std::string::npos, answer.error().hint);
    BOOST_TEST(answer.error().doing.starts_with("setting up TLS with " + row.host));
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(net_tls)

BOOST_AUTO_TEST_CASE(a_good_certificate_is_taken_for_its_names_and_addresses) {
  const trust trusted;
  const auto own = test::make_certificate({.names = "DNS:localhost,DNS:*.s3.example,IP:127.0.0.1"}, trusted.known);
  for (const char* host : {"localhost", "LOCALHOST", "bucket.s3.example", "127.0.0.1"}) {
    CHECK_OK(call(trusted, own, host));
  }
  for (const char* host : {"a.b.s3.example", "s3.example", "localhost.example"}) {
    check_failure(call(trusted, own, host), errc::invalid, phase::handshaking, fate::not_taken);
  }
}

BOOST_AUTO_TEST_CASE(tls_1_2_is_the_least) {
  const trust trusted;
  const auto own = test::make_certificate({}, trusted.known);
  CHECK_OK(call(trusted, own, "localhost", TLS1_2_VERSION));
  for (const int version : {TLS1_1_VERSION, TLS1_VERSION}) {
    const auto answer = call(trusted, own, "localhost", version);
    check_failure(answer, errc::invalid, phase::handshaking, fate::not_taken);
    BOOST_TEST(answer.error().cause == "the server speaks no TLS 1.2 or later");
    BOOST_TEST(answer.error().hint == "have TLS 1.2 or 1.3 turned on at the server");
  }
}

BOOST_AUTO_TEST_CASE(each_bad_certificate_has_its_sentence_and_a_next_step) {
  const trust trusted;
  const refusal rows[] = {
      {"expired", make_certificate({.valid_from = hours{-2}, .valid_to = hours{-1}}, trusted.known), "localhost",
       "the server's certificate expired at ", "renewed"},
      {"not yet valid", make_certificate({.valid_from = hours{1}, .valid_to = hours{2}}, trusted.known), "localhost",
       "the server's certificate is not valid before ", "clock"},
      {"wrong name", make_certificate({.names = "DNS:a.example,DNS:b.example"}, trusted.known), "localhost",
       "the server's certificate is for a.example, b.example, not for localhost", "in the endpoint"},
      {"a name as common name only", make_certificate({.common_name = "localhost", .names = ""}, trusted.known),
       "localhost", "the server's certificate is for no name at all, not for localhost", "have one made for localhost"},
      {"an address without an entry", make_certificate({.names = "DNS:localhost"}, trusted.known), "127.0.0.1",
       "the server's certificate is for localhost, not for the IP address 127.0.0.1", "subject alternative names"},
      {"an address as a name", make_certificate({.names = "DNS:127.0.0.1"}, trusted.known), "127.0.0.1",
       "the server's certificate is for 127.0.0.1, not for the IP address 127.0.0.1", "subject alternative names"},
      {"self-signed", test::make_self_signed({}), "localhost",
       "the server's certificate is signed by itself and by nobody who is trusted here", "--ca-bundle FILE"},
      {"unknown authority", make_certificate({}, trusted.other), "localhost",
       R"(the authority behind the server's certificate, "Other Authority", is not known here)", "AWS_CA_BUNDLE"},
      {"wrong usage", make_certificate({.usage = "clientAuth"}, trusted.known), "localhost",
       "the server's certificate is not made for servers: its usage is another", "serverAuth"},
  };
  for (const refusal& row : rows) {
    check_refused(trusted, row);
  }
}

// The name of an authority comes from the other side: what would play tricks on a terminal is made visible.
BOOST_AUTO_TEST_CASE(what_a_certificate_says_is_made_printable) {
  const trust trusted;
  const auto forger = test::make_authority("evil\x1b[2J");
  const auto answer = call(trusted, make_certificate({}, forger), "localhost");
  check_failure(answer, errc::invalid, phase::handshaking, fate::not_taken);
  BOOST_TEST(answer.error().cause.find('\x1b') == std::string::npos);
  BOOST_TEST(answer.error().cause.find(R"(evil\x1b[2J)") != std::string::npos, answer.error().cause);
}

BOOST_AUTO_TEST_CASE(a_self_signed_certificate_can_be_trusted_by_name) {
  const auto own = test::make_self_signed({});
  const test::temp_dir dir;
  const std::string bundle = (dir / "own.pem").string();
  std::ofstream(bundle) << own.pem();
  const auto context = test::make_server_context(own);
  scripted_server server({serve_all}, context.get());
  CHECK_OK(test::make_client({.ca_bundle = bundle})->send(server.address("localhost"), get(), net::within(patient)));
}

BOOST_AUTO_TEST_CASE(without_a_bundle_the_systems_authorities_decide) {
  const trust trusted;
  const auto context = test::make_server_context(test::make_certificate({}, trusted.known));
  scripted_server server({serve_all}, context.get());
  check_failure(test::make_client()->send(server.address("localhost"), get(), net::within(patient)), errc::invalid,
                phase::handshaking, fate::not_taken);
}

BOOST_AUTO_TEST_CASE(a_bundle_that_is_not_there_or_empty_is_told_when_the_client_is_made) {
  const test::temp_dir dir;
  const std::string empty = (dir / "empty.pem").string();
  std::ofstream(empty) << "no certificate\n";
  CHECK_FAILS(net::make_http_client({.ca_bundle = (dir / "none.pem").string()}), errc::not_found);
  const auto made = net::make_http_client({.ca_bundle = empty});
  CHECK_FAILS(made, errc::invalid);
  BOOST_TEST(made.error().text().find(empty) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_server_without_tls_is_told_from_a_bad_one) {
  const trust trusted;
  scripted_server server([](server_side& side) {
    side.read_bytes(1);
    side.answer("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    side.wait_for_close();
  });
  base::origin to = server.address("localhost");
  to.scheme = base::scheme::https;
  const auto answer = trusted.client()->send(to, get(), net::within(patient));
  check_failure(answer, errc::invalid, phase::handshaking, fate::not_taken);
  BOOST_TEST(answer.error().cause == "the server does not speak TLS on this port");
}

BOOST_AUTO_TEST_CASE(a_plain_call_to_a_tls_port_is_no_http) {
  const trust trusted;
  const auto context = test::make_server_context(test::make_certificate({}, trusted.known));
  scripted_server server({serve_all}, context.get());
  base::origin to = server.address();
  to.scheme = base::scheme::http;
  const auto answer = trusted.client()->send(to, get(), net::within(patient));
  BOOST_REQUIRE(!answer);
  BOOST_TEST((answer.error().code == errc::invalid || answer.error().code == errc::unavailable), answer.error().text());
}

BOOST_AUTO_TEST_CASE(a_handshake_that_is_cut_may_work_next_time) {
  const trust trusted;
  for (const bool by_reset : {false, true}) {
    scripted_server server([by_reset](server_side& side) {
      side.read_bytes(1);
      by_reset ? side.reset() : side.close();
    });
    base::origin to = server.address("localhost");
    to.scheme = base::scheme::https;
    check_failure(trusted.client()->send(to, get(), net::within(patient)), errc::unavailable, phase::handshaking,
                  fate::not_taken);
  }
}

BOOST_AUTO_TEST_CASE(connections_are_kept_and_large_bodies_go_both_ways) {
  const trust trusted;
  std::string body(3'000'000, 'x');
  for (std::size_t i = 0; i < body.size(); ++i) {
    body[i] = static_cast<char>(i * 7 / 5);
  }
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto context = test::make_server_context(test::make_certificate({}, trusted.known), version);
    scripted_server server({[](server_side& side) {
                             for (;;) {
                               const std::string request = side.read_request();
                               side.answer_with(std::string_view(request).substr(request.find("\r\n\r\n") + 4));
                             }
                           }},
                           context.get());
    const auto client = trusted.client({.expect_continue_bytes_min = UINT64_MAX});
    for (int i = 0; i < 3; ++i) {
      const auto answer = client->send(server.address("localhost"), put(body), net::within(patient));
      REQUIRE_OK(answer);
      BOOST_TEST((answer->body == body));
    }
    BOOST_TEST(server.connections() == 1u);
  }
}

// A server that refuses a body closes behind its answer, and the client's next record meets a reset.
BOOST_AUTO_TEST_CASE(an_early_answer_is_given_over_tls_too) {
  const trust trusted;
  const std::string body(64 << 20, 'x');
  const auto context = test::make_server_context(test::make_certificate({}, trusted.known));
  for (const bool goes_away : {false, true}) {
    scripted_server server({[goes_away](server_side& side) {
                             side.read_head();
                             side.answer("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno");
                             goes_away ? side.close() : side.wait_for_close();
                           }},
                           context.get());
    const auto client = trusted.client({.expect_continue_bytes_min = UINT64_MAX});
    const auto answer = client->send(server.address("localhost"), put(body), net::within(patient));
    REQUIRE_OK(answer);
    BOOST_TEST(answer->status == 403);
    BOOST_TEST(answer->body == "no");
  }
}

// Without a length only TLS's goodbye tells the end of a body from a cut.
BOOST_AUTO_TEST_CASE(a_body_to_the_end_of_the_stream_needs_the_goodbye) {
  const trust trusted;
  const auto context = test::make_server_context(test::make_certificate({}, trusted.known));
  for (const bool says_goodbye : {true, false}) {
    scripted_server server({[says_goodbye](server_side& side) {
                             side.read_head();
                             side.answer("HTTP/1.1 200 OK\r\n\r\nall of it");
                             says_goodbye ? side.close() : side.reset();
                           }},
                           context.get());
    const auto answer = trusted.client()->send(server.address("localhost"), get(), net::within(patient));
    if (says_goodbye) {
      REQUIRE_OK(answer);
      BOOST_TEST(answer->body == "all of it");
    } else {
      BOOST_REQUIRE(!answer);
      BOOST_TEST((answer.error().code == errc::unavailable), answer.error().text());
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::net_tls_tests
