#include "export/staged_objects.hpp"

#include "support/export_run.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <string>

namespace spillway::exporting::staged_objects_tests {
namespace {

base::sha256_digest hash_of(std::size_t number) { return base::sha256_of(std::to_string(number)); }

class failing_stage final : public bucket::staged_body {
public:
  result<void> write(std::string_view) override { return failure{errc::no_space, "writing", "the disk is full", {}}; }
};

// Two hours of several objects each.
struct fixture : test::export_run {
  fixture() {
    add(120, 0, 20'000);
    add(120, 1, 20'000);
    to.object_bytes_max = 1;
    bucket().on_put = [this](bucket::put_options& options) {
      ++(options.staged != nullptr ? puts_of_staged : puts_of_bodies);
    };
  }
  // Jobs put on threads of their own.
  std::atomic<int> puts_of_staged = 0;
  std::atomic<int> puts_of_bodies = 0;
};

test::tree delivered_without_a_stage() {
  fixture run;
  run.bucket().on_stage = [] { return nullptr; };
  run.deliver();
  BOOST_TEST(run.puts_of_staged == 0);
  return run.objects();
}

BOOST_FIXTURE_TEST_SUITE(export_staged_objects, fixture)

BOOST_AUTO_TEST_CASE(what_is_planned_and_delivered_in_one_run_is_put_from_the_stage) {
  const summary done = deliver();
  BOOST_TEST(done.objects > 2);
  BOOST_TEST(puts_of_staged == done.objects);
  BOOST_TEST(puts_of_bodies == 2);  // the markers
  BOOST_TEST(test::difference(objects(), delivered_without_a_stage()) == "");
}

BOOST_AUTO_TEST_CASE(what_was_planned_before_is_read_again) {
  REQUIRE_OK(plan());
  deliver();
  BOOST_TEST(puts_of_staged == 0);
  BOOST_TEST(test::difference(objects(), delivered_without_a_stage()) == "");
}

BOOST_AUTO_TEST_CASE(what_can_not_be_staged_is_put_all_the_same) {
  bucket().on_stage = [] { return std::make_unique<failing_stage>(); };
  deliver();
  BOOST_TEST(puts_of_staged == 0);
  bucket().on_stage = [] { return failure{errc::no_space, "making a file", "the disk is full", {}}; };
  add(3, 2);
  deliver();
  BOOST_TEST(puts_of_staged == 0);
}

BOOST_AUTO_TEST_CASE(one_is_handed_out_once_by_its_hash) {
  staged_objects staged(tried_bucket());
  auto whole = staged.begin();
  BOOST_REQUIRE(whole != nullptr);
  const bucket::staged_body* const it = whole.get();
  staged.keep(hash_of(1), std::move(whole));
  BOOST_CHECK(staged.take(hash_of(2)) == nullptr);
  const auto taken = staged.take(hash_of(1));
  BOOST_CHECK(taken.get() == it);
  BOOST_CHECK(staged.take(hash_of(1)) == nullptr);
}

BOOST_AUTO_TEST_CASE(so_many_are_kept_and_no_more) {
  staged_objects staged(tried_bucket(), 3);
  for (std::size_t i = 0; i < 3; ++i) {
    auto whole = staged.begin();
    BOOST_REQUIRE(whole != nullptr);
    staged.keep(hash_of(i), std::move(whole));
  }
  BOOST_CHECK(staged.begin() == nullptr);
  staged.take(hash_of(0));
  BOOST_CHECK(staged.begin() != nullptr);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::exporting::staged_objects_tests
