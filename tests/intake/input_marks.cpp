// Inputs that are gone on with where they were left, and inputs that end in damage.
#include "intake/input.hpp"

#include "reading.hpp"
#include "zip_writer.hpp"

#include <random>
#include <string>
#include <string_view>

namespace spillway::intake_input_marks_tests {
namespace {

using namespace spillway::intake;
using namespace spillway::test;
using base::hash128_of;

constexpr std::uint64_t mib = std::uint64_t{1} << 20;
const std::string body = R"({"api_key":"k","events":[{"event_type":"v"}]})";

// Lines of all lengths, now and then a long one; without an end of the last line if `open`.
std::string random_text(std::mt19937& random, std::size_t bytes, bool open) {
  std::string text;
  while (text.size() < bytes) {
    const std::size_t shape = random() % 20;
    const std::size_t length = shape == 0 ? random() % 1'500'000 : shape < 4 ? 0 : random() % 3000;
    text.append(length, static_cast<char>('a' + random() % 26)).append("\n");
  }
  return open ? text + "no end" : text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(intake_input_marks)

// ---- going on where an input was left ----

BOOST_AUTO_TEST_CASE(a_file_of_bodies_stays_one_when_it_is_gone_on_with) {
  const std::string text = body + "\n" + body + "\n" + body;
  for (const std::string& raw : {text, gzipped(text), zip_writer().add("a", gzipped(text)).finish()}) {
    const read_blocks rest = read_text(raw, body.size() + 1);
    BOOST_REQUIRE_EQUAL(rest.blocks.size(), 1U);
    BOOST_CHECK(rest.blocks[0].kind == block_kind::requests);
    BOOST_TEST(rest.blocks[0].text == body + "\n" + body);
    BOOST_TEST(rest.blocks[0].first_line == 2U);
    BOOST_TEST(rest.blocks[0].input_byte == body.size() + 1);
  }
}

BOOST_AUTO_TEST_CASE(what_follows_a_body_of_many_lines_is_lines) {
  const std::string text = "{\n\"events\":[]}";
  BOOST_TEST(read_text(text, text.size()).blocks.empty());
  const read_blocks grown = read_text(text + "\n", text.size());
  BOOST_REQUIRE_EQUAL(grown.blocks.size(), 1U);
  BOOST_CHECK(grown.blocks[0].kind == block_kind::lines);
}

BOOST_AUTO_TEST_CASE(a_grown_file_of_one_body_goes_on_with_the_next) {
  BOOST_TEST(read_text(body).end.text_bytes == body.size());
  const read_blocks grown = read_text(body + "\n" + body + "\n", body.size());
  BOOST_REQUIRE_EQUAL(grown.blocks.size(), 1U);
  BOOST_CHECK(grown.blocks[0].kind == block_kind::requests);
  BOOST_TEST(grown.blocks[0].text == "\n" + body + "\n");
  BOOST_TEST(grown.end.lines == 2U);
}

BOOST_AUTO_TEST_CASE(an_input_gone_on_with_ends_with_the_mark_of_one_that_was_not) {
  const std::string first = "{\"a\":1}\n{\"b\":2}";  // without an end of line
  const std::string second = "{\"c\":3}\n{\"d\":4}\n";
  const std::string zip = zip_writer().add("a", gzipped(first)).add("b", second).add("c", first).finish();
  const read_blocks whole = read_text(zip);
  BOOST_REQUIRE_EQUAL(whole.blocks.size(), 3U);
  BOOST_TEST(whole.end.lines == 6U);
  for (std::size_t i = 0; i < 3; ++i) {
    const read_blocks rest = read_text(zip, whole.blocks[i].end.text_bytes);
    BOOST_TEST_CONTEXT(i) {
      BOOST_REQUIRE_EQUAL(rest.blocks.size(), 2 - i);
      for (std::size_t k = 0; k < rest.blocks.size(); ++k) {
        const block& wanted = whole.blocks[i + 1 + k];
        BOOST_TEST(rest.blocks[k].text == wanted.text);
        BOOST_TEST(rest.blocks[k].member == wanted.member);
        BOOST_TEST(rest.blocks[k].input_byte == wanted.input_byte);
        BOOST_TEST(rest.blocks[k].first_line == wanted.first_line);
        BOOST_TEST(rest.blocks[k].end.lines == wanted.end.lines);
      }
      BOOST_TEST(rest.end.lines == whole.end.lines);
      BOOST_TEST(rest.end.text_bytes == whole.end.text_bytes);
      BOOST_CHECK(rest.end.raw_hash == whole.end.raw_hash);
    }
  }
  // In the middle of the second member.
  const read_blocks rest = read_text(zip, first.size() + 8);
  BOOST_REQUIRE_EQUAL(rest.blocks.size(), 2U);
  BOOST_TEST(rest.blocks[0].member == "b");
  BOOST_TEST(rest.blocks[0].text == "{\"d\":4}\n");
  BOOST_TEST(rest.blocks[0].first_line == 2U);
  BOOST_TEST(rest.blocks[0].member_byte == 8U);
  BOOST_TEST(rest.blocks[0].input_byte == first.size() + 8);
}

BOOST_AUTO_TEST_CASE(random_texts_come_whole_from_every_mark) {
  std::mt19937 random(20200125);
  for (int round = 0; round < 8; ++round) {
    const std::string text = random_text(random, random() % 4'000'000, round % 2 == 0);
    const std::size_t half = random() % (text.size() + 1);
    const std::string raws[] = {text, gzipped(text), gzipped(text.substr(0, half)) + gzipped(text.substr(half)),
                                zip_writer().add("a", gzipped(text)).finish()};
    for (const std::string& raw : raws) {
      const temp_dir dir;
      const std::string path = write_file(dir, "input", raw);
      const read_blocks whole = read_input(path);
      check_blocks(whole, text, 0, raw);
      if (!whole.blocks.empty()) {
        const std::uint64_t mark = whole.blocks[random() % whole.blocks.size()].end.text_bytes;
        check_blocks(read_input(path, mark), text, mark, raw);
      }
      // Any end of line will do.
      const std::size_t line = text.find('\n', random() % (text.size() + 1));
      if (line != std::string::npos) {
        check_blocks(read_input(path, line + 1), text, line + 1, raw);
      }
    }
  }
}

// A file that is written to while it is taken in ends anywhere.
BOOST_AUTO_TEST_CASE(a_line_of_which_a_front_was_there_is_taken_again_whole) {
  const std::string text = "{\"a\":1}\n{\"b\":22}\r\n  {\"c\":3}\n";
  for (std::size_t cut = 1; cut < text.size(); ++cut) {
    const std::string known = text.substr(0, cut);
    const std::string last = known.substr(known.rfind('\n') + 1);
    const bool was_whole =
        last.ends_with('}') || last.ends_with('\r') || last.find_first_not_of(' ') == std::string::npos;
    for (const std::string& raw : {text, gzipped(known) + gzipped(text.substr(cut))}) {
      const read_blocks rest = read_text(raw, cut);
      BOOST_TEST_CONTEXT(cut) {
        BOOST_TEST(rest.text() == text.substr(was_whole ? cut : cut - last.size()));
        if (!was_whole) {
          check_blocks(rest, text, cut - last.size(), raw);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_long_line_of_which_a_front_was_there_is_taken_again_whole) {
  const std::string front = "{\"a\":\"" + std::string(3 * mib, 'x');
  const std::string text = "{}\n" + front + "\"}\n{}\n";
  check_blocks(read_text(text, 3 + front.size()), text, 3, text);
  // One that was too long even then is gone on with behind what was read of it.
  const std::string longer = std::string(5 * mib, 'x');
  const read_blocks rest = read_text(longer + "y\n", longer.size());
  BOOST_REQUIRE_EQUAL(rest.blocks.size(), 1U);
  BOOST_TEST(rest.blocks[0].text == "y\n");
}

BOOST_AUTO_TEST_CASE(what_follows_a_whole_line_without_an_end_is_a_line_of_its_own) {
  const read_blocks rest = read_text("{\"a\":1}{\"b\":2}\n", 7);
  BOOST_REQUIRE_EQUAL(rest.blocks.size(), 1U);
  BOOST_TEST(rest.blocks[0].text == "{\"b\":2}\n");
}

BOOST_AUTO_TEST_CASE(a_body_of_many_lines_of_which_a_front_was_there_is_taken_again_whole) {
  const std::string text = "{\n\"api_key\":\"k\",\n\"events\":[{\"event_type\":\"v\"}]}\n";
  for (std::size_t cut = 1; cut + 2 < text.size(); ++cut) {
    const read_blocks again = read_text(text, cut);
    BOOST_TEST_CONTEXT(cut) {
      BOOST_REQUIRE_EQUAL(again.blocks.size(), 1U);
      BOOST_CHECK(again.blocks[0].kind == block_kind::request);
      check_blocks(again, text, 0, text);
    }
  }
}

// ---- damage ----

BOOST_AUTO_TEST_CASE(a_gzip_cut_short_gives_the_lines_before_and_then_its_failure) {
  const std::string lines = "{\"a\":1}\n{\"b\":2}\n";
  const std::string second = gzipped("{\"c\":3}\n");
  for (const std::size_t bytes : {std::size_t{1}, std::size_t{5}, second.size() - 1}) {
    const read_blocks read = read_text(gzipped(lines) + second.substr(0, bytes));
    BOOST_TEST_CONTEXT(bytes) {
      BOOST_REQUIRE(read.failed.has_value());
      BOOST_CHECK(read.failed->code == errc::corrupt);
      BOOST_REQUIRE_EQUAL(read.blocks.size(), 1U);
      BOOST_TEST(read.text() == (bytes == second.size() - 1 ? lines + "{\"c\":3}\n" : lines));
      BOOST_TEST(read.blocks[0].end.text_bytes == read.text().size());
    }
  }
}

BOOST_AUTO_TEST_CASE(of_a_line_that_is_cut_nothing_is_given) {
  const read_blocks read = read_text(gzipped("{\"a\":1}\n{\"b\":") + gzipped("2}\n").substr(0, 4));
  BOOST_REQUIRE(read.failed.has_value());
  BOOST_CHECK(read.failed->code == errc::corrupt);
  BOOST_TEST(read.text() == "{\"a\":1}\n");
  BOOST_TEST(read.blocks.at(0).end.lines == 1U);
  BOOST_TEST(read_text(gzipped("{\"a\":1") + gzipped("}\n").substr(0, 4)).blocks.empty());
  BOOST_TEST(read_text(gzipped("{\n\"events\":[\n{},\n") + gzipped("{}]}").substr(0, 4)).blocks.empty());
  BOOST_TEST(read_text(gzipped("first\n" + std::string(6 * mib, 'x')) + gzipped("\n").substr(0, 4)).text() ==
             "first\n");
}

BOOST_AUTO_TEST_CASE(a_gzip_cut_anywhere_gives_a_front_of_its_lines) {
  std::mt19937 random(5);
  std::string text;
  while (text.size() < 3 * mib) {
    text += std::to_string(random()) + std::string(random() % 90, 'x') + "\n";
  }
  const std::string raw = gzipped(text);
  std::size_t longest = 0;
  for (int i = 1; i < 10; ++i) {
    const read_blocks read = read_text(raw.substr(0, raw.size() * static_cast<std::size_t>(i) / 10));
    BOOST_REQUIRE(read.failed && read.failed->code == errc::corrupt);
    const std::string front = read.text();
    BOOST_TEST((front.ends_with('\n') && text.starts_with(front)));
    BOOST_TEST(front.size() > longest);
    longest = front.size();
  }
  BOOST_TEST(longest > text.size() * 8 / 10);
}

BOOST_AUTO_TEST_CASE(what_is_mended_goes_on_where_it_was_cut) {
  const std::string text = "{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n";
  const std::string raw = gzipped(text.substr(0, 8)) + gzipped(text.substr(8));
  const read_blocks cut = read_text(raw.substr(0, raw.size() - 20));
  BOOST_REQUIRE(!cut.blocks.empty());
  const read_blocks rest = read_text(raw, cut.blocks.back().end.text_bytes);
  BOOST_TEST(!rest.failed);
  BOOST_TEST(cut.text() + rest.text() == text);
  BOOST_CHECK(cut.blocks.back().end.raw_hash ==
              hash128_of(std::string_view(raw).substr(0, cut.blocks.back().end.raw_bytes)));
}

BOOST_AUTO_TEST_CASE(a_damaged_member_ends_the_input_and_is_named) {
  const read_blocks read = read_text(zip_writer()
                                         .add("good", "{\"a\":1}\n")
                                         .add("bad.gz", gzipped("{\"b\":2}\n").substr(0, 12))
                                         .add("c", "c\n")
                                         .finish());
  BOOST_REQUIRE(read.failed.has_value());
  BOOST_CHECK(read.failed->code == errc::corrupt);
  BOOST_TEST(read.failed->text().find("bad.gz") != std::string::npos);
  BOOST_TEST(read.text() == "{\"a\":1}\n");
}

BOOST_AUTO_TEST_CASE(no_line_is_given_of_a_file_whose_front_is_not_the_known_one) {
  const std::string known = "{\"a\":1}\n{\"b\":2}\n";
  const std::string other = "{\"x\":1}\n{\"y\":2}\n{\"z\":3}\n";
  const temp_dir dir;
  for (const auto& [before, now] :
       {std::pair(known, other), std::pair(gzipped(known), gzipped(other)), std::pair(gzipped(known), other),
        std::pair(zip_writer().add("a", known).finish(), zip_writer().add("a", other).finish())}) {
    const std::string path = write_file(dir, "a", now);
    for (const std::uint64_t text_bytes : {std::uint64_t{0}, std::uint64_t{8}, known.size()}) {
      const read_blocks read = read_input(path, text_bytes, {before.size(), hash128_of(before)});
      BOOST_TEST(read.blocks.empty());
      BOOST_REQUIRE(read.failed.has_value());
      BOOST_CHECK(read.failed->code == errc::io);
    }
  }
  // The same file, grown.
  const std::string path = write_file(dir, "b", known + other);
  BOOST_TEST(read_input(path, known.size(), {known.size(), hash128_of(known)}).text() == other);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_opened_says_so) {
  const temp_dir dir;
  BOOST_CHECK(read_input((dir / "missing").string()).failed->code == errc::not_found);
  BOOST_CHECK(read_input(dir.path().string()).failed->code == errc::io);
  CHECK_FAILS(input::open(write_file(dir, "a.zip", zip_writer().add("a", "x").finish()), {}, {}, {}), errc::invalid);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::intake_input_marks_tests
