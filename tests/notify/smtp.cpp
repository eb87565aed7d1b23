// Against a real server, aiosmtpd: smtp_server.py --for starts these tests. Without it the suite is not run.
#include "notify/smtp.hpp"

#include "notify/incident.hpp"
#include "support/check_result.hpp"
#include "support/smtp_server.hpp"

#include <boost/json.hpp>

#include <future>
#include <string>

namespace spillway::notify::smtp_tests {
namespace {

namespace json = boost::json;
using test::smtp_server;

constexpr std::chrono::seconds patient{60};
const std::string password = "marker pass:word/0123456789?@%";
const std::string encoded = "marker%20pass%3Aword%2F0123456789%3F%40%25";
const std::string login = "spillway:" + password;

std::vector<std::string> with_login(std::vector<std::string> options) {
  options.insert(options.end(), {"--login", login});
  return options;
}

mail some_mail() {
  return {"spillway@example.com",
          {"ada@example.com", "grace@example.org"},
          "Exports are blocked",
          "one\n",
          base::parse_timestamp("2020-01-25T17:00:03").value(),
          "id-1",
          {}};
}

smtp_settings settings_of(const std::string& scheme, const smtp_server& server, const std::string& more = "",
                          const std::string& user = "") {
  const auto made =
      parse_smtp_url(scheme + "://" + user + "127.0.0.1:" + server.port() + "?from=spillway%40example.com" + more);
  REQUIRE_OK(made);
  return *made;
}

smtp_settings with_tls(const std::string& scheme, const smtp_server& server, const std::string& secret = encoded) {
  return settings_of(scheme, server, "&tls=required&ca=" + server.authority(), "spillway:" + secret + "@");
}

smtp_settings without_tls(const smtp_server& server) { return settings_of("smtp", server); }

result<delivery> send_all(const smtp_settings& settings, const mail& what) {
  return send(settings, what, what.to, patient, {});
}

// Neither the password nor what is sent of it.
bool holds_secret(std::string_view text) {
  for (const std::string_view form :
       {std::string_view(password), std::string_view("0123456789"), std::string_view(encoded),
        std::string_view("bWFya2VyIHBhc3M6d29yZC8wMTIzNDU2Nzg5P0Al")}) {
    if (text.find(form) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

void check_fails(const result<delivery>& sent, errc code, const std::string& cause) {
  CHECK_FAILS(sent, code);
  if (!sent) {
    const std::string said = sent.error().text() + sent.error().hint;
    BOOST_TEST(said.find(cause) != std::string::npos, said);
    BOOST_TEST(!holds_secret(said), said);
  }
}

std::string text_of(const json::object& message, std::string_view name) {
  return std::string(std::string_view(message.at(name).as_string()));
}

std::string header_of(const json::object& message, std::string_view name) {
  return text_of(message.at("headers").as_object(), name);
}

BOOST_AUTO_TEST_SUITE(notify_smtp, *boost::unit_test::disabled())

BOOST_AUTO_TEST_CASE(mail_arrives_by_starttls_and_by_tls_with_a_login) {
  for (const auto& [scheme, option] : {std::pair("smtp", "--starttls"), std::pair("smtps", "--tls")}) {
    const smtp_server server(with_login({option}));
    const auto sent = send_all(with_tls(scheme, server), some_mail());
    REQUIRE_OK(sent);
    BOOST_TEST(sent->taken == some_mail().to);
    const auto came = server.messages();
    BOOST_TEST_REQUIRE(came.size() == 2U);
    for (std::size_t i = 0; i < came.size(); ++i) {
      BOOST_TEST(came[i].at("tls").as_bool());
      BOOST_TEST(text_of(came[i], "login") == "spillway");
      BOOST_TEST(text_of(came[i], "envelope_from") == "spillway@example.com");
      BOOST_TEST(json::serialize(came[i].at("envelope_to")) == "[\"" + some_mail().to[i] + "\"]");
      BOOST_TEST(json::serialize(came[i].at("to")) == R"(["ada@example.com","grace@example.org"])");
      BOOST_TEST(!holds_secret(json::serialize(came[i])));
    }
  }
}

BOOST_AUTO_TEST_CASE(another_reader_of_mail_reads_what_was_meant) {
  mail made = some_mail();
  made.to = {"ada@example.com"};
  made.subject = "Exporte nach s3://größe blockiert: " + std::string(40, 'x') + " 数据 🚰";
  made.body =
      "Größe 数据 🚰\n.\n..\n.leading dot\n\ntrailing space \n" + std::string(2'000, 'x') + "\n=3D\nFrom here\n";
  made.in_reply_to = "id-0";
  const smtp_server server({});
  REQUIRE_OK(send_all(without_tls(server), made));
  const auto came = server.messages();
  BOOST_TEST_REQUIRE(came.size() == 1U);
  BOOST_TEST(header_of(came[0], "Subject") == made.subject);
  BOOST_TEST(text_of(came[0], "body") == made.body);
  BOOST_TEST(text_of(came[0], "date") == "2020-01-25T17:00:03+00:00");
  BOOST_TEST(header_of(came[0], "From") == "Spillway <spillway@example.com>");
  BOOST_TEST(header_of(came[0], "Message-ID") == "<id-1@example.com>");
  BOOST_TEST(header_of(came[0], "In-Reply-To") == "<id-0@example.com>");
  BOOST_TEST(came[0].at("defects").as_array().empty());
  BOOST_TEST(came[0].at("line_bytes_max").as_int64() <= 78);
  BOOST_TEST(came[0].at("bare_line_ends").as_int64() == 0);
}

BOOST_AUTO_TEST_CASE(the_mail_of_an_incident_arrives_whole) {
  incident about;
  about.connection = "3";
  about.organization = "Größe & Söhne";
  about.project = 187520;
  about.destination = "s3://raw/analytics";
  about.permission = "s3:PutObject";
  about.policy = "{\n  \"Resource\": \"arn:aws:s3:::raw/*\"\n}\n";
  mail made = compose_incident(about, {"ada@example.com"}, some_mail().created_at);
  made.from = "spillway@example.com";
  const smtp_server server({});
  REQUIRE_OK(send_all(without_tls(server), made));
  const auto came = server.messages();
  BOOST_TEST_REQUIRE(came.size() == 1U);
  BOOST_TEST(text_of(came[0], "body") == made.body);
  BOOST_TEST(header_of(came[0], "Subject") == made.subject);
}

BOOST_AUTO_TEST_CASE(one_who_is_refused_keeps_nobody_else_from_having_it) {
  mail made = some_mail();
  made.to = {"eve@example.com", "ada@example.com", "late@example.com", "grace@example.org"};
  const smtp_server server(
      {"--to", "eve@example.com", "550 5.1.1 no such user", "--to", "late@example.com", "450 4.2.1 later"});
  const auto sent = send_all(without_tls(server), made);
  REQUIRE_OK(sent);
  BOOST_TEST((sent->taken == std::vector<std::string>{"ada@example.com", "grace@example.org"}));
  BOOST_TEST_REQUIRE(sent->refused.size() == 1U);
  BOOST_TEST(sent->refused[0].address == "eve@example.com");
  BOOST_TEST(sent->refused[0].reason == "550 5.1.1 no such user");
  BOOST_TEST_REQUIRE(sent->deferred.size() == 1U);
  BOOST_TEST(sent->deferred[0].address == "late@example.com");
  BOOST_TEST(sent->deferred[0].reason == "450 4.2.1 later");
  BOOST_TEST(server.messages().size() == 2U);
}

BOOST_AUTO_TEST_CASE(only_those_are_sent_to_who_are_still_to_have_it) {
  const smtp_server server({});
  const mail made = some_mail();
  const auto sent = send(without_tls(server), made, std::span(made.to).subspan(1), patient, {});
  REQUIRE_OK(sent);
  BOOST_TEST(sent->taken == std::vector<std::string>{"grace@example.org"});
  const auto came = server.messages();
  BOOST_TEST_REQUIRE(came.size() == 1U);
  BOOST_TEST(json::serialize(came[0].at("to")) == R"(["ada@example.com","grace@example.org"])");
}

BOOST_AUTO_TEST_CASE(a_server_that_refuses_for_now_has_it_later) {
  for (const char* command : {"MAIL", "RCPT", "DATA"}) {
    const smtp_server server({"--say", command, "451 4.3.0 too busy"});
    const auto sent = send_all(without_tls(server), some_mail());
    REQUIRE_OK(sent);
    BOOST_TEST_REQUIRE(!sent->deferred.empty());
    BOOST_TEST(sent->deferred[0].reason == "451 4.3.0 too busy");
  }
  const smtp_server closing({"--say", "RCPT", "421 4.3.2 going down"});
  check_fails(send_all(without_tls(closing), some_mail()), errc::unavailable, "(421)");
}

// It is about the settings: once these are right, everybody has the mail.
BOOST_AUTO_TEST_CASE(a_server_that_refuses_the_sender_has_it_later) {
  const smtp_server server({"--say", "MAIL", "553 5.7.1 not your address"});
  check_fails(send_all(without_tls(server), some_mail()), errc::denied,
              "refuses the sender: 553 5.7.1 not your address");
}

BOOST_AUTO_TEST_CASE(a_server_that_refuses_for_good_is_not_asked_again) {
  for (const char* command : {"RCPT", "DATA"}) {
    const smtp_server server({"--say", command, "554 5.7.1 not from you"});
    const auto sent = send_all(without_tls(server), some_mail());
    REQUIRE_OK(sent);
    BOOST_TEST(sent->refused.size() == 2U);
    BOOST_TEST(sent->refused[0].reason == "554 5.7.1 not from you");
    BOOST_TEST(server.messages().empty());
  }
}

BOOST_AUTO_TEST_CASE(a_server_that_is_down_has_it_when_it_is_back) {
  smtp_server server(with_login({"--starttls", "--down"}));
  const smtp_settings settings = with_tls("smtp", server);
  for (int i = 0; i < 3; ++i) {
    check_fails(send_all(settings, some_mail()), errc::unavailable, "it can't be connected to");
  }
  server.come_up();
  const auto sent = send_all(settings, some_mail());
  REQUIRE_OK(sent);
  BOOST_TEST(sent->taken.size() == 2U);
  BOOST_TEST(server.messages().size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_login_that_is_refused_is_denied) {
  const smtp_server server({"--starttls", "--login", "spillway:another"});
  check_fails(send_all(with_tls("smtp", server), some_mail()), errc::denied, "refuses the login (535)");
  const smtp_server later(with_login({"--starttls", "--say", "AUTH", "454 4.7.0 later"}));
  check_fails(send_all(with_tls("smtp", later), some_mail()), errc::unavailable, "(454)");
  BOOST_TEST(server.messages().empty());
}

BOOST_AUTO_TEST_CASE(a_server_that_wants_a_login_says_so) {
  const smtp_server server(with_login({}));
  check_fails(send_all(without_tls(server), some_mail()), errc::denied, "(530)");
}

BOOST_AUTO_TEST_CASE(a_server_that_repeats_the_password_is_not_repeated) {
  const smtp_server sender(with_login({"--starttls", "--say", "MAIL", "550 " + password + " is no good"}));
  check_fails(send_all(with_tls("smtp", sender), some_mail()), errc::denied, "refuses the sender: 550");
  for (const char* command : {"RCPT", "DATA"}) {
    const smtp_server server(with_login({"--starttls", "--say", command, "550 " + password + " is no good"}));
    const auto sent = send_all(with_tls("smtp", server), some_mail());
    REQUIRE_OK(sent);
    BOOST_TEST_REQUIRE(sent->refused.size() == 2U);
    BOOST_TEST(sent->refused[0].reason == "550");
  }
  const smtp_server server(with_login({"--starttls", "--say", "AUTH", "535 " + password + " is no good"}));
  check_fails(send_all(with_tls("smtp", server), some_mail()), errc::denied, "(535)");
}

BOOST_AUTO_TEST_CASE(without_tls_that_can_be_trusted_nothing_is_sent) {
  for (const auto& [scheme, option] : {std::pair("smtp", "--starttls"), std::pair("smtps", "--tls")}) {
    const smtp_server unknown(with_login({option}));
    smtp_settings settings = with_tls(scheme, unknown);
    settings.ca_bundle.clear();
    check_fails(send_all(settings, some_mail()), errc::invalid, "not trusted");
    settings.ca_bundle = "/nowhere/ca.pem";
    check_fails(send_all(settings, some_mail()), errc::invalid, "ca=");
    const smtp_server elsewhere(with_login({option, "--names", "DNS:elsewhere.example"}));
    check_fails(send_all(with_tls(scheme, elsewhere), some_mail()), errc::invalid, "not for this host");
    const smtp_server old(with_login({option, "--old-tls"}));
    check_fails(send_all(with_tls(scheme, old), some_mail()), errc::unavailable, "1.2 or later");
    BOOST_TEST(unknown.messages().size() + elsewhere.messages().size() + old.messages().size() == 0U);
  }
  const smtp_server plain(with_login({}));
  check_fails(send_all(with_tls("smtp", plain), some_mail()), errc::invalid, "does not go over to TLS");
}

BOOST_AUTO_TEST_CASE(a_server_that_says_nothing_is_left_at_the_deadline) {
  const smtp_server server({"--hang"});
  const auto begin = std::chrono::steady_clock::now();
  const mail made = some_mail();
  check_fails(send(without_tls(server), made, made.to, std::chrono::milliseconds{300}, {}), errc::unavailable,
              "it did not answer in time");
  BOOST_CHECK(std::chrono::steady_clock::now() - begin < patient);
}

// The mail is taken, and that is what counts.
BOOST_AUTO_TEST_CASE(a_server_without_a_good_bye_keeps_nobody_waiting) {
  const smtp_server server({"--say", "QUIT", ""});
  mail made = some_mail();
  made.to.resize(1);
  const auto begin = std::chrono::steady_clock::now();
  const auto sent = send(without_tls(server), made, made.to, std::chrono::seconds{3}, {});
  BOOST_CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{30});
  REQUIRE_OK(sent);
  BOOST_TEST(sent->taken.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_stop_ends_it) {
  const smtp_server server({"--hang"});
  std::stop_source stop;
  const smtp_settings settings = without_tls(server);
  auto sending = std::async(std::launch::async, [&settings, &stop] {
    const mail made = some_mail();
    return send(settings, made, made.to, patient, stop.get_token());
  });
  stop.request_stop();
  check_fails(sending.get(), errc::interrupted, "asked to stop");
}

BOOST_AUTO_TEST_CASE(what_is_no_mail_is_not_sent) {
  const smtp_server server({});
  mail made = some_mail();
  made.subject = "a\r\nBcc: eve@example.com";
  check_fails(send_all(without_tls(server), made), errc::invalid, "subject");
  made = some_mail();
  const std::string evil[] = {"eve@example.com>\r\nRCPT TO:<bob@example.com"};
  check_fails(send(without_tls(server), made, evil, patient, {}), errc::invalid, "not a mail address");
  BOOST_TEST(server.messages().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::notify::smtp_tests
