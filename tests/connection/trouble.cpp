#include "connection/trouble.hpp"

#include "support/check_result.hpp"

namespace spillway::connection::trouble_tests {
namespace {

using std::chrono::minutes;

const base::instant start = base::from_us(1'579'960'800'000'000);

failure refused(std::string text = "s3:PutObject is denied") { return {errc::denied, "putting", std::move(text), {}}; }

BOOST_AUTO_TEST_SUITE(connection_trouble)

BOOST_AUTO_TEST_CASE(access_is_tried_at_0_1_5_15_and_30_minutes_and_then_every_quarter_of_an_hour) {
  struct {
    int at;
    int next;
    bool is_blocked;
  } const rows[] = {{0, 1, false},  {1, 5, false},  {5, 15, false}, {15, 30, false},
                    {30, 45, true}, {45, 60, true}, {61, 76, true}};
  std::optional<store::access_trouble> seen;
  std::int64_t attempts = 0;
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT("minute " << row.at) {
      seen = after_refusal(seen, refused(), start + minutes{row.at});
      BOOST_CHECK(seen->next_try_at == start + minutes{row.next});
      BOOST_TEST(seen->blocked_at.has_value() == row.is_blocked);
      BOOST_TEST(seen->attempts == ++attempts);
      BOOST_CHECK(seen->since == start);
    }
  }
  BOOST_CHECK(*seen->blocked_at == start + minutes{30});
}

BOOST_AUTO_TEST_CASE(trouble_that_began_by_a_clock_that_was_ahead_is_counted_from_now) {
  const store::access_trouble ahead = after_refusal({}, refused(), start + minutes{5'000});
  const store::access_trouble seen = after_refusal(ahead, refused(), start);
  BOOST_CHECK(seen.since == start);
  BOOST_CHECK(seen.next_try_at == start + minutes{1});
}

BOOST_AUTO_TEST_CASE(who_tries_more_often_is_blocked_no_sooner) {
  std::optional<store::access_trouble> seen;
  for (int minute = 0; minute < 30; ++minute) {
    seen = after_refusal(seen, refused(), start + minutes{minute});
    BOOST_TEST(!seen->blocked_at.has_value());
    BOOST_CHECK(seen->next_try_at > start + minutes{minute});
  }
}

BOOST_AUTO_TEST_CASE(who_was_away_for_half_an_hour_is_blocked_at_the_second_try) {
  const auto first = after_refusal({}, refused(), start);
  BOOST_TEST(after_refusal(first, refused(), start + minutes{31}).blocked_at.has_value());
}

BOOST_AUTO_TEST_CASE(what_was_known_of_the_permission_stays_where_a_later_refusal_names_none) {
  const auto first = after_refusal({}, refused(), start);
  const auto second = after_refusal(first, refused("AccessDenied"), start + minutes{1});
  BOOST_TEST(second.permission == "s3:PutObject");
  BOOST_TEST(second.detail.find("AccessDenied") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_does_not_pass_by_itself_needs_a_person) {
  for (const errc code : {errc::denied, errc::usage, errc::not_found, errc::invalid}) {
    BOOST_TEST(needs_a_person(code));
  }
  for (const errc code : {errc::unavailable, errc::throttled, errc::io, errc::no_space, errc::corrupt}) {
    BOOST_TEST(!needs_a_person(code));
  }
}

BOOST_AUTO_TEST_CASE(other_failures_wait_1_second_doubling_to_5_minutes) {
  const std::pair<int, int> rows[] = {{0, 1},   {1, 1},    {2, 2},     {3, 4},
                                      {9, 256}, {10, 300}, {100, 300}, {1'000'000, 300}};
  for (const auto& [failures, seconds] : rows) {
    BOOST_TEST(retry_delay_max(failures).count() == seconds, failures << " failures");
  }
}

BOOST_AUTO_TEST_CASE(a_permission_is_found_in_what_servers_say) {
  const std::pair<const char*, const char*> rows[] = {
      {"s3:PutObject", "s3:PutObject"},
      {"not authorized to perform: s3:PutObject on resource: \"arn:aws:s3:::raw/x\"", "s3:PutObject"},
      {"not authorized to perform: kms:GenerateDataKey on this resource", "kms:GenerateDataKey"},
      {"arn:aws:kms:eu-west-1:123456789012:key/x may not be used: kms:Decrypt is missing", "kms:Decrypt"},
      {"arn:aws:s3:eu-west-1:123456789012:accesspoint/x: s3:GetObject is missing", "s3:GetObject"},
      {"putting s3://raw/x: denied", ""},
      {"arn:aws:kms:eu-west-1:123456789012:key/x", ""},
      {"x-amz-server-side-encryption: aws:kms:dsse", ""},
      {"as3:PutObject", ""},
      {"s3:", ""},
      {"", ""}};
  for (const auto& [text, named] : rows) {
    BOOST_TEST(permission_in(text) == named, text);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::connection::trouble_tests
