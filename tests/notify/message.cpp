#include "notify/message.hpp"

#include "support/check_result.hpp"

#include <string>

namespace spillway::notify::message_tests {
namespace {

mail small_mail() {
  return {"spillway@example.com",
          {"ada@example.com", "grace@example.org"},
          "Exports are blocked",
          "one\ntwo\n",
          base::parse_timestamp("2020-01-25T17:00:03.5").value(),
          "id-1",
          {}};
}

// What stands behind the empty line.
std::string body_of(const std::string& message) { return message.substr(message.find("\r\n\r\n") + 4); }

bool has_line(const std::string& message, const std::string& line) {
  return ("\r\n" + message).find("\r\n" + line + "\r\n") != std::string::npos;
}

BOOST_AUTO_TEST_SUITE(notify_message)

BOOST_AUTO_TEST_CASE(a_small_mail_is_these_bytes) {
  const auto made = to_message(small_mail());
  REQUIRE_OK(made);
  BOOST_TEST(*made ==
             "Date: Sat, 25 Jan 2020 17:00:03 +0000\r\n"
             "From: Spillway <spillway@example.com>\r\n"
             "To: ada@example.com,\r\n grace@example.org\r\n"
             "Message-ID: <id-1@example.com>\r\n"
             "Subject: Exports are blocked\r\n"
             "Auto-Submitted: auto-generated\r\n"
             "MIME-Version: 1.0\r\n"
             "Content-Type: text/plain; charset=utf-8\r\n"
             "Content-Transfer-Encoding: quoted-printable\r\n"
             "\r\n"
             "one\r\ntwo\r\n");
}

BOOST_AUTO_TEST_CASE(a_follow_up_names_the_first) {
  mail second = small_mail();
  second.in_reply_to = "id-0";
  const std::string made = to_message(second).value();
  BOOST_TEST(has_line(made, "In-Reply-To: <id-0@example.com>"));
  BOOST_TEST(has_line(made, "References: <id-0@example.com>"));
}

BOOST_AUTO_TEST_CASE(every_day_and_month_is_written_as_in_mail) {
  const std::pair<const char*, const char*> cases[] = {
      {"2024-02-29T00:00:00", "Date: Thu, 29 Feb 2024 00:00:00 +0000"},
      {"1999-12-31T23:59:59.999999", "Date: Fri, 31 Dec 1999 23:59:59 +0000"},
      {"2026-06-07T08:09:10", "Date: Sun, 07 Jun 2026 08:09:10 +0000"},
  };
  for (const auto& [when, line] : cases) {
    mail made = small_mail();
    made.created_at = base::parse_timestamp(when).value();
    BOOST_TEST(has_line(to_message(made).value(), line));
  }
}

BOOST_AUTO_TEST_CASE(a_subject_that_does_not_fit_plainly_is_encoded) {
  const std::pair<std::string, const char*> cases[] = {
      {"plain", "Subject: plain"},
      {"Café", "Subject: =?utf-8?B?Q2Fmw6k=?="},
      {"=?utf-8?B?eA==?=", "Subject: =?utf-8?B?PT91dGYtOD9CP2VBPT0/PQ==?="},
  };
  for (const auto& [subject, line] : cases) {
    mail made = small_mail();
    made.subject = subject;
    BOOST_TEST(has_line(to_message(made).value(), line), subject);
  }
  // Cut between characters: 39 bytes a word would end in the middle of the 20th "é".
  mail made = small_mail();
  made.subject.clear();
  for (int i = 0; i < 30; ++i) {
    made.subject += "é";
  }
  const std::string text = to_message(made).value();
  BOOST_TEST(text.find("?B?w6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6nDqcOpw6k=?=\r\n =?utf-8?B?w6") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_body_is_quoted_printable) {
  const std::pair<std::string, std::string> cases[] = {
      {"", ""},
      {"a=b", "a=3Db\r\n"},
      {"é\n", "=C3=A9\r\n"},
      {"end \n", "end=20\r\n"},
      {"tab\there\n", "tab=09here\r\n"},
      {"\n\n", "\r\n\r\n"},
      {".\n..\n", ".\r\n..\r\n"},
      {"lone\rCR\n", "lone=0DCR\r\n"},
      {std::string(76, 'x') + "\n", std::string(75, 'x') + "=\r\nx\r\n"},
      {std::string(75, 'x') + "\n", std::string(75, 'x') + "\r\n"},
      {std::string(73, 'x') + "é\n", std::string(73, 'x') + "=\r\n=C3=A9\r\n"},
  };
  for (const auto& [body, encoded] : cases) {
    mail made = small_mail();
    made.body = body;
    BOOST_TEST(body_of(to_message(made).value()) == encoded);
  }
}

BOOST_AUTO_TEST_CASE(no_line_is_longer_than_mail_allows) {
  mail made = small_mail();
  made.subject = std::string(3'000, 's');
  made.body = std::string(10'000, 'b');
  made.to.assign(100, "somebody@example.com");
  const std::string text = to_message(made).value();
  std::size_t longest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find("\r\n", at);
    longest = std::max(longest, end - at);
    at = end + 2;
  }
  BOOST_TEST(longest <= 78U);
}

BOOST_AUTO_TEST_CASE(nothing_smuggles_a_header_in) {
  const std::string nul(1, '\0');
  for (const std::string& evil : {std::string("a\r\nBcc: eve@example.com"), std::string("a\nb"), std::string("a\rb"),
                                  "a" + nul, std::string("\xff"),
                                  std::string("\xe2\x80\xae"
                                              "a")}) {
    mail made = small_mail();
    made.subject = evil;
    CHECK_FAILS(to_message(made), errc::invalid);
    made = small_mail();
    made.from = evil + "@example.com";
    CHECK_FAILS(to_message(made), errc::invalid);
    made = small_mail();
    made.to[1] = "ada@example.com" + evil;
    CHECK_FAILS(to_message(made), errc::invalid);
    made = small_mail();
    made.id = evil;
    CHECK_FAILS(to_message(made), errc::invalid);
    made = small_mail();
    made.in_reply_to = evil;
    CHECK_FAILS(to_message(made), errc::invalid);
  }
  mail made = small_mail();
  made.body = "a" + nul;
  CHECK_FAILS(to_message(made), errc::invalid);
  made = small_mail();
  made.to.clear();
  CHECK_FAILS(to_message(made), errc::invalid);
}

BOOST_AUTO_TEST_CASE(addresses_are_taken_as_they_stand) {
  const std::string local(64, 'l');
  for (const std::string& good :
       {std::string("ada@example.com"), std::string("a.b+c_d@mail.example.co.uk"), std::string("root@localhost"),
        std::string("1@2.3"), local + "@example.com", std::string("o'hara=x@xn--bcher-kva.example")}) {
    BOOST_TEST(parse_address(good).value() == good);
  }
  const std::string label(64, 'd');
  const std::string long_domain =
      std::string(60, 'a') + "." + std::string(60, 'b') + "." + std::string(60, 'c') + "." + std::string(60, 'd');
  for (const std::string& bad : {std::string(),
                                 std::string("ada"),
                                 std::string("@example.com"),
                                 std::string("ada@"),
                                 std::string("a@b@c"),
                                 std::string(".ada@example.com"),
                                 std::string("ada.@example.com"),
                                 std::string("a..b@example.com"),
                                 std::string("ada@example..com"),
                                 std::string("ada@-example.com"),
                                 std::string("ada@example.com."),
                                 std::string("ada @example.com"),
                                 std::string("ada@exa mple.com"),
                                 std::string("Ada <ada@example.com>"),
                                 std::string("\"ada\"@example.com"),
                                 std::string("ada@[127.0.0.1]"),
                                 std::string("ada@ex_ample.com"),
                                 std::string("ad\xc3\xa9@example.com"),
                                 std::string("ada@example.com\n"),
                                 std::string("a>b@example.com"),
                                 std::string("a,b@example.com"),
                                 local + "l@example.com",
                                 "ada@" + label + ".com",
                                 "ada678901234@" + long_domain}) {
    CHECK_FAILS(parse_address(bad), errc::invalid);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::notify::message_tests
