#include "intake/zip.hpp"

#include "support/check_result.hpp"
#include "zip_writer.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spillway::intake_zip_tests {
namespace {

using spillway::intake::byte_reader;
using spillway::intake::zip_reader;
using namespace spillway::test;

// Gives its bytes in pieces of at most `piece_bytes`, and fails where it is told to.
class text_reader final : public byte_reader {
public:
  explicit text_reader(std::string bytes, std::size_t piece_bytes = 1 << 20)
      : bytes_(std::move(bytes)), piece_bytes_(piece_bytes) {}
  void fail_at(std::size_t offset) { fails_at_ = offset; }
  bool is_read_to_the_end() const { return at_ == bytes_.size(); }

  result<std::size_t> read(char* out, std::size_t bytes_max) override {
    if (at_ >= fails_at_) {
      return failure{errc::io, "reading export.zip", "input/output error", {}};
    }
    const std::size_t bytes = std::min({bytes_max, piece_bytes_, bytes_.size() - at_});
    std::memcpy(out, bytes_.data() + at_, bytes);
    at_ += bytes;
    return bytes;
  }

private:
  std::string bytes_;
  std::size_t piece_bytes_;
  std::size_t at_ = 0;
  std::size_t fails_at_ = std::string::npos;
};

using members = std::vector<std::pair<std::string, std::string>>;

result<std::string> read_whole(zip_reader& zip, std::size_t piece_bytes = 1000) {
  std::string text;
  std::string piece(piece_bytes, '\0');
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const std::size_t bytes, zip.read(piece.data(), piece.size()));
    if (bytes == 0) {
      return text;
    }
    text.append(piece, 0, bytes);
  }
}

result<members> read_all(byte_reader& source, std::size_t piece_bytes = 1000) {
  SPILLWAY_TRY_ASSIGN(const auto zip, zip_reader::open(source));
  members all;
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const auto member, zip->next());
    if (!member) {
      return all;
    }
    SPILLWAY_TRY_ASSIGN(std::string text, read_whole(*zip, piece_bytes));
    all.emplace_back(member->name, std::move(text));
  }
}

result<members> read_all(const std::string& bytes) {
  text_reader source(bytes);
  return read_all(source);
}

std::string long_text() {
  std::string text;
  for (int i = 0; i < 40'000; ++i) {
    text += std::to_string(i * 7919) + "\n";
  }
  return text;
}

const std::string first_name = "187520/187520_2020-01-25_17#1.json.gz";
const std::string second_name = "187520/187520_2020-01-25_9#12.json.gz";

