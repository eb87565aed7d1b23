#include "model/storage.hpp"

#include <boost/test/unit_test.hpp>

namespace spillway::model::storage_tests {
namespace {

BOOST_AUTO_TEST_SUITE(model_storage)

BOOST_AUTO_TEST_CASE(encryptions_have_the_names_of_the_header) {
  for (const encryption what :
       {encryption::bucket_default, encryption::none, encryption::sse_s3, encryption::sse_kms}) {
    BOOST_CHECK(base::parse_name<encryption>(to_string(what)) == what);
  }
  BOOST_TEST(to_string(encryption::sse_s3) == "AES256");
  BOOST_TEST(to_string(encryption::sse_kms) == "aws:kms");
  BOOST_TEST(!base::parse_name<encryption>("kms").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::model::storage_tests
