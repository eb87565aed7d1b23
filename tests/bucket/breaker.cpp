#include "bucket/breaker.hpp"

#include <boost/test/unit_test.hpp>

#include <future>

namespace spillway::bucket::breaker_tests {
namespace {

using turn = breaker::turn;
using outcome = breaker::outcome;

void fail(breaker& of, int times) {
  for (int i = 0; i < times; ++i) {
    of.end(of.begin(), outcome::failed);
  }
}

BOOST_AUTO_TEST_SUITE(bucket_breaker)

BOOST_AUTO_TEST_CASE(everybody_may_send_until_it_opens) {
  breaker made;
  fail(made, breaker::failures_max - 1);
  BOOST_CHECK(made.begin() == turn::send);
  BOOST_CHECK(made.begin() == turn::send);
}

BOOST_AUTO_TEST_CASE(an_answer_in_between_starts_the_count_again) {
  breaker made;
  fail(made, breaker::failures_max - 1);
  made.end(made.begin(), outcome::answered);
  fail(made, breaker::failures_max - 1);
  BOOST_CHECK(made.begin() == turn::send);
}

BOOST_AUTO_TEST_CASE(an_open_one_lets_one_probe_at_a_time) {
  breaker made;
  fail(made, breaker::failures_max);
  for (int i = 0; i < 3; ++i) {
    const turn mine = made.begin();
    BOOST_CHECK(mine == turn::probe);
    made.end(mine, outcome::failed);
  }
}

BOOST_AUTO_TEST_CASE(an_answered_probe_closes_it) {
  breaker made;
  fail(made, breaker::failures_max);
  made.end(made.begin(), outcome::answered);
  BOOST_CHECK(made.begin() == turn::send);
  BOOST_CHECK(made.begin() == turn::send);
}

BOOST_AUTO_TEST_CASE(a_turn_that_ends_without_an_outcome_lets_the_next_one_probe) {
  breaker made;
  fail(made, breaker::failures_max);
  {
    const breaker_turn cut_off(made);
  }
  const turn next = made.begin();
  BOOST_CHECK(next == turn::probe);
  made.end(next, outcome::failed);
  {
    breaker_turn answered(made);
    BOOST_TEST(answered.may_send());
    answered.came_out(outcome::answered);
  }
  BOOST_CHECK(made.begin() == turn::send);
}

// Who comes while a probe is under way learns what it learns.
BOOST_AUTO_TEST_CASE(others_wait_for_the_probe_and_share_its_fate) {
  for (const outcome fate : {outcome::failed, outcome::answered}) {
    breaker made;
    fail(made, breaker::failures_max);
    const turn mine = made.begin();
    auto other = std::async(std::launch::async, [&made] { return made.begin(); });
    made.end(mine, fate);
    const turn theirs = other.get();
    // If it came only after the end of the probe, it probes itself.
    BOOST_CHECK(fate == outcome::answered ? theirs == turn::send : theirs == turn::refused || theirs == turn::probe);
  }
}

// As a body that can't be read, or a stop.
BOOST_AUTO_TEST_CASE(a_request_that_ends_for_a_reason_of_ours_says_nothing) {
  breaker made;
  fail(made, breaker::failures_max - 1);
  made.end(made.begin(), outcome::unknown);
  BOOST_CHECK(made.begin() == turn::send);
  made.end(turn::send, outcome::failed);
  for (int i = 0; i < 2; ++i) {
    const turn mine = made.begin();
    BOOST_CHECK(mine == turn::probe);
    made.end(mine, outcome::unknown);
  }
}

BOOST_AUTO_TEST_CASE(a_refused_turn_counts_for_nothing) {
  breaker made;
  fail(made, breaker::failures_max - 1);
  made.end(turn::refused, outcome::failed);
  BOOST_CHECK(made.begin() == turn::send);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::bucket::breaker_tests
