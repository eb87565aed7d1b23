#include "cli/destination.hpp"

#include "support/check_result.hpp"
#include "support/temp_dir.hpp"

#include <cstdlib>
#include <fstream>

namespace spillway::cli::destination_tests {
namespace {

// What the environment and AWS's files say while a test runs.
struct aws_world {
  test::temp_dir dir;

  aws_world() {
    ::setenv("AWS_CONFIG_FILE", (dir / "config").c_str(), 1);
    ::setenv("AWS_SHARED_CREDENTIALS_FILE", (dir / "credentials").c_str(), 1);
    std::ofstream(dir / "credentials")
        << "[default]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = secret\n";
  }
  ~aws_world() {
    ::unsetenv("AWS_CONFIG_FILE");
    ::unsetenv("AWS_SHARED_CREDENTIALS_FILE");
  }

  void say_endpoint(const std::string& url) const {
    std::ofstream(dir / "config") << "[default]\nendpoint_url = " << url << "\n";
  }
};

BOOST_FIXTURE_TEST_SUITE(cli_destination, aws_world)

BOOST_AUTO_TEST_CASE(a_bucket_is_opened_at_the_endpoint_that_was_found_when_it_was_located) {
  const session with;
  say_endpoint("http://one.example:9000");
  const auto located = locate_destination("s3://raw/analytics", with);
  REQUIRE_OK(located);
  BOOST_TEST(located->place.endpoint == "http://one.example:9000");
  say_endpoint("http://other.example:9000");
  const auto asked = s3_options_of(*located, with.aws);
  REQUIRE_OK(asked);
  BOOST_TEST(asked->aws.endpoint_url == "http://one.example:9000");
  const auto again = asked->find_again();
  REQUIRE_OK(again);
  BOOST_TEST(again->endpoint_url == "http://one.example:9000");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::cli::destination_tests
