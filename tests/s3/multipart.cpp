#include "s3/multipart.hpp"

#include "support/check_result.hpp"

#include <string>
#include <vector>

namespace spillway::s3_multipart_tests {
namespace {

using s3::finding;
using s3::step;
using s3::step_kind;

constexpr std::uint64_t mib = 1u << 20;

s3::verdict answered(int status, const std::string& code = "") {
  return s3::classify({status, {}, code.empty() ? "" : "<Error><Code>" + code + "</Code></Error>"}, {});
}
const s3::verdict lost = answered(0);
const s3::verdict denied = answered(403, "AccessDenied");
const s3::verdict gone = answered(404, "NoSuchUpload");

// The next step, which has to be of that kind.
step take(s3::upload& machine, step_kind kind) {
  const auto next = machine.next();
  BOOST_REQUIRE(next.has_value());
  BOOST_REQUIRE(next->kind == kind);
  return *next;
}

// An upload of 65 MiB, created: five parts.
s3::upload begun() {
  s3::upload machine(65 * mib);
  take(machine, step_kind::create);
  machine.created("id");
  return machine;
}

void store_all_parts(s3::upload& machine) {
  while (const auto part = machine.next()) {
    BOOST_REQUIRE(part->kind == step_kind::upload_part);
    machine.stored(*part, "etag-" + std::to_string(part->part_number));
    if (part->part_number == 5) {
      break;
    }
  }
}

// Aborts and finds nothing left.
void clean_up(s3::upload& machine) {
  take(machine, step_kind::abort);
  machine.aborted();
  machine.failed(take(machine, step_kind::list_parts), gone);
  BOOST_TEST(machine.is_done());
  BOOST_TEST(machine.upload_id() == "");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(s3_multipart)

BOOST_AUTO_TEST_CASE(parts_follow_from_the_size) {
  BOOST_TEST(s3::parts_of(0).size() == 1U);
  BOOST_TEST(s3::parts_of(16 * mib).size() == 1U);
  BOOST_TEST(s3::parts_of(16 * mib + 1).size() == 2U);
  BOOST_TEST(s3::parts_of(16 * mib * 10'000).size() == 10'000U);
  const std::uint64_t five_tib = 5ull << 40;
  for (const std::uint64_t bytes :
       {std::uint64_t{0}, 16 * mib, 16 * mib + 1, 65 * mib, 16 * mib * 10'000 + 1, five_tib}) {
    const auto parts = s3::parts_of(bytes);
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      BOOST_REQUIRE(parts[i].first == sum);
      BOOST_REQUIRE((i + 1 == parts.size() || parts[i].bytes == parts[0].bytes));
      sum += parts[i].bytes;
    }
    BOOST_TEST(sum == bytes);
    BOOST_TEST(parts.size() <= static_cast<std::size_t>(s3::part_number_max));
    BOOST_TEST((parts.size() == 1 || parts[0].bytes % mib == 0));
  }
}

BOOST_AUTO_TEST_CASE(more_goes_in_parts_of_which_four_are_under_way) {
  s3::upload machine(65 * mib);
  take(machine, step_kind::create);
  BOOST_TEST(!machine.next());
  machine.created("id");
  BOOST_TEST(machine.upload_id() == "id");
  std::vector<step> under_way;
  while (const auto part = machine.next()) {
    under_way.push_back(*part);
  }
  BOOST_REQUIRE_EQUAL(under_way.size(), 4U);
  BOOST_TEST(under_way[3].part_number == 4);
  BOOST_TEST(under_way[3].range.first == 48 * mib);
  BOOST_TEST(under_way[3].range.bytes == 16 * mib);
  machine.stored(under_way[2], "c");
  const step last = take(machine, step_kind::upload_part);
  BOOST_TEST(last.part_number == 5);
  BOOST_TEST(last.range.bytes == mib);
  machine.stored(last, "e", base::sha256_of("e"));
  BOOST_TEST(!machine.next());
  machine.stored(under_way[1], "b");
  machine.stored(under_way[0], "a");
  machine.stored(under_way[3], "d");
  std::string etags;
  for (const s3::stored_part& part : machine.parts()) {
    etags += std::to_string(part.number) + part.etag;
  }
  BOOST_TEST(etags == "1a2b3c4d5e");
  BOOST_TEST((machine.parts()[4].sha256 == base::sha256_of("e")));
  machine.stored(take(machine, step_kind::complete), "whole-5");
  BOOST_TEST(machine.outcome().value() == "whole-5");
  BOOST_TEST(machine.upload_id() == "");
}

BOOST_AUTO_TEST_CASE(a_request_is_tried_five_times_and_knows_why) {
  s3::upload machine(65 * mib);
  step create = take(machine, step_kind::create);
  for (int attempt = 1; attempt < s3::attempts_max; ++attempt) {
    BOOST_TEST(create.attempt == attempt);
    machine.failed(create, s3::classify({503, {{"Retry-After", "2"}}, ""}, {}));
    create = take(machine, step_kind::create);
    BOOST_TEST((create.pace == s3::action::retry_slowly));
    BOOST_TEST((create.retry_after == std::chrono::seconds{2}));
  }
  machine.failed(create, lost);
  BOOST_TEST(machine.is_done());
  CHECK_FAILS(machine.outcome(), errc::unavailable);
}

BOOST_AUTO_TEST_CASE(what_should_help_is_done_once) {
  s3::upload machine = begun();
  const s3::verdict damaged = answered(400, "BadDigest");
  machine.failed(take(machine, step_kind::upload_part), damaged);
  const step again = take(machine, step_kind::upload_part);
  BOOST_TEST((again.remedy == s3::remedy::read_body_again));
  machine.failed(again, damaged);
  clean_up(machine);
  CHECK_FAILS(machine.outcome(), errc::corrupt);
}

BOOST_AUTO_TEST_CASE(a_part_that_fails_is_put_again_before_the_next_one) {
  s3::upload machine = begun();
  const step first = take(machine, step_kind::upload_part);
  take(machine, step_kind::upload_part);
  machine.failed(first, lost);
  const step again = take(machine, step_kind::upload_part);
  BOOST_TEST(again.part_number == 1);
  BOOST_TEST(again.attempt == 2);
  BOOST_TEST(take(machine, step_kind::upload_part).part_number == 3);
}

BOOST_AUTO_TEST_CASE(a_failed_part_ends_the_others_and_aborts) {
  s3::upload machine = begun();
  const step first = take(machine, step_kind::upload_part);
  const step second = take(machine, step_kind::upload_part);
  machine.failed(first, denied);
  BOOST_TEST(!machine.next());
  BOOST_TEST(!machine.is_done());
  machine.stored(second, "b");
  clean_up(machine);
  CHECK_FAILS(machine.outcome(), errc::denied);
}

BOOST_AUTO_TEST_CASE(an_upload_that_vanished_is_not_aborted) {
  s3::upload machine = begun();
  const step first = take(machine, step_kind::upload_part);
  const step second = take(machine, step_kind::upload_part);
  machine.failed(first, gone);
  machine.failed(second, gone);
  BOOST_TEST(machine.is_done());
  // The next try begins another one: nobody has to look for a name that is wrong.
  CHECK_FAILS(machine.outcome(), errc::unavailable);
}

BOOST_AUTO_TEST_CASE(a_lost_answer_to_complete_is_settled_by_looking) {
  s3::upload machine = begun();
  store_all_parts(machine);
  machine.failed(take(machine, step_kind::complete), lost);
  machine.failed(take(machine, step_kind::complete), gone);
  take(machine, step_kind::look);
  machine.looked(finding::same, "whole-5");
  BOOST_TEST(machine.outcome().value() == "whole-5");

  s3::upload unlucky = begun();
  store_all_parts(unlucky);
  unlucky.failed(take(unlucky, step_kind::complete), gone);
  take(unlucky, step_kind::look);
  unlucky.looked(finding::none, "");
  BOOST_TEST(unlucky.is_done());
  CHECK_FAILS(unlucky.outcome(), errc::unavailable);
}

BOOST_AUTO_TEST_CASE(five_lost_answers_to_complete_are_settled_by_looking) {
  s3::upload machine = begun();
  store_all_parts(machine);
  for (int i = 0; i < s3::attempts_max; ++i) {
    machine.failed(take(machine, step_kind::complete), lost);
  }
  machine.failed(take(machine, step_kind::look), lost);
  take(machine, step_kind::look);
  machine.looked(finding::other, "old");
  clean_up(machine);
  CHECK_FAILS(machine.outcome(), errc::unavailable);
}

BOOST_AUTO_TEST_CASE(an_object_that_is_there_already_is_a_conflict_and_the_upload_is_aborted) {
  s3::upload machine = begun();
  store_all_parts(machine);
  machine.failed(take(machine, step_kind::complete), answered(412, "PreconditionFailed"));
  clean_up(machine);
  CHECK_FAILS(machine.outcome(), errc::conflict);
}

// The same bytes may have been put by another run, while this one's upload was never completed.
BOOST_AUTO_TEST_CASE(an_upload_whose_object_is_there_is_aborted_all_the_same) {
  const auto found_after_lost_answers = [] {
    s3::upload machine = begun();
    store_all_parts(machine);
    for (int i = 0; i < s3::attempts_max; ++i) {
      machine.failed(take(machine, step_kind::complete), lost);
    }
    take(machine, step_kind::look);
    machine.looked(finding::same, "whole-5");
    BOOST_TEST(machine.upload_id() == "id");
    return machine;
  };
  s3::upload aborted = found_after_lost_answers();
  aborted.stop({errc::interrupted, "", "a signal", ""});
  clean_up(aborted);
  BOOST_TEST(aborted.outcome().value() == "whole-5");

  s3::upload stays = found_after_lost_answers();
  stays.failed(take(stays, step_kind::abort), denied);
  BOOST_TEST(stays.outcome().value() == "whole-5");
  BOOST_TEST(stays.upload_id() == "id");
}

BOOST_AUTO_TEST_CASE(a_stop_waits_for_what_is_under_way_and_aborts) {
  const failure interrupted = {errc::interrupted, "", "a signal", ""};
  s3::upload machine = begun();
  const step part = take(machine, step_kind::upload_part);
  machine.stop(interrupted);
  BOOST_TEST(!machine.next());
  machine.failed(part, lost);
  clean_up(machine);
  CHECK_FAILS(machine.outcome(), errc::interrupted);

  s3::upload early(65 * mib);
  early.stop(interrupted);
  BOOST_TEST(early.is_done());
  CHECK_FAILS(early.outcome(), errc::interrupted);

  s3::upload creating(65 * mib);
  take(creating, step_kind::create);
  creating.stop(interrupted);
  creating.created("id");
  clean_up(creating);

  s3::upload late = begun();
  store_all_parts(late);
  const step complete = take(late, step_kind::complete);
  late.stop(interrupted);
  late.stored(complete, "whole-5");
  BOOST_TEST(late.outcome().value() == "whole-5");
}

BOOST_AUTO_TEST_CASE(an_upload_is_aborted_until_its_parts_are_gone) {
  s3::upload machine = s3::upload::left_behind("id");
  for (int i = 0; i < 3; ++i) {
    take(machine, step_kind::abort);
    machine.aborted();
    take(machine, step_kind::list_parts);
    machine.listed(i < 2 ? 1 : 0);
  }
  BOOST_TEST(machine.is_done());
  CHECK_OK(machine.outcome());
  BOOST_TEST(machine.upload_id() == "");

  s3::upload gone_already = s3::upload::left_behind("id");
  gone_already.failed(take(gone_already, step_kind::abort), gone);
  CHECK_OK(gone_already.outcome());
}

// The policy that exports need does not let them list parts.
BOOST_AUTO_TEST_CASE(who_may_not_look_takes_the_word_of_the_abort) {
  s3::upload machine = s3::upload::left_behind("id");
  take(machine, step_kind::abort);
  machine.aborted();
  machine.failed(take(machine, step_kind::list_parts), denied);
  BOOST_TEST(machine.is_done());
  CHECK_OK(machine.outcome());
  BOOST_TEST(machine.upload_id() == "");
}

BOOST_AUTO_TEST_CASE(an_upload_that_stays_is_named_to_the_end) {
  s3::upload forbidden = s3::upload::left_behind("id");
  forbidden.failed(take(forbidden, step_kind::abort), denied);
  CHECK_FAILS(forbidden.outcome(), errc::denied);
  BOOST_TEST(forbidden.upload_id() == "id");

  s3::upload stubborn = s3::upload::left_behind("id");
  for (int i = 0; i < s3::attempts_max; ++i) {
    take(stubborn, step_kind::abort);
    stubborn.aborted();
    take(stubborn, step_kind::list_parts);
    stubborn.listed(2);
  }
  CHECK_FAILS(stubborn.outcome(), errc::unavailable);
  BOOST_TEST(stubborn.upload_id() == "id");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::s3_multipart_tests
