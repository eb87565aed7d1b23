// Objects from segments: one ordinary gzip member (RFC 1952), made without compressing anything again.
//
//     1f 8b 08 00 00 00 00 00 00 ff     gzip_header(): DEFLATE, no flags, mtime 0, XFL 0, OS unknown
//     ...                               the segments, end to end
//     03 00                             gzip_trailer(): an empty final block,
//     a1 b2 c3 d4                         the CRC-32 of the whole text,
//     00 00 10 00                         its length modulo 2^32 (here 1 MiB), both little-endian
//
// One member, because widely used readers stop after the first.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::codec {

inline constexpr std::size_t gzip_header_bytes = 10;
inline constexpr std::size_t gzip_trailer_bytes = 10;

// Always the same bytes.
std::string_view gzip_header();

// The length and the CRC-32 of segments laid end to end, from those of each.
struct text_totals {
  std::uint64_t bytes = 0;
  std::uint32_t crc32 = 0;

  // Reads no text: 0.4 microseconds, whatever the lengths.
  void append(std::uint64_t segment_bytes, std::uint32_t segment_crc32);
  friend bool operator==(const text_totals&, const text_totals&) = default;
};

// Exactly gzip_trailer_bytes long.
std::string gzip_trailer(const text_totals& totals);

// gzip's CRC-32 (polynomial 0xedb88320). `seed` is the CRC of what stands before `bytes`: crc32_of(b, crc32_of(a)) is
// that of a and b together.
std::uint32_t crc32_of(std::string_view bytes, std::uint32_t seed = 0);

}  // namespace spillway::codec
