#include "bucket/s3_upload.hpp"

#include <optional>
#include <string>

#include <boost/test/unit_test.hpp>

namespace spillway::bucket::s3_upload_tests {
namespace {

constexpr std::size_t part_bytes = std::size_t{16} << 20;

// As a part takes it and gives it back; what it had before.
std::size_t send_part(part_buffers& buffers) {
  std::string buffer = buffers.take();
  const std::size_t had = buffer.capacity();
  buffer.reserve(part_bytes);
  buffers.give_back(std::move(buffer));
  return had;
}

BOOST_AUTO_TEST_SUITE(bucket_s3_upload)

BOOST_AUTO_TEST_CASE(buffers_keep_their_memory_while_there_is_an_upload_and_no_longer) {
  part_buffers buffers(2);
  std::optional<part_buffers::user> first(buffers);
  BOOST_TEST(send_part(buffers) < part_bytes);
  BOOST_TEST(send_part(buffers) >= part_bytes);
  std::optional<part_buffers::user> second(buffers);
  first.reset();
  BOOST_TEST(send_part(buffers) >= part_bytes);
  second.reset();
  for (int each = 0; each < 2; ++each) {
    BOOST_TEST(buffers.take().capacity() < part_bytes);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::bucket::s3_upload_tests
