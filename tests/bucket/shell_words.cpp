#include "bucket/shell_words.hpp"

#include "support/check_result.hpp"

namespace spillway::bucket::shell_words_tests {
namespace {

using words = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(bucket_shell_words)

BOOST_AUTO_TEST_CASE(words_end_at_blanks_but_not_in_quotes_or_behind_a_backslash) {
  const std::pair<const char*, words> rows[] = {
      {"", {}},
      {"  ", {}},
      {" a\tb ", {"a", "b"}},
      {"'a b' c", {"a b", "c"}},
      {R"("a 'b'" c)", {"a 'b'", "c"}},
      {R"(a\ b)", {"a b"}},
      {R"(a' 'b)", {"a b"}},
      {R"('' "")", {"", ""}},
      {R"("\"\\\n")", {R"("\\n)"}},
      {R"('\')", {R"(\)"}},
  };
  for (const auto& [line, wanted] : rows) {
    BOOST_TEST_CONTEXT(line) { BOOST_CHECK(shell_words(line) == wanted); }
  }
}

BOOST_AUTO_TEST_CASE(nothing_is_replaced) {
  const words wanted = {"$HOME", "`id`", "*", "~", "a|b;", "(x)", "<y>", "#z"};
  BOOST_CHECK(shell_words("$HOME `id` * ~ a|b; (x) <y> #z") == wanted);
}

BOOST_AUTO_TEST_CASE(what_does_not_end_is_no_line) {
  for (const char* line : {"'a", "\"a", "a\\", "\"a\\\""}) {
    BOOST_TEST_CONTEXT(line) { BOOST_TEST(!shell_words(line).has_value()); }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::bucket::shell_words_tests
