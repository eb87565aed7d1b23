#include "check/finding.hpp"

#include "support/check_result.hpp"

#include <vector>

namespace spillway::check::finding_tests {

BOOST_AUTO_TEST_SUITE(check_finding)

BOOST_AUTO_TEST_CASE(findings_alike_are_counted_and_the_first_is_kept) {
  tally findings("key");
  findings.add(finding_kind::type, "paying", 3, "first");
  findings.add(finding_kind::type, "paying", 9, "second");
  findings.add(finding_kind::type, "city", 2, "other");
  findings.add(finding_kind::gzip, {}, 0, "whole");
  std::vector<finding> reported;
  CHECK_OK(findings.report([&](const finding& each) -> result<void> {
    reported.push_back(each);
    return {};
  }));
  BOOST_REQUIRE(reported.size() == 3);
  BOOST_TEST(reported[0].what == "whole");
  BOOST_TEST(reported[1].what == "other");
  BOOST_TEST(reported[2].what == "first");
  BOOST_TEST(reported[2].line == 3);
  BOOST_TEST(reported[2].count == 2);
  BOOST_TEST(reported[2].key == "key");
}

BOOST_AUTO_TEST_CASE(a_failure_of_the_sink_ends_the_report) {
  tally findings("key");
  findings.add(finding_kind::type, "city", 2, "other");
  CHECK_FAILS(
      findings.report([](const finding&) -> result<void> { return failure{errc::io, "printing", "closed", {}}; }),
      errc::io);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::check::finding_tests
