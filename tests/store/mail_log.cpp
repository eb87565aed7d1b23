#include "store/mail_log.hpp"

#include "store/state_file.hpp"
#include "support/check_result.hpp"
#include "support/store_check.hpp"
#include "support/temp_dir.hpp"

namespace spillway::store::mail_log_tests {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr hours wait_max{1};
const base::instant start = base::from_us(1'579'960'800'000'000);

struct fixture {
  void add(const std::string& recipient, base::instant due = start) {
    REQUIRE_OK(add_mail(database, {0, "<1@x>", "<0@x>", recipient, "subject", "body\nof it", start, 0, due}));
  }
  std::string next(base::instant now) {
    const auto due = find_due_mail(database, now, wait_max);
    REQUIRE_OK(due);
    return *due ? (*due)->recipient : "";
  }
  test::temp_dir dir;
  state_file state = test::open_state(dir / "state.db");
  db::database& database = state.database();
};

BOOST_FIXTURE_TEST_SUITE(store_mail_log, fixture)

BOOST_AUTO_TEST_CASE(a_mail_is_read_as_it_was_written) {
  add("a@x");
  const mail_row read = list_waiting_mails(database)->at(0);
  BOOST_TEST(read.message_id + read.in_reply_to + read.recipient + read.subject + read.body ==
             "<1@x><0@x>a@xsubjectbody\nof it");
  BOOST_CHECK(read.created_at == start && read.next_try_at == start);
  BOOST_TEST(read.attempts == 0);
}

BOOST_AUTO_TEST_CASE(mails_are_due_at_their_time_in_the_order_in_which_they_came) {
  add("late@x", start + minutes{1});
  add("a@x");
  add("b@x");
  BOOST_TEST(next(start - std::chrono::microseconds{1}) == "");
  BOOST_TEST(next(start) == "a@x");
  BOOST_TEST(next(start + minutes{1}) == "late@x");
}

BOOST_AUTO_TEST_CASE(a_mail_that_waits_for_longer_than_any_wait_is_due) {
  add("a@x", start + wait_max);
  BOOST_TEST(next(start) == "");
  BOOST_TEST(next(start - std::chrono::microseconds{1}) == "a@x");
}

BOOST_AUTO_TEST_CASE(an_answer_waits_for_what_it_answers) {
  REQUIRE_OK(add_mail(database, {0, "<0@x>", "", "a@x", "first", "", start, 0, start + minutes{2}}));
  add("a@x");
  add("b@x");
  BOOST_TEST(next(start) == "b@x");
  REQUIRE_OK(remove_mail(database, 3));
  BOOST_TEST(next(start) == "");
  BOOST_TEST(find_due_mail(database, start + minutes{2}, wait_max).value()->subject == "first");
  REQUIRE_OK(refuse_mail(database, 1, "no such user"));
  BOOST_TEST(next(start) == "a@x");
}

BOOST_AUTO_TEST_CASE(what_was_postponed_waits_and_what_was_refused_is_kept_to_be_shown) {
  add("a@x");
  add("b@x");
  REQUIRE_OK(begin_mail_attempt(database, 1, start + hours{1}));
  REQUIRE_OK(defer_mail(database, 1, "away"));
  REQUIRE_OK(refuse_mail(database, 2, "no such user"));
  BOOST_TEST(next(start) == "");
  BOOST_TEST(list_waiting_mails(database)->at(0).reason == "away");
  BOOST_TEST(list_waiting_mails(database)->at(0).attempts == 1);
  BOOST_TEST(list_refused_mails(database)->at(0).recipient == "b@x");
  REQUIRE_OK(remove_mail(database, 1));
  BOOST_TEST(list_waiting_mails(database)->empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::store::mail_log_tests
