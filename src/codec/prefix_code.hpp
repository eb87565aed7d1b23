// Prefix codes of least length (Huffman's) in DEFLATE's canonical form (RFC 1951, 3.2.2). Pure.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace spillway::codec {

template <std::size_t Symbols>
struct prefix_code {
  std::array<std::uint8_t, Symbols> bits{};    // how many bits a symbol's code has; 0: the symbol does not occur
  std::array<std::uint16_t, Symbols> codes{};  // the code's first bit is the lowest, as it is written
};

// Lengths of at most `bits_max` bits; equal counts give equal lengths on every machine.
// REQUIRES: two symbols at the least that occur, and no more than 2^bits_max; the sum of all counts in 32 bits.
void choose_lengths(std::span<const std::uint32_t> counts, unsigned bits_max, std::span<std::uint8_t> lengths);

void assign_codes(std::span<const std::uint8_t> lengths, std::span<std::uint16_t> codes);

// Has two symbols at the least, whatever occurs: readers differ on what a code of one looks like.
template <std::size_t Symbols>
prefix_code<Symbols> make_prefix_code(std::array<std::uint32_t, Symbols> counts, unsigned bits_max) {
  if (std::ranges::count_if(counts, [](std::uint32_t count) { return count > 0; }) < 2) {
    ++counts[0];
    ++counts[1];
  }
  prefix_code<Symbols> made;
  choose_lengths(counts, bits_max, made.bits);
  assign_codes(made.bits, made.codes);
  return made;
}

}  // namespace spillway::codec
