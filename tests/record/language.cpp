#include "record/language.hpp"

#include "language_table.hpp"

#include <boost/test/unit_test.hpp>

#include <string_view>

namespace spillway::record_language_tests {
namespace {
using spillway::record::language_name;
}

BOOST_AUTO_TEST_SUITE(record_language)

BOOST_AUTO_TEST_CASE(a_tag_becomes_a_name) {
  const std::pair<std::string_view, std::string_view> table[] = {{"en-US", "English"},
                                                                 {"en", "English"},
                                                                 {"ga", "Ga"},
                                                                 {"nl-BE", "Flemish"},
                                                                 {"nb", "Norwegian"},
                                                                 {"nn", "Norwegian"},
                                                                 {"no", "Norwegian"},
                                                                 {"ro-MD", "Moldavian"},
                                                                 {"zh", "Chinese"},
                                                                 {"zh-Hans", "Chinese"},
                                                                 {"zh_CN", "Chinese"},
                                                                 {"aa", "Afar"},
                                                                 {"\xc4\x8d"
                                                                  "e\xc5\xa1tina",
                                                                  "Czech"}};
  for (const auto& [tag, name] : table) {
    BOOST_TEST_CONTEXT(tag) { BOOST_TEST(language_name(tag) == name); }
  }
}

BOOST_AUTO_TEST_CASE(upper_and_lower_case_are_one) {
  for (const std::string_view tag : {"EN-us", "en-us", "En-Us"}) {
    BOOST_TEST(language_name(tag) == "English");
  }
  BOOST_TEST(language_name("ABKHAZIAN") == "Abkhazian");
}

BOOST_AUTO_TEST_CASE(every_tag_of_the_table_is_found_in_small_and_in_capital_letters) {
  const auto rows = spillway::test::language_rows();
  BOOST_REQUIRE(rows.size() > 1000U);
  for (const auto& [tag, name] : rows) {
    BOOST_TEST_CONTEXT(tag) {
      BOOST_TEST(language_name(tag) == name);
      BOOST_TEST(language_name(spillway::test::with_letters(tag, &towupper_l)) == name);
      BOOST_TEST(language_name(spillway::test::with_letters(tag, &towlower_l)) == name);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_name_stays_itself_and_so_does_what_is_not_in_the_table) {
  for (const std::string_view tag : {"English", "Klingonese-XX", "", "en-", "-",
                                     "\xc5\xbe"
                                     "lu\xc5\xa5ou\xc4\x8d"
                                     "k\xc3\xbd"}) {
    BOOST_TEST_CONTEXT(tag) { BOOST_TEST(language_name(tag) == tag); }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::record_language_tests
