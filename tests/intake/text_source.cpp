#include "intake/text_source.hpp"

#include "reading.hpp"
#include "zip_writer.hpp"

#include <algorithm>
#include <cstring>
#include <string>

namespace spillway::intake_text_source_tests {
namespace {

using namespace spillway::intake;
using test::any_ratio;
using test::gzipped;
using test::read_whole;

// Gives its bytes in pieces of at most `piece_bytes`, and fails at its end if told to.
class pieces final : public byte_reader {
public:
  enum class at_end { ends, fails };
  explicit pieces(std::string bytes, std::size_t piece_bytes = 7, at_end then = at_end::ends)
      : bytes_(std::move(bytes)), piece_bytes_(piece_bytes), then_(then) {}
  result<std::size_t> read(char* out, std::size_t bytes_max) override {
    const std::size_t bytes = std::min({bytes_max, piece_bytes_, bytes_.size() - at_});
    if (bytes == 0 && then_ == at_end::fails) {
      return failure{errc::io, "reading a", "input/output error", {}};
    }
    std::memcpy(out, bytes_.data() + at_, bytes);
    at_ += bytes;
    return bytes;
  }

private:
  std::string bytes_;
  std::size_t piece_bytes_;
  at_end then_;
  std::size_t at_ = 0;
};

// The text of a source that is no zip.
result<std::string> text_of(byte_reader& source, std::size_t piece_bytes = 1000) {
  SPILLWAY_TRY_ASSIGN(const auto texts, open_text(source, {}, any_ratio));
  SPILLWAY_TRY_ASSIGN(const auto name, texts->next());
  BOOST_REQUIRE(name.has_value());
  BOOST_TEST(name->empty());
  std::string text;
  std::string piece(piece_bytes, '\0');
  for (std::size_t bytes = 1; bytes > 0;) {
    SPILLWAY_TRY_ASSIGN(bytes, texts->read(piece.data(), piece.size()));
    text.append(piece, 0, bytes);
  }
  SPILLWAY_TRY_ASSIGN(const auto second, texts->next());
  BOOST_TEST(!second.has_value());
  return text;
}

result<std::string> text_of(std::string bytes) {
  pieces source(std::move(bytes));
  return text_of(source);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(intake_text_source)

BOOST_AUTO_TEST_CASE(a_plain_file_is_its_own_text) {
  for (const std::string& bytes :
       {std::string(), std::string("{"), std::string("{}\n"), std::string("PK\n"), std::string("PK\3x a line\n"),
        std::string("\x1f\x8b\x07 not gzip"), std::string(100'000, 'x')}) {
    const auto text = text_of(bytes);
    REQUIRE_OK(text);
    BOOST_TEST((*text == bytes));
  }
}

BOOST_AUTO_TEST_CASE(what_another_program_has_compressed_is_refused_and_the_program_named) {
  const std::pair<std::string, std::string> cases[] = {{"zstd", std::string("\x28\xb5\x2f\xfd\x04\x00", 6)},
                                                       {"xz", std::string("\xfd\x37zXZ\x00", 6)},
                                                       {"bzip2", "BZh91AY&SY"}};
  for (const auto& [program, bytes] : cases) {
    const auto refused = text_of(bytes);
    CHECK_FAILS(refused, errc::invalid);
    BOOST_TEST(refused.error().text() == "opening an input: it is compressed with " + program + ", which is not read");
    BOOST_TEST(refused.error().hint == "unpack it first");
    CHECK_FAILS(text_of(gzipped(bytes)), errc::invalid);
  }
  for (const char* line : {"BZh0\n", "BZh\n", "BZ\n", "\x28\xb5\x2f\n", "\xfd\x37z\n"}) {
    CHECK_OK(text_of(std::string(line)));
  }
}

BOOST_AUTO_TEST_CASE(a_gzip_file_is_inflated_whatever_its_members_and_pieces) {
  std::string wanted;
  for (int i = 0; i < 30'000; ++i) {
    wanted += std::to_string(i) + "\n";
  }
  const std::string one = gzipped(wanted);
  const std::string many =
      gzipped(wanted.substr(0, 10)) + gzipped("") + gzipped(wanted.substr(10)) + std::string(512, '\0');
  for (const std::string& bytes : {one, many}) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, std::size_t{1'000'000}}) {
      pieces source(bytes, piece);
      const auto text = text_of(source, piece == 1 ? 999 : 1'000'000);
      REQUIRE_OK(text);
      BOOST_TEST((*text == wanted));
    }
  }
  BOOST_TEST(text_of(gzipped("")).value() == "");
}

BOOST_AUTO_TEST_CASE(what_is_packed_twice_is_refused) {
  for (const std::string& inner :
       {gzipped("a line\n"), std::string("PK\3\4 a zip"), std::string("PK\5\6 an empty zip")}) {
    for (const std::size_t piece : {std::size_t{1}, std::size_t{1'000'000}}) {
      pieces source(gzipped(inner), piece);
      CHECK_FAILS(text_of(source, piece), errc::invalid);
    }
  }
  BOOST_TEST(text_of(gzipped("PK")).value() == "PK");
}

// As lines they would be rejects, and the whole gzip be gone on with behind them.
BOOST_AUTO_TEST_CASE(the_first_bytes_of_a_gzip_or_a_zip_alone_are_corrupt) {
  for (const std::string& cut : {std::string("\x1f"), std::string("\x1f\x8b"), std::string("P"), std::string("PK"),
                                 std::string("PK\3"), std::string("PK\5")}) {
    BOOST_TEST_CONTEXT(cut.size()) { CHECK_FAILS(text_of(cut), errc::corrupt); }
  }
}

BOOST_AUTO_TEST_CASE(a_damaged_gzip_file_is_corrupt_at_every_length) {
  const std::string bytes = gzipped("one\ntwo\nthree\n");
  for (std::size_t length = 3; length < bytes.size(); ++length) {
    BOOST_TEST_CONTEXT(length) { CHECK_FAILS(text_of(bytes.substr(0, length)), errc::corrupt); }
  }
  std::string wrong_crc = bytes;
  wrong_crc[bytes.size() - 8] ^= 1;
  CHECK_FAILS(text_of(wrong_crc), errc::corrupt);
  CHECK_FAILS(text_of(bytes + "x"), errc::corrupt);
}

BOOST_AUTO_TEST_CASE(a_limit_of_the_text_holds) {
  pieces source(gzipped(std::string(100'000, 'x')));
  const auto texts = open_text(source, {}, {.text_bytes_max = 1000});
  REQUIRE_OK(texts);
  REQUIRE_OK((*texts)->next());
  std::string piece(4096, '\0');
  auto got = (*texts)->read(piece.data(), piece.size());
  for (std::size_t bytes = 0; got && *got > 0; got = (*texts)->read(piece.data(), piece.size())) {
    bytes += *got;
    BOOST_REQUIRE_LE(bytes, 1000U);
  }
  CHECK_FAILS(got, errc::too_large);
}

BOOST_AUTO_TEST_CASE(what_the_source_fails_with_passes_through) {
  for (const std::string& bytes :
       {std::string(), std::string("{}"), std::string("a longer text"), gzipped("text").substr(0, 15)}) {
    pieces source(bytes, 4, pieces::at_end::fails);
    CHECK_FAILS(text_of(source), errc::io);
  }
}

BOOST_AUTO_TEST_CASE(a_zip_needs_an_opener) {
  pieces source(test::zip_writer().add("a", "text").finish());
  const auto texts = open_text(source, {}, any_ratio);
  CHECK_FAILS(texts, errc::invalid);
  BOOST_TEST(texts.error().cause == "it is a zip, which this build can't read");
}

BOOST_AUTO_TEST_CASE(an_opener_is_given_the_zip_from_its_first_byte) {
  for (const std::string& bytes : {test::zip_writer().add("a", "text").finish(), test::zip_writer().finish()}) {
    pieces source(bytes);
    std::string seen;
    const zip_opener opener = [&](byte_reader& zip, codec::gunzip_limits) -> result<std::unique_ptr<text_source>> {
      seen = read_whole(zip).value();
      return failure{errc::invalid, "opening", "seen", {}};
    };
    CHECK_FAILS(open_text(source, opener, any_ratio), errc::invalid);
    BOOST_TEST((seen == bytes));
  }
}

BOOST_AUTO_TEST_CASE(peeked_bytes_are_read_again) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{100}}) {
    pieces source("0123456789", 3);
    peeking_reader reader(source);
    BOOST_TEST(reader.peek(4).value() == "0123");
    BOOST_TEST(reader.peek(2).value().substr(0, 2) == "01");
    BOOST_TEST(read_whole(reader, piece).value() == "0123456789");
  }
  pieces source("01");
  peeking_reader reader(source);
  BOOST_TEST(reader.peek(4).value() == "01");
  BOOST_TEST(read_whole(reader).value() == "01");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::intake_text_source_tests
