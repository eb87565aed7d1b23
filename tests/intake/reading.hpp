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

inline read_blocks read_input(const std::string& path, std::uint64_t skip_text_bytes = 0) {
  read_blocks read;
  auto opened = intake::input::open(path, intake::open_zip_text, any_ratio, skip_text_bytes);
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

}  // namespace spillway::test
