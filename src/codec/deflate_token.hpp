// What the matcher says and the block writer writes: a match, or one or two literals, in four bytes.
//
//     bits 0 to 8     0 to 255: a byte; 256 to 511: a match of 3 to 258 bytes
//     bits 9 to 17    0 to 255: the byte behind it; 256 to 285: the symbol of the match's distance; 511: nothing
//     bits 18 to 30   what follows the distance's symbol
#pragma once

#include "codec/deflate_symbols.hpp"

#include <cstdint>

namespace spillway::codec {

using token = std::uint32_t;

inline constexpr std::uint32_t token_part = 511;  // the mask of the first and, moved down by 9, of the second part
inline constexpr std::uint32_t token_matches = 256;
inline constexpr std::uint32_t token_nothing = 511;

constexpr token literal_token(unsigned char byte) { return byte | token_nothing << 9; }
constexpr token distance_part(std::size_t distance) {
  const symbol of = distance_symbol(distance);
  return (token_matches + of.number) << 9 | static_cast<token>(of.extra) << 18;
}
constexpr token length_part(std::size_t bytes) { return token_matches + static_cast<token>(bytes - match_bytes_min); }

constexpr std::uint32_t first_part(token of) { return of & token_part; }
constexpr std::uint32_t second_part(token of) { return of >> 9 & token_part; }
constexpr std::uint32_t distance_extra(token of) { return of >> 18; }

}  // namespace spillway::codec
