#include "sweep/sweep.hpp"

#include <charconv>
#include <cstdlib>
#include <string_view>

namespace spillway::test {
namespace {

tree undisturbed_outcome(const scenario_maker& make) {
  const auto one = make();
  one->prepare();
  REQUIRE_OK(one->run());
  tree wanted = one->outcome();
  one->check(wanted);
  REQUIRE_OK(one->run());
  BOOST_REQUIRE_MESSAGE(difference(one->outcome(), wanted).empty(), "a second run changes something");
  return wanted;
}

void check_end(scenario& of, const tree& wanted) {
  of.check(wanted);
  const std::string differs = difference(of.outcome(), wanted);
  BOOST_CHECK_MESSAGE(differs.empty(), differs);
}

// False: nothing failed.
bool fail_at(std::int64_t nth, const scenario_maker& make, const fault_maker& faults, const tree& wanted) {
  const auto one = make();
  const auto source = faults(*one);
  one->prepare();
  source->arm(nth);
  const result<void> made = one->run();
  source->disarm();
  const std::string fired_at = source->fired_at();
  BOOST_TEST_CONTEXT("operation " << nth << ", " << (fired_at.empty() ? "which is not" : fired_at) << "; the run "
                                  << (made ? "succeeded" : "failed: " + made.error().text())) {
    if (made) {
      check_end(*one, wanted);
    } else {
      BOOST_TEST(!fired_at.empty());
      one->check(wanted);
      const result<void> again = one->run();
      BOOST_CHECK_MESSAGE(again, "the second run: " << (again ? "" : again.error().text()));
      check_end(*one, wanted);
    }
    source->check();
  }
  return !fired_at.empty();
}

}  // namespace

std::int64_t step_of(std::int64_t usual) {
  const char* said = std::getenv("SPILLWAY_SWEEP_STEP");
  std::int64_t step = 0;
  if (said == nullptr) {
    return usual;
  }
  const std::string_view text(said);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), step);
  BOOST_REQUIRE_MESSAGE(error == std::errc() && end == text.data() + text.size() && step >= 1,
                        "SPILLWAY_SWEEP_STEP is a number from 1 on");
  return step;
}

void sweep(const scenario_maker& make, const fault_maker& faults, std::int64_t step_usual) {
  const tree wanted = undisturbed_outcome(make);
  const std::int64_t step = step_of(step_usual);
  std::int64_t nth = 1;
  for (; fail_at(nth, make, faults, wanted); nth += step) {
  }
  BOOST_REQUIRE_MESSAGE(nth > 1, "nothing was made to fail");
  BOOST_TEST_MESSAGE("operations: fewer than " << nth << ", every " << step << ". one failed");
}

}  // namespace spillway::test
