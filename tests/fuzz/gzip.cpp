// Gzip streams and segments. Of an input
//   byte 0   even: the rest is a gzip stream; odd: a raw DEFLATE stream, which gets a header and the trailer it needs,
//            since nothing that changes at random keeps its CRC-32
//   byte 1   how many bytes at a time are given to the reader, 0: all
//   byte 2   how much room it has for text at a time
#include "base/bytes.hpp"
#include "codec/decode.hpp"
#include "codec/gunzip.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/inflate_reference.hpp"

#include <string>

using namespace spillway;
using fuzz::require;
using namespace std::string_view_literals;

namespace {

constexpr std::size_t text_bytes_max = std::size_t{256} << 10;

struct pieces {
  std::size_t compressed_bytes = 0;
  std::size_t text_bytes = 0;
};

result<std::string> read_gzip(std::string_view gzip, const codec::gunzip_limits& limits, const pieces& by) {
  codec::gunzip reader(limits);
  std::string text;
  std::string room(by.text_bytes, '\0');
  std::size_t given = 0;
  bool more = true;
  while (more) {
    const std::size_t bytes = std::min(by.compressed_bytes, gzip.size() - given);
    SPILLWAY_TRY_ASSIGN(const auto made, reader.inflate(gzip.substr(given, bytes), room));
    require(made.consumed <= bytes && made.produced <= room.size(), "a step stays within what it was given");
    require(made.produced == room.size() || made.consumed == bytes, "a step goes on while it can");
    given += made.consumed;
    text.append(room, 0, made.produced);
    require(reader.text_bytes() == text.size() && reader.consumed_bytes() == given, "the counts are right");
    require(text.size() <= limits.text_bytes_max, "no more text than the limit is given out");
    more = given < gzip.size() || made.produced == room.size();
  }
  SPILLWAY_TRY(reader.finish());
  return text;
}

// As `read`, whatever the pieces.
void require_same(const result<std::string>& one, const result<std::string>& other) {
  require(one.has_value() == other.has_value(), "pieces do not decide whether a gzip is right");
  require(!one || *one == *other, "pieces do not show in the text");
  require(one || one.error().code == other.error().code, "pieces do not decide what is wrong");
}

void read_stream(std::string_view gzip, const pieces& by) {
  const codec::gunzip_limits only_length{text_bytes_max, std::numeric_limits<std::uint64_t>::max(), 0};
  const auto whole = read_gzip(gzip, only_length, {gzip.size(), text_bytes_max + 2});
  require_same(whole, read_gzip(gzip, only_length, by));
  const auto reference = fuzz::gunzip_by_zlib(gzip, text_bytes_max);
  // Not the other way round: ISA-L also takes incomplete sets of codes, if text, length and CRC-32 are right in the
  // end.
  require(!reference || whole, "what zlib takes is taken");
  require(!reference || *whole == *reference, "zlib finds the same text in a gzip");
  const codec::gunzip_limits narrow{text_bytes_max, 4, 16};
  const auto limited = read_gzip(gzip, narrow, by);
  require(limited || limited.error().code == errc::too_large || !whole, "a limit refuses, and does no more");
}

std::string as_gzip(std::string_view deflate, std::string_view text) {
  std::string gzip("\x1f\x8b\x08\0\0\0\0\0\0\xff"sv);
  gzip += deflate;
  base::append_number(gzip,
                      static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size())));
  base::append_number(gzip, static_cast<std::uint32_t>(text.size()));
  return gzip;
}

void read_segment(std::string_view deflate, std::uint64_t text_bytes) {
  const auto text = codec::inflate_segment(deflate, text_bytes);
  if (text && !deflate.empty()) {
    const fuzz::inflated reference = fuzz::inflate_by_zlib(deflate, fuzz::raw_deflate, text_bytes);
    require(!reference.is_valid || (!reference.is_whole && reference.text == *text),
            "zlib finds the same text in a segment");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  if (bytes < 3) {
    return -1;
  }
  const std::string_view stream = fuzz::text_of(data + 3, bytes - 3);
  const pieces by{data[1] == 0 ? bytes : data[1], std::size_t{data[2]} * 16 + 1};
  if (data[0] % 2 == 0) {
    read_stream(stream, by);
    return 0;
  }
  const fuzz::inflated reference = fuzz::inflate_by_zlib(stream, fuzz::raw_deflate, text_bytes_max);
  read_stream(
      as_gzip(stream.substr(0, reference.is_whole ? reference.compressed_bytes : stream.size()), reference.text), by);
  read_segment(stream, reference.text.size());
  read_segment(stream, data[0]);
  return 0;
}
