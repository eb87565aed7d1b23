#include "bucket/retry.hpp"

#include "support/check_result.hpp"

#include <thread>
#include <vector>

namespace spillway::bucket::retry_tests {
namespace {

using std::chrono::milliseconds;

struct fixture {
  std::vector<milliseconds> waits;
  double random = 0;
  int patience = 100;  // so many waits, then a stop is asked for
  int requests = 0;
  retry_world world{[this](milliseconds delay) {
                      waits.push_back(delay);
                      return static_cast<int>(waits.size()) <= patience;
                    },
                    [this] { return random; }};

  // A request that fails with these codes, one after another, and then succeeds.
  result<int> request(const std::vector<errc>& codes) {
    requests = 0;
    waits.clear();
    return with_retries<int>(world, [&]() -> result<int> {
      const auto number = static_cast<std::size_t>(requests++);
      if (number < codes.size()) {
        return failure{codes[number], "putting a", "attempt " + std::to_string(requests), {}};
      }
      return 7;
    });
  }
};

BOOST_FIXTURE_TEST_SUITE(bucket_retry, fixture)

BOOST_AUTO_TEST_CASE(the_longest_waits_are_those_of_the_table) {
  const std::pair<int, milliseconds> unavailable[] = {{2, milliseconds{50}}, {3, milliseconds{100}}, {4, milliseconds{200}},
                                                      {5, milliseconds{400}}, {11, milliseconds{20'000}}, {100, milliseconds{20'000}}};
  for (const auto& [attempt, longest] : unavailable) {
    BOOST_TEST(retry_delay_max(errc::unavailable, attempt).count() == longest.count());
  }
  const std::pair<int, milliseconds> throttled[] = {{2, milliseconds{1'000}}, {3, milliseconds{2'000}}, {4, milliseconds{4'000}},
                                                    {5, milliseconds{8'000}}, {7, milliseconds{20'000}}};
  for (const auto& [attempt, longest] : throttled) {
    BOOST_TEST(retry_delay_max(errc::throttled, attempt).count() == longest.count());
  }
}

BOOST_AUTO_TEST_CASE(success_needs_one_request) {
  BOOST_TEST(request({}).value() == 7);
  BOOST_TEST(requests == 1);
  BOOST_TEST(waits.empty());
}

BOOST_AUTO_TEST_CASE(a_passing_failure_is_tried_five_times_in_all) {
  for (const errc code : {errc::throttled, errc::unavailable}) {
    BOOST_TEST(request({code, code, code, code}).value() == 7);
    BOOST_TEST(requests == 5);
    const auto given_up = request({code, code, code, code, code, code});
    CHECK_FAILS(given_up, code);
    BOOST_TEST(given_up.error().cause == "attempt 5");
    BOOST_TEST(requests == 5);
    BOOST_TEST(waits.size() == 4U);
  }
}

BOOST_AUTO_TEST_CASE(waits_are_random_up_to_the_longest) {
  const errc code = errc::throttled;
  (void)request({code, code, code, code});
  BOOST_CHECK((waits == std::vector{milliseconds{0}, milliseconds{0}, milliseconds{0}, milliseconds{0}}));
  random = 0.5;
  (void)request({code, errc::unavailable, code, code});
  BOOST_CHECK((waits == std::vector{milliseconds{500}, milliseconds{50}, milliseconds{2'000}, milliseconds{4'000}}));
  random = 0.999'999;
  (void)request({code, code, code, code});
  BOOST_CHECK((waits == std::vector{milliseconds{999}, milliseconds{1'999}, milliseconds{3'999}, milliseconds{7'999}}));
}

BOOST_AUTO_TEST_CASE(what_does_not_pass_is_not_tried_again) {
  for (const errc code : {errc::denied, errc::not_found, errc::conflict, errc::corrupt, errc::invalid, errc::no_space, errc::io,
                          errc::interrupted, errc::usage, errc::bug, errc::too_large, errc::locked, errc::state}) {
    CHECK_FAILS(request({code}), code);
    BOOST_TEST(requests == 1);
    BOOST_TEST(!is_passing(code));
  }
  CHECK_FAILS(request({errc::throttled, errc::denied}), errc::denied);
  BOOST_TEST(requests == 2);
}

BOOST_AUTO_TEST_CASE(a_stop_ends_the_waiting) {
  patience = 1;
  const auto stopped = request({errc::throttled, errc::throttled, errc::throttled});
  CHECK_FAILS(stopped, errc::interrupted);
  BOOST_TEST(stopped.error().doing == "putting a");
  BOOST_TEST(requests == 2);
}

BOOST_AUTO_TEST_CASE(the_real_world_waits_until_it_is_asked_to_stop) {
  std::stop_source stop;
  const retry_world real = make_retry_world(stop.get_token());
  BOOST_TEST(real.wait(milliseconds{1}));
  std::thread asks([&stop] { stop.request_stop(); });
  BOOST_TEST(!real.wait(std::chrono::hours{1}));
  asks.join();
  BOOST_TEST(!real.wait(std::chrono::hours{1}));
  for (int i = 0; i < 1'000; ++i) {
    const double number = real.random();
    BOOST_TEST((number >= 0 && number < 1));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::bucket::retry_tests
