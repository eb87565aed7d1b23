// The bucket that other tests stand on is held to what every bucket is.
#include "support/memory_bucket.hpp"

#include "contract/bucket_contract.hpp"
#include "support/check_result.hpp"

namespace spillway::test::memory_bucket_tests {
namespace {

const base::fixed_clock the_clock(base::from_us(1'579'975'200'000'000));

std::shared_ptr<bucket::bucket> make_bucket() { return std::make_shared<memory_bucket>(the_clock); }

BOOST_AUTO_TEST_SUITE(bucket_memory_bucket)

#define RUN(name) \
  BOOST_AUTO_TEST_CASE(name) { contract::name(make_bucket); }
SPILLWAY_BUCKET_CONTRACT(RUN)
SPILLWAY_BUCKET_ONE_STEP_CONTRACT(RUN)
SPILLWAY_BUCKET_ENCRYPTION_CONTRACT(RUN)
#undef RUN

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::test::memory_bucket_tests
