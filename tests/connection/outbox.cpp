#include "connection/outbox.hpp"

#include "support/check_result.hpp"
#include "support/store_check.hpp"
#include "support/temp_dir.hpp"

namespace spillway::connection::outbox_tests {
namespace {

struct fixture {
  test::temp_dir dir;
  store::state_file state = test::open_state(dir / "state.db");
  base::fixed_clock clock{base::from_us(1'579'960'800'000'000)};
  std::stop_source stop;
  std::vector<std::string> asked;
  std::map<std::string, mail_answer> answers;

  void add(const std::string& recipient) {
    REQUIRE_OK(
        store::add_mail(state.database(), {0, "<1@x>", "", recipient, "subject", "body", clock.now(), 0, clock.now()}));
  }
  result<mail_round> try_send() {
    asked.clear();
    return send_due_mails(
        state.database(),
        [this](const notify::mail& mail) {
          BOOST_TEST(mail.to.size() == 1U);
          asked.push_back(mail.to.at(0));
          return answers[mail.to.at(0)];
        },
        clock, stop.get_token());
  }
  std::int64_t send() {
    const auto sent = try_send();
    REQUIRE_OK(sent);
    return sent->taken;
  }
};

BOOST_FIXTURE_TEST_SUITE(connection_outbox, fixture)

BOOST_AUTO_TEST_CASE(a_mail_that_was_taken_is_gone) {
  add("a@x");
  add("b@x");
  BOOST_TEST(send() == 2);
  BOOST_TEST(asked == (std::vector<std::string>{"a@x", "b@x"}), boost::test_tools::per_element());
  BOOST_TEST(send() == 0);
  BOOST_TEST(asked.empty());
}

BOOST_AUTO_TEST_CASE(who_is_refused_keeps_nobody_from_the_mail_and_is_not_asked_again) {
  answers["a@x"] = {mail_answer::fate::refused, "no such user"};
  add("a@x");
  add("b@x");
  BOOST_TEST(send() == 1);
  clock.set(clock.now() + std::chrono::hours{100});
  BOOST_TEST(send() == 0);
  BOOST_TEST(asked.empty());
  BOOST_TEST(store::list_refused_mails(state.database())->at(0).reason == "no such user");
}

BOOST_AUTO_TEST_CASE(none_is_begun_once_it_was_asked_to_stop) {
  add("a@x");
  stop.request_stop();
  BOOST_TEST(send() == 0);
  BOOST_TEST(asked.empty());
  BOOST_TEST(store::list_waiting_mails(state.database())->size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_server_that_is_away_is_asked_after_a_minute_doubling_to_an_hour) {
  answers["a@x"] = {mail_answer::fate::later, "no answer"};
  add("a@x");
  for (const int minutes : {1, 2, 4, 8, 16, 32, 60, 60}) {
    send();
    BOOST_TEST(asked.size() == 1U);
    clock.set(clock.now() + std::chrono::minutes{minutes} - std::chrono::seconds{1});
    send();
    BOOST_TEST(asked.empty());
    clock.set(clock.now() + std::chrono::seconds{1});
  }
  answers["a@x"] = {};
  BOOST_TEST(send() == 1);
  BOOST_TEST(store::list_waiting_mails(state.database())->empty());
}

BOOST_AUTO_TEST_CASE(a_server_that_is_away_is_not_asked_for_each_mail) {
  answers["a@x"] = {mail_answer::fate::away, "no answer"};
  add("a@x");
  add("b@x");
  BOOST_TEST(try_send()->is_server_away);
  BOOST_TEST(asked == std::vector<std::string>{"a@x"}, boost::test_tools::per_element());
  BOOST_TEST(send() == 1);
  BOOST_TEST(asked == std::vector<std::string>{"b@x"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_state_file_that_fails_lets_no_mail_out_more_often_than_a_server_that_is_away) {
  add("a@x");
  REQUIRE_OK(state.database().execute(
      "CREATE TRIGGER full BEFORE DELETE ON outgoing_mail BEGIN SELECT RAISE(ABORT, 'full'); END"));
  BOOST_TEST(!try_send().has_value());
  BOOST_TEST(asked.size() == 1U);
  clock.set(clock.now() + std::chrono::seconds{59});
  BOOST_TEST(send() == 0);
  BOOST_TEST(asked.empty());
  clock.set(clock.now() + std::chrono::seconds{1});
  BOOST_TEST(!try_send().has_value());
  BOOST_TEST(asked.size() == 1U);
  REQUIRE_OK(state.database().execute(
      "CREATE TRIGGER fuller BEFORE UPDATE ON outgoing_mail BEGIN SELECT RAISE(ABORT, 'full'); END"));
  clock.set(clock.now() + std::chrono::hours{1});
  BOOST_TEST(!try_send().has_value());
  BOOST_TEST(asked.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::connection::outbox_tests
