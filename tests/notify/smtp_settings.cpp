#include "notify/smtp_settings.hpp"

#include "support/check_result.hpp"

#include <string>

namespace spillway::notify::smtp_settings_tests {
namespace {

using enum mail_security;

BOOST_AUTO_TEST_SUITE(notify_smtp_settings)

BOOST_AUTO_TEST_CASE(a_whole_url_is_read) {
  const auto made = parse_smtp_url(
      "smtps://me%40example.com:p%3Aa%2Fs%3F%25@SMTP.Example.com:2465/?from=spill%2Bway%40example.com&ca=/etc/"
      "c%20a.pem");
  REQUIRE_OK(made);
  BOOST_TEST(made->host == "smtp.example.com");
  BOOST_TEST(made->port == 2465);
  BOOST_CHECK(made->security == tls);
  BOOST_TEST(made->user == "me@example.com");
  BOOST_TEST(made->password.reveal() == "p:a/s?%");
  BOOST_TEST(made->from == "spill+way@example.com");
  BOOST_TEST(made->ca_bundle == "/etc/c a.pem");
  BOOST_TEST(to_string(*made) == "smtp.example.com:2465 as me@example.com, by TLS");
}

BOOST_AUTO_TEST_CASE(what_is_not_said_is_safe) {
  struct row {
    const char* url;
    const char* shown;
    mail_security security;
  };
  const row rows[] = {
      {"smtp://mail.example.com?from=a@b.c", "mail.example.com:587, by STARTTLS", starttls},
      {"smtps://mail.example.com?from=a@b.c", "mail.example.com:465, by TLS", tls},
      {"smtps://localhost?from=a@b.c&tls=required", "localhost:465, by TLS", tls},
      {"smtp://me@b.c:x@mail.example.com", "mail.example.com:587 as me@b.c, by STARTTLS", starttls},
      {"smtp://u:x@mail.example.com?tls=required&from=a@b.c", "mail.example.com:587 as u, by STARTTLS", starttls},
      {"smtp://mail.example.com?tls=off&from=a@b.c", "mail.example.com:587, without TLS", none},
      {"smtp://localhost:25?from=a@b.c", "localhost:25, without TLS", none},
      {"smtp://u:x@127.0.0.1:1025?from=a@b.c", "127.0.0.1:1025 as u, without TLS", none},
      {"smtp://[::1]:25?from=a@b.c", "[::1]:25, without TLS", none},
      {"smtp://localhost?from=a@b.c&tls=required", "localhost:587, by STARTTLS", starttls},
      {"smtp://127.0.0.1.example.com?from=a@b.c", "127.0.0.1.example.com:587, by STARTTLS", starttls},
      {"smtp://[2001:db8::1]?from=a@b.c", "[2001:db8::1]:587, by STARTTLS", starttls},
  };
  for (const row& each : rows) {
    const auto made = parse_smtp_url(each.url);
    REQUIRE_OK(made);
    BOOST_TEST(to_string(*made) == each.shown);
    BOOST_CHECK(made->security == each.security);
  }
}

BOOST_AUTO_TEST_CASE(the_sender_is_the_user_unless_it_is_said) {
  BOOST_TEST(parse_smtp_url("smtp://me%40b.c:x@h")->from == "me@b.c");
  BOOST_TEST(parse_smtp_url("smtp://me%40b.c:x@h?from=you@b.c")->from == "you@b.c");
}

// "hunter2" is the password, or what came of one that was not encoded.
BOOST_AUTO_TEST_CASE(what_is_refused_names_the_part_and_never_the_password) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "begins neither"},
      {"hunter2", "begins neither"},
      {"http://u:hunter2@h?from=a@b.c", "begins neither"},
      {"smtp://u:hunter2@?from=a@b.c", "host"},
      {"smtp://u:hunter2@h h?from=a@b.c", "host"},
      {"smtp://u:hunter2@[::1?from=a@b.c", "host"},
      {"smtp://u:hunter2@[h]?from=a@b.c", "host"},
      {"smtp://u:hunter2@h:0?from=a@b.c", "port"},
      {"smtp://u:hunter2@h:65536?from=a@b.c", "port"},
      {"smtp://u:hunter2@h:?from=a@b.c", "port"},
      {"smtp://u:hunter2@h:25x?from=a@b.c", "port"},
      {"smtp://u:hunter2/@h?from=a@b.c", "path"},
      {"smtp://u:hunter2#@h?from=a@b.c", "fragment"},
      {"smtp://u:hunter2?@h?from=a@b.c", "port"},
      {"smtp://u:hun%ter2@h?from=a@b.c", "encoded"},
      {"smtp://u:hunter2%0d%0aRCPT@h?from=a@b.c", "encoded"},
      {"smtp://u%00:hunter2@h?from=a@b.c", "encoded"},
      {"smtp://u@h?from=a@b.c", "empty"},
      {"smtp://u:@h?from=a@b.c", "empty"},
      {"smtp://:hunter2@h?from=a@b.c", "empty"},
      {"smtp://u:hunter2@h", "sender"},
      {"smtp://u:hunter2@h?from=hunter2", "from"},
      {"smtp://u:hunter2@h?from=a%0d@b.c", "from"},
      {"smtp://u:hunter2@h?from=a@b.c&from=a@b.c", "twice"},
      {"smtp://u:hunter2@h?from=a@b.c&hunter2=1", "parameter"},
      {"smtp://u:hunter2@h?from=a@b.c&hunter2", "parameter"},
      {"smtp://u:hunter2@h?from=a@b.c&tls=hunter2", "tls"},
      {"smtps://u:hunter2@h?from=a@b.c&tls=off", "contradicts"},
      {"smtp://u:hunter2@h?from=a@b.c&tls=off", "without TLS"},
      {"smtp://h?from=a@b.c&ca=", "ca"},
  };
  for (const auto& [url, part] : cases) {
    const auto made = parse_smtp_url(url);
    BOOST_TEST_CONTEXT(url) {
      CHECK_FAILS(made, errc::usage);
      BOOST_TEST(made.error().cause.find(part) != std::string::npos, made.error().cause);
      BOOST_TEST((made.error().text() + made.error().hint).find("hunter2") == std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::notify::smtp_settings_tests
