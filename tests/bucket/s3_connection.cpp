#include "bucket/s3_connection.hpp"

#include "support/check_result.hpp"

#include <string>

namespace spillway::bucket::s3_connection_tests {
namespace {

const base::system_clock the_clock;

result<s3_connection> connect(const std::string& region, const std::string& endpoint_url) {
  s3_options wanted;
  wanted.name = "raw";
  wanted.aws.region = region;
  wanted.aws.endpoint_url = endpoint_url;
  return connect_s3(wanted, the_clock, {});
}

BOOST_AUTO_TEST_SUITE(bucket_s3_connection)

// A region is signed for wherever the bucket is.
BOOST_AUTO_TEST_CASE(what_is_no_region_is_refused_at_every_endpoint) {
  for (const char* endpoint_url : {"", "http://127.0.0.1:9000"}) {
    for (const char* region : {"us east/1", "eu-west-1 # mine", "EU-WEST-1", "a.b"}) {
      BOOST_TEST_CONTEXT(region << " at " << endpoint_url) {
        const auto made = connect(region, endpoint_url);
        CHECK_FAILS(made, errc::usage);
        BOOST_TEST(made.error().text().find(region) != std::string::npos);
        BOOST_TEST(made.error().hint.find("--region") != std::string::npos);
      }
    }
    CHECK_OK(connect("eu-west-1", endpoint_url));
    CHECK_OK(connect("garage", endpoint_url));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::bucket::s3_connection_tests
