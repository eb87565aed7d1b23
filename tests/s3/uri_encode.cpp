#include "s3/uri_encode.hpp"

#include <boost/test/unit_test.hpp>

#include <random>
#include <string>
#include <string_view>

namespace spillway::s3_uri_encode_tests {
namespace {

using spillway::s3::slashes;
using spillway::s3::uri_decode;
using spillway::s3::uri_encode;
using namespace std::string_view_literals;

}  // namespace

BOOST_AUTO_TEST_SUITE(s3_uri_encode)

BOOST_AUTO_TEST_CASE(a_path_keeps_its_slashes_and_a_query_does_not) {
  const struct {
    std::string_view text, path, query;
  } rows[] = {
      {"", "", ""},
      {"1/1_2020-01-25_17#1.json.gz", "1/1_2020-01-25_17%231.json.gz", "1%2F1_2020-01-25_17%231.json.gz"},
      {"-189524/-189524_2020-01-25_17.json.gz", "-189524/-189524_2020-01-25_17.json.gz",
       "-189524%2F-189524_2020-01-25_17.json.gz"},
      {"a b+c", "a%20b%2Bc", "a%20b%2Bc"},
      {"100%", "100%25", "100%25"},
      // What is encoded already is encoded again: '%' is a character like others.
      {"%20", "%2520", "%2520"},
      {"~-._", "~-._", "~-._"},
      {"!'()*", "%21%27%28%29%2A", "%21%27%28%29%2A"},
      {"&=?#;:@,$", "%26%3D%3F%23%3B%3A%40%2C%24", "%26%3D%3F%23%3B%3A%40%2C%24"},
      {"žluť/東京", "%C5%BElu%C5%A5/%E6%9D%B1%E4%BA%AC", "%C5%BElu%C5%A5%2F%E6%9D%B1%E4%BA%AC"},
      // Nothing is normalised.
      {"//a/./../", "//a/./../", "%2F%2Fa%2F.%2F..%2F"},
      {"\0\t\r\n\x7f\xff"sv, "%00%09%0D%0A%7F%FF", "%00%09%0D%0A%7F%FF"},
  };
  for (const auto& row : rows) {
    BOOST_TEST(uri_encode(row.text, slashes::keep) == row.path);
    BOOST_TEST(uri_encode(row.text, slashes::encode) == row.query);
  }
}

BOOST_AUTO_TEST_CASE(sixty_six_bytes_stay_as_they_are) {
  int unchanged = 0;
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text(1, static_cast<char>(byte));
    const std::string encoded = uri_encode(text, slashes::encode);
    unchanged += encoded == text ? 1 : 0;
    BOOST_TEST((encoded == text || (encoded.size() == 3 && encoded[0] == '%')), "byte " << byte);
  }
  BOOST_TEST(unchanged == 66);
}

BOOST_AUTO_TEST_CASE(whatever_was_encoded_is_decoded_again) {
  std::mt19937 random(11);
  for (int i = 0; i < 2000; ++i) {
    std::string text(random() % 40, '\0');
    for (char& byte : text) {
      byte = static_cast<char>(random());
    }
    BOOST_REQUIRE((uri_decode(uri_encode(text, slashes::keep)) == text));
    BOOST_REQUIRE((uri_decode(uri_encode(text, slashes::encode)) == text));
  }
}

BOOST_AUTO_TEST_CASE(decoding_leaves_all_but_percent_signs_alone) {
  BOOST_TEST((uri_decode("a+b c/%2f%2F") == "a+b c///"));
  BOOST_TEST((uri_decode("") == ""));
}

BOOST_AUTO_TEST_CASE(a_percent_sign_without_two_digits_is_refused) {
  for (const std::string_view text : {"%", "a%", "%2", "%g0", "%0g", "%%20", "% 1", "%+1", "%-1"}) {
    BOOST_TEST(!uri_decode(text).has_value(), "\"" << text << "\" was taken");
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::s3_uri_encode_tests
