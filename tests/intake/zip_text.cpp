#include "intake/zip_text.hpp"

#include "reading.hpp"
#include "zip_writer.hpp"

#include <string>
#include <utility>
#include <vector>

namespace spillway::intake_zip_text_tests {
namespace {

using namespace spillway::intake;
using test::any_ratio;
using test::gzipped;
using test::temp_dir;
using test::write_file;
using test::zip_writer;

using texts_by_name = std::vector<std::pair<std::string, std::string>>;

result<texts_by_name> texts_of(const std::string& bytes, codec::gunzip_limits limits = any_ratio) {
  const temp_dir dir;
  SPILLWAY_TRY_ASSIGN(const auto file, file_source::open(write_file(dir, "export.zip", bytes)));
  SPILLWAY_TRY_ASSIGN(const auto texts, open_text(*file, open_zip_text, limits));
  texts_by_name all;
  std::string piece(1000, '\0');
  for (;;) {
    SPILLWAY_TRY_ASSIGN(auto name, texts->next());
    if (!name) {
      return all;
    }
    all.emplace_back(std::move(*name), "");
    for (std::size_t got = 1; got > 0;) {
      SPILLWAY_TRY_ASSIGN(got, texts->read(piece.data(), piece.size()));
      all.back().second.append(piece, 0, got);
    }
  }
}

const std::string first_name = "187520/187520_2020-01-25_17#1.json.gz";
const std::string second_name = "187520/187520_2020-01-25_9#12.json.gz";

}  // namespace

BOOST_AUTO_TEST_SUITE(intake_zip_text)

BOOST_AUTO_TEST_CASE(what_a_directory_passes_over_is_passed_over_in_a_zip) {
  const auto texts = texts_of(zip_writer()
                                  .add(".spillway/objects/x", "no")
                                  .add(first_name, "one\n")
                                  .add("187520/187520_2020-01-25_17_complete", "no")
                                  .add("__MACOSX/._a.jsonl", "no")
                                  .add("a/.DS_Store", "no", test::stored)
                                  .add("./b/c.jsonl", "two\n")
                                  .add("187520_2020-01-25_9_complete", "")
                                  .finish());
  REQUIRE_OK(texts);
  const texts_by_name wanted = {{first_name, "one\n"}, {"./b/c.jsonl", "two\n"}};
  BOOST_TEST((*texts == wanted));
}

BOOST_AUTO_TEST_CASE(members_that_are_gzip_are_inflated_and_others_are_not) {
  const auto texts = texts_of(zip_writer()
                                  .add(first_name, gzipped("one\n") + gzipped("two\n"))
                                  .add("plain.jsonl", "three\n")
                                  .add("empty", "")
                                  .add("empty.gz", gzipped(""))
                                  .add(second_name, gzipped("four"), test::stored)
                                  .finish());
  REQUIRE_OK(texts);
  const texts_by_name wanted = {
      {first_name, "one\ntwo\n"}, {"plain.jsonl", "three\n"}, {"empty", ""}, {"empty.gz", ""}, {second_name, "four"}};
  BOOST_TEST((*texts == wanted));
}

BOOST_AUTO_TEST_CASE(a_zip_without_members_has_no_text) { BOOST_TEST(texts_of(zip_writer().finish()).value().empty()); }

BOOST_AUTO_TEST_CASE(a_member_that_is_not_read_to_its_end_is_passed_over) {
  const temp_dir dir;
  const auto file = file_source::open(
      write_file(dir, "a.zip", zip_writer().add("a", std::string(50'000, 'a')).add("b", "b").finish()));
  REQUIRE_OK(file);
  const auto texts = open_zip_text(**file, any_ratio);
  REQUIRE_OK(texts);
  BOOST_TEST(((*texts)->next().value() == "a"));
  char byte = 0;
  BOOST_TEST((*texts)->read(&byte, 1).value() == 1U);
  BOOST_TEST(((*texts)->next().value() == "b"));
  BOOST_TEST((*texts)->read(&byte, 1).value() == 1U);
  BOOST_TEST(byte == 'b');
}

BOOST_AUTO_TEST_CASE(a_zip_in_a_zip_is_refused_by_name) {
  const auto texts = texts_of(zip_writer().add("inner.zip", zip_writer().add("a", "a").finish()).finish());
  CHECK_FAILS(texts, errc::invalid);
  BOOST_TEST(texts.error().text().find("inner.zip") != std::string::npos, texts.error().text());
  BOOST_TEST(texts.error().hint.find("unpack") != std::string::npos, texts.error().hint);
}

BOOST_AUTO_TEST_CASE(a_damaged_member_is_named) {
  std::string wrong_crc = gzipped("text\n");
  wrong_crc[wrong_crc.size() - 8] ^= 1;
  for (const std::string& member : {gzipped("text\n").substr(0, 15), wrong_crc}) {
    const auto texts = texts_of(zip_writer().add("good", "good\n").add(first_name, member).finish());
    CHECK_FAILS(texts, errc::corrupt);
    BOOST_TEST(texts.error().text().find(first_name) != std::string::npos, texts.error().text());
  }
  CHECK_FAILS(texts_of(zip_writer().damage_next_crc().add("a", "text\n").finish()), errc::corrupt);
}

BOOST_AUTO_TEST_CASE(limits_hold_for_each_member) {
  const std::string member = gzipped(std::string(900, 'x'));
  CHECK_OK(texts_of(zip_writer().add("a", member).add("b", member).finish(), {.text_bytes_max = 1000}));
  for (const std::string& text : {gzipped(std::string(1001, 'x')), std::string(1001, 'x')}) {
    CHECK_FAILS(texts_of(zip_writer().add("a", text).finish(), {.text_bytes_max = 1000}), errc::too_large);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_zip_is_invalid) {
  const temp_dir dir;
  const auto file = file_source::open(write_file(dir, "a.zip", "no zip at all"));
  REQUIRE_OK(file);
  CHECK_FAILS(open_zip_text(**file, any_ratio), errc::invalid);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::intake_zip_text_tests
