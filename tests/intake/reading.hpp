// Files for the tests of intake, and the blocks that are read from them.
#pragma once

#include "intake/input.hpp"
#include "intake/zip_text.hpp"

#include "support/check_result.hpp"
#include "support/temp_dir.hpp"

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::test {

inline std::string write_file(const temp_dir& dir, const std::string& name, std::string_view bytes) {
  const auto path = dir / name;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
  return path.string();
}

// All that a source gives, in pieces of at most `piece_bytes`.
inline result<std::string> read_whole(intake::byte_reader& source, std::size_t piece_bytes = 1000) {
  std::string text;
  std::string piece(piece_bytes, '\0');
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const std::size_t bytes, source.read(piece.data(), piece.size()));
    if (bytes == 0) {
      return text;
    }
    text.append(piece, 0, bytes);
  }
}

struct read_blocks {
  std::vector<intake::block> blocks;
  intake::input_mark end;  // behind all of them, if nothing failed
  std::optional<failure> failed;

  std::string text() const {
    std::string all;
    for (const intake::block& each : blocks) {
      all += each.text;
    }
    return all;
  }
};

// Ratios are not looked at here: texts of tests compress too well.
inline constexpr codec::gunzip_limits any_ratio{.ratio_max = 100'000};

inline read_blocks read_input(const std::string& path, std::uint64_t skip_text_bytes = 0,
                              intake::file_front front = {}) {
  read_blocks read;
  auto opened = intake::input::open(path, intake::open_zip_text, any_ratio, {skip_text_bytes, front});
  if (!opened) {
    read.failed = opened.error();
    return read;
  }
  intake::block next;
  for (;;) {
    const auto more = (*opened)->read(next);
    if (!more) {
      read.failed = more.error();
      const auto again = (*opened)->read(next);
      BOOST_TEST((!again && again.error().code == more.error().code));
      return read;
    }
    if (!*more) {
      read.end = next.end;
      return read;
    }
    BOOST_REQUIRE(!next.text.empty());
    read.blocks.push_back(next);
  }
}

inline read_blocks read_text(std::string_view bytes, std::uint64_t skip = 0) {
  const temp_dir dir;
  return read_input(write_file(dir, "input", bytes), skip);
}

inline std::uint64_t lines_in(std::string_view text) {
  std::uint64_t lines = text.empty() || text.ends_with('\n') ? 0 : 1;
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    ++lines;
  }
  return lines;
}

// Blocks follow each other without a gap from `begin`, each of whole lines, and say where they are.
inline void check_blocks(const read_blocks& read, std::string_view text, std::uint64_t begin, std::string_view raw) {
  BOOST_REQUIRE(!read.failed);
  BOOST_REQUIRE(read.text() == text.substr(begin));
  std::uint64_t at = begin;
  std::uint64_t lines = lines_in(text.substr(0, begin));
  for (const intake::block& each : read.blocks) {
    BOOST_REQUIRE_EQUAL(each.input_byte, at);
    BOOST_REQUIRE_EQUAL(each.member_byte, at);
    BOOST_REQUIRE_EQUAL(each.first_line, lines + 1);
    at += each.text.size();
    lines += lines_in(each.text);
    BOOST_REQUIRE(each.text.ends_with('\n') || at == text.size());
    BOOST_REQUIRE_EQUAL(each.end.text_bytes, at);
    BOOST_REQUIRE_EQUAL(each.end.lines, lines);
    BOOST_REQUIRE(each.end.raw_hash == base::hash128_of(raw.substr(0, each.end.raw_bytes)));
  }
  BOOST_REQUIRE_EQUAL(read.end.text_bytes, text.size());
  BOOST_REQUIRE_EQUAL(read.end.lines, lines_in(text));
  BOOST_REQUIRE_EQUAL(read.end.raw_bytes, raw.size());
  BOOST_REQUIRE(read.end.raw_hash == base::hash128_of(raw));
}

}  // namespace spillway::test
