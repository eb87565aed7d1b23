#include "s3/denial.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace spillway::s3_denial_tests {
namespace {

using spillway::s3::denial;
using spillway::s3::parse_denial;

}  // namespace

BOOST_AUTO_TEST_SUITE(s3_denial)

BOOST_AUTO_TEST_CASE(a_text_that_names_an_action_is_read) {
  const struct {
    std::string text;
    std::string permission;
    std::string denied_by;
  } rows[] = {
      {"X is not authorized to perform: s3:GetObject because no session policy allows the s3:GetObject action",
       "s3:GetObject", "session policy"},
      {"X is not authorized to perform: s3:Get* with an explicit deny in an identity-based policy", "s3:Get*",
       "identity-based policy"},
      {"X is not authorized to perform: s3:PutObject with an explicit deny in a VPC endpoint policy, and more",
       "s3:PutObject", "VPC endpoint policy"},
      {"X is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::1:role/a", "sts:AssumeRole", ""}};
  for (const auto& row : rows) {
    const denial found = parse_denial(row.text);
    BOOST_TEST_CONTEXT(row.text) {
      BOOST_TEST(found.permission == row.permission);
      BOOST_TEST(found.denied_by == row.denied_by);
    }
  }
}

BOOST_AUTO_TEST_CASE(other_texts_name_nothing) {
  for (const char* text :
       {"", "Access Denied", "Access Denied.", "is not authorized to perform: ", "is not authorized to perform: s3",
        "is not authorized to perform: s3:", "is not authorized to perform: :PutObject",
        "is not authorized to perform: a:b:c", "is not authorized to perform: <script>",
        "because no identity-based policy allows it"}) {
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(parse_denial(text).permission == "");
      BOOST_TEST(parse_denial(text).denied_by == "");
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::s3_denial_tests
