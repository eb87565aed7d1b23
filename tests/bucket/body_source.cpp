#include "bucket/bucket.hpp"
#include "contract/bucket_contract.hpp"
#include "support/check_result.hpp"

#include <string>

namespace spillway::bucket::body_source_tests {
namespace {

BOOST_AUTO_TEST_SUITE(bucket_body_source)

BOOST_AUTO_TEST_CASE(every_range_of_a_body_can_be_read_by_itself) {
  const std::string text = "0123456789";
  for (const std::size_t piece_bytes : {1U, 3U, 10U}) {
    test::piecewise_body body(text, piece_bytes);
    for (std::size_t first = 0; first < text.size(); ++first) {
      for (std::size_t count = 1; first + count <= text.size(); ++count) {
        std::string got;
        CHECK_OK(body.read_range(first, count, [&got](std::string_view piece) {
          got += piece;
          return result<void>();
        }));
        BOOST_TEST(got == text.substr(first, count));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_failure_of_the_sink_ends_the_reading_of_a_range) {
  test::piecewise_body body("0123456789", 2);
  const auto read =
      body.read_range(3, 5, [](std::string_view) -> result<void> { return failure{errc::io, "", "stop", ""}; });
  CHECK_FAILS(read, errc::io);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::bucket::body_source_tests