std::string two_members(std::uint16_t flags = plain, method how = deflate_method) {
  return zip_writer().add(first_name, "one\n", how, flags).add(second_name, long_text(), how, flags).finish();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(intake_zip)

BOOST_AUTO_TEST_CASE(members_come_in_their_order_with_their_bytes) {
  const members wanted{{first_name, "one\n"}, {second_name, long_text()}};
  for (const std::string& bytes : {two_members(), two_members(sizes_behind), two_members(plain, stored),
                                   two_members(utf8_name), two_members(sizes_behind | utf8_name)}) {
    const auto read = read_all(bytes);
    REQUIRE_OK(read);
    BOOST_TEST((*read == wanted));
  }
}

BOOST_AUTO_TEST_CASE(pieces_of_any_size_give_the_same_bytes) {
  const std::string bytes =
      zip_writer().add("a", "one\n").add("b", long_text().substr(0, 3000), stored).finish("a comment");
  const auto wanted = read_all(bytes);
  REQUIRE_OK(wanted);
  for (const std::size_t source_bytes : {1, 2, 3, 21, 22, 500}) {
    for (const std::size_t read_bytes : {1, 7, 4096}) {
      text_reader source(bytes, source_bytes);
      const auto read = read_all(source, read_bytes);
      REQUIRE_OK(read);
      BOOST_TEST((*read == *wanted));
      BOOST_TEST(source.is_read_to_the_end());
    }
  }
}

BOOST_AUTO_TEST_CASE(empty_zips_and_empty_members_are_fine) {
  const auto none = read_all(zip_writer().finish());
  REQUIRE_OK(none);
  BOOST_TEST(none->empty());
  const auto empty = read_all(zip_writer().add("a", "").add("b", "", stored).add("c", "c").finish());
  REQUIRE_OK(empty);
  BOOST_TEST((*empty == members{{"a", ""}, {"b", ""}, {"c", "c"}}));
}

BOOST_AUTO_TEST_CASE(folders_are_skipped) {
  const auto read =
      read_all(zip_writer().add("187520/", "", stored).add("187520/a", "a").add("b/", "", stored).finish());
  REQUIRE_OK(read);
  BOOST_TEST((*read == members{{"187520/a", "a"}}));
}

BOOST_AUTO_TEST_CASE(a_member_that_is_not_read_is_passed_over) {
  text_reader source(zip_writer().add("a", long_text()).add("b", "b").finish());
  const auto zip = zip_reader::open(source);
  REQUIRE_OK(zip);
  BOOST_TEST((*zip)->next().value()->name == "a");
  char some[10];
  BOOST_TEST((*zip)->read(some, sizeof some).value() == sizeof some);
  BOOST_TEST((*zip)->next().value()->name == "b");
  BOOST_TEST(read_whole(**zip).value() == "b");
  BOOST_TEST((*zip)->read(some, sizeof some).value() == 0u);
  BOOST_TEST(!(*zip)->next().value().has_value());
  BOOST_TEST(!(*zip)->next().value().has_value());
}

BOOST_AUTO_TEST_CASE(damage_in_a_member_that_is_not_read_is_found_too) {
  text_reader source(zip_writer().damage_next_crc().add("a", long_text()).add("b", "b").finish());
  const auto zip = zip_reader::open(source);
  REQUIRE_OK(zip);
  CHECK_OK((*zip)->next());
  CHECK_FAILS((*zip)->next(), errc::corrupt);
}

BOOST_AUTO_TEST_CASE(names_that_could_leave_a_folder_are_refused) {
  for (const std::string_view name : {"/etc/passwd", "../a", "a/../../b", "a/..", "..", "a/b\\c", "..\\a", "\\a",
                                      "a\nb", "a\x1b[2J", "a\x7f", "//a", "../"}) {
    for (const std::uint16_t flags : {plain, utf8_name}) {
      BOOST_TEST_CONTEXT(name) {
        const auto read = read_all(zip_writer().add(name, "x", deflate_method, flags).finish());
        CHECK_FAILS(read, errc::invalid);
        BOOST_TEST(read.error().text().find_first_of("\n\x1b\x7f") == std::string::npos);
      }
    }
  }
  CHECK_FAILS(read_all(zip_writer().add("", "x").finish()), errc::invalid);
  for (const std::string_view name : {"a..b/c", "...", ".a", "a b", "187520_2020-01-25_17#1.json.gz", "C:a"}) {
    BOOST_TEST_CONTEXT(name) { CHECK_OK(read_all(zip_writer().add(name, "x").finish())); }
  }
}

BOOST_AUTO_TEST_CASE(a_backslash_between_folders_is_read_as_a_slash) {
  const auto read = read_all(zip_writer().add("187520\\a", "x").finish());
  REQUIRE_OK(read);
  BOOST_TEST(read->front().first == "187520/a");
}

// What stands behind a NUL is never part of a name.
BOOST_AUTO_TEST_CASE(a_nul_in_a_name_does_not_hide_what_it_says) {
  const auto read = read_all(zip_writer().add("a\0/../../b"sv, "x").finish());
  BOOST_TEST((!read || read->front().first == "a"));
  CHECK_FAILS(read_all(zip_writer().add("../a\0b"sv, "x").finish()), errc::invalid);
}

BOOST_AUTO_TEST_CASE(names_beyond_ascii_keep_their_bytes) {
  const auto read = read_all(zip_writer().add("žluť/東京", "x", deflate_method, utf8_name).finish());
  REQUIRE_OK(read);
  BOOST_TEST(read->front().first == "žluť/東京");
}

BOOST_AUTO_TEST_CASE(encrypted_members_and_other_methods_are_refused_by_name) {
  const auto locked = read_all(zip_writer().add("a", "some bytes that are long enough", stored, encrypted).finish());
  CHECK_FAILS(locked, errc::invalid);
  BOOST_TEST(locked.error().text() == "reading a in the zip: it is encrypted");
  const auto other = read_all(zip_writer().add("a", "BZh9 some bytes", bzip2).finish());
  CHECK_FAILS(other, errc::invalid);
  BOOST_TEST(other.error().text().find("neither deflated nor stored") != std::string::npos, other.error().text());
}

BOOST_AUTO_TEST_CASE(what_is_no_zip_is_refused_when_opened) {
  for (const std::string& bytes : {std::string(), std::string("{}\n"), std::string("\x1f\x8b\x08\0\0\0\0\0\0\3", 10),
                                   std::string("PK"), std::string("PKzip"), std::string(100'000, ' ')}) {
    text_reader source(bytes);
    BOOST_TEST_CONTEXT(spillway::base::printable(bytes, 20)) { CHECK_FAILS(zip_reader::open(source), errc::invalid); }
  }
}

BOOST_AUTO_TEST_CASE(a_wrong_crc_is_found_at_the_end_of_its_member) {
  for (const std::uint16_t flags : {plain, sizes_behind}) {
    for (const method how : {stored, deflate_method}) {
      const auto read = read_all(zip_writer().damage_next_crc().add("a", long_text(), how, flags).finish());
      CHECK_FAILS(read, errc::corrupt);
      BOOST_TEST(read.error().doing == "reading a in the zip");
    }
  }
}

BOOST_AUTO_TEST_CASE(no_cut_of_a_zip_passes_for_a_whole_one) {
  for (const std::uint16_t flags : {plain, sizes_behind}) {
    const std::string bytes = zip_writer()
                                  .add("a/", "", stored)
                                  .add("a/b", "0123456789", stored, flags)
                                  .add("a/c", "cc", deflate_method, flags)
                                  .finish();
    CHECK_OK(read_all(bytes));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const auto read = read_all(bytes.substr(0, size));
      BOOST_TEST(!read.has_value(), "the first " << size << " of " << bytes.size() << " bytes were taken");
      BOOST_TEST((read || read.error().code == errc::corrupt || (size < 30 && read.error().code == errc::invalid)));
    }
  }
}

BOOST_AUTO_TEST_CASE(no_flipped_byte_changes_what_is_read) {
  const std::string good =
      zip_writer().add("a", "first text").add("b", "0123456789", stored).add("c", "third").finish();
  const auto wanted = read_all(good);
  REQUIRE_OK(wanted);
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x55);
    const auto read = read_all(bad);
    if (!read) {
      continue;
    }
    // A name has no check sum, and versions, times and the list of members do not matter.
    BOOST_REQUIRE_EQUAL(read->size(), wanted->size());
    for (std::size_t i = 0; i < read->size(); ++i) {
      BOOST_TEST((*read)[i].second == (*wanted)[i].second, "byte " << at);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_member_that_is_not_listed_is_found) {
  zip_writer writer;
  writer.add("a", "a").add("b", "b");
  writer.members_ = 3;
  const auto read = read_all(writer.finish());
  CHECK_FAILS(read, errc::corrupt);
  BOOST_TEST(read.error().text() == "reading the zip: it counts 3 members and holds 2");
}

BOOST_AUTO_TEST_CASE(bytes_behind_the_end_are_refused) {
  CHECK_FAILS(read_all(two_members() + "x"), errc::corrupt);
  CHECK_OK(read_all(zip_writer().add("a", "a").finish("PK\5\6 is a good comment, 22 bytes and more of it")));
  CHECK_OK(read_all(zip_writer().add("a", "a").finish(std::string(65'535, 'c'))));
}

BOOST_AUTO_TEST_CASE(what_the_source_fails_with_passes_through) {
  const std::string bytes = two_members();
  for (const std::size_t at : {std::size_t{0}, std::size_t{1}, std::size_t{200}, bytes.size() - 1, bytes.size()}) {
    text_reader source(bytes, 100);
    source.fail_at(at);
    const auto read = read_all(source);
    CHECK_FAILS(read, errc::io);
    BOOST_TEST(read.error().text() == "reading export.zip: input/output error");
  }
}

BOOST_AUTO_TEST_CASE(after_a_failure_every_call_fails) {
  text_reader source(zip_writer().add("../a", "x").add("b", "b").finish());
  const auto zip = zip_reader::open(source);
  REQUIRE_OK(zip);
  char some[10];
  for (int i = 0; i < 3; ++i) {
    CHECK_FAILS((*zip)->next(), errc::invalid);
    CHECK_FAILS((*zip)->read(some, sizeof some), errc::invalid);
  }
}

BOOST_AUTO_TEST_CASE(a_bomb_is_refused_after_the_first_mib) {
  const std::string mib(std::size_t{1} << 20, 'x');
  CHECK_OK(read_all(zip_writer().add("a", mib).finish()));
  CHECK_FAILS(read_all(zip_writer().add("a", mib + mib).finish()), errc::too_large);
  // Also one of members that are small each.
  CHECK_FAILS(read_all(zip_writer().add("a", mib).add("b", mib).finish()), errc::too_large);
  // Without compression there is no ratio.
  CHECK_OK(read_all(zip_writer().add("a", mib + mib, stored).finish()));
}

BOOST_AUTO_TEST_CASE(many_members_stream_through) {
  zip_writer writer;
  for (int i = 0; i < 70'000; ++i) {
    writer.add("m/" + std::to_string(i), "x", stored);
  }
  const auto read = read_all(writer.finish());
  REQUIRE_OK(read);
  BOOST_TEST(read->size() == 70'000u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::intake_zip_tests
