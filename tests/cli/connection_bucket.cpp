#include "cli/connection_bucket.hpp"

#include "support/check_result.hpp"

#include <filesystem>

namespace spillway::cli::connection_bucket_tests {
namespace {

BOOST_AUTO_TEST_SUITE(cli_connection_bucket)

BOOST_AUTO_TEST_CASE(a_ca_bundle_is_kept_for_those_who_start_elsewhere) {
  aws_choice chosen;
  BOOST_TEST(access_settings_of(chosen).ca_bundle == "");
  chosen.settings.ca_bundle = "/etc/ca.pem";
  BOOST_TEST(access_settings_of(chosen).ca_bundle == "/etc/ca.pem");
  chosen.settings.ca_bundle = "ca.pem";
  BOOST_TEST(access_settings_of(chosen).ca_bundle == (std::filesystem::current_path() / "ca.pem").string());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::cli::connection_bucket_tests
