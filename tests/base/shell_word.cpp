#include "base/shell_word.hpp"

namespace spillway::base::shell_word_tests {
namespace {

BOOST_AUTO_TEST_SUITE(base_shell_word)

BOOST_AUTO_TEST_CASE(plain_words_stay_as_they_are) {
  BOOST_TEST(shell_word("s3://raw/analytics") == "s3://raw/analytics");
  BOOST_TEST(shell_word("/srv/state-2.db") == "/srv/state-2.db");
}

BOOST_AUTO_TEST_CASE(everything_else_is_quoted) {
  BOOST_TEST(shell_word("") == "''");
  BOOST_TEST(shell_word("-x") == "'-x'");
  BOOST_TEST(shell_word("two words; $HOME") == "'two words; $HOME'");
  BOOST_TEST(shell_word("it's") == "'it'\\''s'");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::base::shell_word_tests
