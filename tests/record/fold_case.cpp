#include "record/fold_case.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <string_view>

namespace spillway::record_fold_case_tests {
namespace {

std::string folded(std::string_view text) {
  std::string out(text);
  spillway::record::fold_case(out);
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(record_fold_case)

BOOST_AUTO_TEST_CASE(capital_letters_become_small) {
  const struct {
    std::string_view text;
    std::string_view small;
  } cases[] = {
      {"", ""},
      {"Brno-42 [AZ] @`{", "brno-42 [az] @`{"},
      {"ÀÖ×ØÞß÷", "àö×øþß÷"},
      {"PŘÍLIŠ ŽLUŤOUČKÝ KŮŇ", "příliš žluťoučký kůň"},
      {"ŁÓDŹ ĲŸŐŰ ȘȚ", "łódź ĳÿőű șț"},
      {"ΑΘΉΝΑ Ώ Ϊ ς", "αθήνα ώ ϊ σ"},
      {"МОСКВА ЁЖ ЇҐ ӨҮ", "москва ёж їґ өү"},
      {"ԵՐԵՎԱՆ", "երեվան"},
      {"HÀ NỘI ƠƯ ẠỸ", "hà nội ơư ạỹ"},
      {"AZƏRBAYCAN EƲEGBE KAKƆ ƁÀSÀA KƗLAANGI TAMAZIƔT", "azərbaycan eʋegbe kakɔ ɓàsàa kɨlaangi tamaziɣt"},
      {"ᲥᲐᲠᲗᲣᲚᲘ", "ქართული"},
      {"ꮳꮃꭹ", "ᏣᎳᎩ"},                          // Unicode folds Cherokee to its capital letters
      {"東京 😀 عربي ıİ", "東京 😀 عربي ıİ"},  // no capital letters, or none of as many bytes
  };
  for (const auto& each : cases) {
    BOOST_TEST(folded(each.text) == each.small);
    BOOST_TEST(folded(each.small) == each.small);
  }
}

BOOST_AUTO_TEST_CASE(a_cut_character_stays) {
  for (const char* text : {"a\xc3", "a\xe1", "a\xe1\xba", "a\xea\xad"}) {
    BOOST_TEST(folded(text) == text);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::record_fold_case_tests
