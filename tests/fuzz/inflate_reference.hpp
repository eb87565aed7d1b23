// The same work done by zlib, which shares nothing with ISA-L.
#pragma once

#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::fuzz {

struct inflated {
  std::string text;
  std::size_t compressed_bytes = 0;  // up to the end of the stream, or as far as it is valid
  bool is_valid = true;              // false: it breaks the rules of the format
  bool is_whole = false;             // false: more has to come
};

// One stream; `window_bits` as zlib's inflateInit2 takes them. Stops behind `text_bytes_max` bytes, as if more had to
// come.
inline inflated inflate_by_zlib(std::string_view compressed, int window_bits, std::size_t text_bytes_max) {
  inflated made;
  z_stream stream{};
  if (inflateInit2(&stream, window_bits) != Z_OK) {
    return made;
  }
  made.text.resize(text_bytes_max + 1);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  stream.next_out = reinterpret_cast<Bytef*>(made.text.data());
  stream.avail_out = static_cast<uInt>(made.text.size());
  const int outcome = inflate(&stream, Z_SYNC_FLUSH);
  made.is_whole = outcome == Z_STREAM_END;
  made.is_valid = made.is_whole || outcome == Z_OK || outcome == Z_BUF_ERROR;
  made.compressed_bytes = stream.total_in;
  made.text.resize(stream.total_out);
  inflateEnd(&stream);
  return made;
}

constexpr int raw_deflate = -MAX_WBITS;
constexpr int gzip_format = 16 + MAX_WBITS;

// All members and the zero bytes behind them.
inline std::optional<std::string> gunzip_by_zlib(std::string_view gzip, std::size_t text_bytes_max) {
  std::string text;
  do {
    const inflated member = inflate_by_zlib(gzip, gzip_format, text_bytes_max);
    text += member.text;
    if (!member.is_whole || text.size() > text_bytes_max) {
      return std::nullopt;
    }
    gzip.remove_prefix(member.compressed_bytes);
  } while (!gzip.empty() && gzip.front() != '\0');
  return gzip.find_first_not_of('\0') == std::string_view::npos ? std::optional(text) : std::nullopt;
}

}  // namespace spillway::fuzz
