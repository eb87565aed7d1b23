// DEFLATE's symbols (RFC 1951, 3.2.5): what lengths and distances of matches are written as. Pure.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace spillway::codec {

inline constexpr std::size_t match_bytes_min = 3;
inline constexpr std::size_t match_bytes_max = 258;
inline constexpr std::size_t match_distance_max = std::size_t{32} << 10;
inline constexpr unsigned code_bits_max = 15;  // 3.2.7

// The first of a block's two codes has the 256 bytes, the end of the block and 29 ranges of lengths, the second 30
// ranges of distances. A range's symbol is followed by as many bits as tell its members apart.
inline constexpr std::size_t end_of_block = 256;
inline constexpr std::size_t lengths_at = 257;
inline constexpr std::size_t literal_symbols = 286;
inline constexpr std::size_t distance_symbols = 30;

struct symbol {
  std::uint16_t number;
  std::uint16_t extra;
  std::uint8_t extra_bits;
};

// Beyond the first few, each power of two is `parts` ranges of equal size: four of lengths, two of distances.
constexpr symbol symbol_of(std::uint32_t value, std::uint32_t parts) {
  if (value < 2 * parts) {
    return {static_cast<std::uint16_t>(value), 0, 0};
  }
  const auto parts_bits = static_cast<std::uint32_t>(std::bit_width(parts)) - 1;
  const std::uint32_t bits = static_cast<std::uint32_t>(std::bit_width(value)) - 1 - parts_bits;
  return {static_cast<std::uint16_t>(parts * bits + (value >> bits)),
          static_cast<std::uint16_t>(value & ((std::uint32_t{1} << bits) - 1)), static_cast<std::uint8_t>(bits)};
}

// The longest length has a symbol of its own.
// REQUIRES: match_bytes_min <= bytes <= match_bytes_max.
constexpr symbol length_symbol(std::size_t bytes) {
  symbol made =
      bytes == match_bytes_max ? symbol{28, 0, 0} : symbol_of(static_cast<std::uint32_t>(bytes - match_bytes_min), 4);
  made.number = static_cast<std::uint16_t>(made.number + lengths_at);
  return made;
}

// REQUIRES: 1 <= bytes <= match_distance_max.
constexpr symbol distance_symbol(std::size_t bytes) { return symbol_of(static_cast<std::uint32_t>(bytes - 1), 2); }

constexpr unsigned distance_extra_bits(std::size_t number) {
  return number < 4 ? 0 : static_cast<unsigned>(number / 2 - 1);
}

// The examples of the RFC's tables.
static_assert(length_symbol(3).number == 257 && length_symbol(10).number == 264 && length_symbol(11).number == 265);
static_assert(length_symbol(12).number == 265 && length_symbol(12).extra == 1 && length_symbol(12).extra_bits == 1);
static_assert(length_symbol(257).number == 284 && length_symbol(257).extra == 30 && length_symbol(258).number == 285);
static_assert(distance_symbol(1).number == 0 && distance_symbol(4).number == 3 && distance_symbol(5).number == 4);
static_assert(distance_symbol(6).number == 4 && distance_symbol(6).extra == 1 && distance_symbol(6).extra_bits == 1);
static_assert(distance_symbol(24'577).number == 29 && distance_symbol(32'768).extra == 8'191);

}  // namespace spillway::codec
