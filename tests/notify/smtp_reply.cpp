#include "notify/smtp_reply.hpp"

#include "support/check_result.hpp"

namespace spillway::notify::smtp_reply_tests {
namespace {

BOOST_AUTO_TEST_SUITE(notify_smtp_reply)

BOOST_AUTO_TEST_CASE(replies_are_told_apart_by_their_code) {
  BOOST_TEST(reply_code("550 5.1.1 no") == 550);
  BOOST_TEST(reply_code("451") == 451);
  for (const char* none_at_all : {"", "55", "ab1 x", "-55 x"}) {
    BOOST_TEST(reply_code(none_at_all) == 0);
  }
  BOOST_TEST(is_permanent("554 no"));
  BOOST_TEST(is_temporary("450 later"));
  BOOST_TEST(!is_permanent("250 fine"));
  BOOST_TEST(is_closing("421 bye"));
  BOOST_TEST(wants_login("535 5.7.8 no"));
  BOOST_TEST(!wants_login("550 no"));
  BOOST_TEST(reply_code_text("454 later") == " (454)");
  BOOST_TEST(reply_code_text("250 fine") == "");
}

BOOST_AUTO_TEST_CASE(a_reason_repeats_the_server_but_no_password) {
  const smtp_settings with = parse_smtp_url("smtps://u:hunter2@h?from=a@b.c").value();
  BOOST_TEST(reason_of("550 5.1.1 no such user\r\n", with) == "550 5.1.1 no such user");
  BOOST_TEST(reason_of("550 \x1b[2J", with) == "550 \\x1b[2J");
  // The password, "aHVudGVyMg==" and "AHUAaHVudGVyMg==" of "\0u\0hunter2".
  for (const char* told : {"550 hunter2 is wrong", "550 aHVudGVyMg==", "550 <AHUAaHVudGVyMg==>"}) {
    BOOST_TEST(reason_of(told, with) == "550");
  }
  const smtp_settings without = parse_smtp_url("smtps://h?from=a@b.c").value();
  BOOST_TEST(reason_of("550 hunter2", without) == "550 hunter2");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::notify::smtp_reply_tests
