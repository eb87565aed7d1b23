#include "codec/prefix_code.hpp"

#include "base/result.hpp"
#include "codec/deflate_symbols.hpp"

#include <algorithm>

namespace spillway::codec {
namespace {

// A symbol that occurs, as one number, so that sorting is by counts and, of equal ones, by symbols.
constexpr unsigned symbol_bits = 9;
constexpr std::uint64_t leaf_of(std::uint32_t count, std::size_t symbol) {
  return std::uint64_t{count} << symbol_bits | symbol;
}
constexpr std::uint32_t count_of(std::uint64_t leaf) { return static_cast<std::uint32_t>(leaf >> symbol_bits); }
constexpr std::size_t symbol_of_leaf(std::uint64_t leaf) { return leaf & ((1U << symbol_bits) - 1); }

struct sorted_leaves {
  std::array<std::uint64_t, literal_symbols> leaves;
  std::size_t size = 0;
};

// The rarest first.
sorted_leaves sort(std::span<const std::uint32_t> counts) {
  sorted_leaves made;
  for (std::size_t symbol = 0; symbol < counts.size(); ++symbol) {
    if (counts[symbol] > 0) {
      made.leaves[made.size++] = leaf_of(counts[symbol], symbol);
    }
  }
  std::sort(made.leaves.begin(), made.leaves.begin() + static_cast<std::ptrdiff_t>(made.size));
  return made;
}

using length_counts = std::array<std::uint32_t, code_bits_max + 1>;

// Huffman's algorithm: the two lightest trees become one, until one is left. The leaves are sorted and trees are made
// in the order of their weights, so that the lightest is the next of the one or of the other. How many leaves have each
// depth, those below `bits_max` at it.
length_counts count_depths(const sorted_leaves& sorted, unsigned bits_max) {
  const std::size_t trees = 2 * sorted.size - 1;
  std::array<std::uint32_t, 2 * literal_symbols> weight;
  std::array<std::uint16_t, 2 * literal_symbols> parent;
  for (std::size_t i = 0; i < sorted.size; ++i) {
    weight[i] = count_of(sorted.leaves[i]);
  }
  std::size_t leaf = 0;
  std::size_t tree = sorted.size;
  for (std::size_t made = sorted.size; made < trees; ++made) {
    weight[made] = 0;
    for (int child = 0; child < 2; ++child) {
      const bool leaf_is_lightest = leaf < sorted.size && (tree == made || weight[leaf] <= weight[tree]);
      const std::size_t lightest = leaf_is_lightest ? leaf++ : tree++;
      weight[made] += weight[lightest];
      parent[lightest] = static_cast<std::uint16_t>(made);
    }
  }
  length_counts depths{};
  std::array<std::uint16_t, 2 * literal_symbols> depth;
  depth[trees - 1] = 0;
  for (std::size_t i = trees - 1; i-- > 0;) {
    depth[i] = static_cast<std::uint16_t>(depth[parent[i]] + 1);
    if (i < sorted.size) {
      ++depths[std::min<unsigned>(depth[i], bits_max)];
    }
  }
  return depths;
}

// Leaves that were lifted to `bits_max` may be more than there is room for. Each step takes one of them and makes it the
// neighbour of the deepest leaf above, which goes down by one.
void make_room(length_counts& depths, unsigned bits_max) {
  std::uint32_t taken = 0;
  for (unsigned bits = 1; bits <= bits_max; ++bits) {
    taken += depths[bits] << (bits_max - bits);
  }
  for (const std::uint32_t room = std::uint32_t{1} << bits_max; taken > room; --taken) {
    unsigned above = bits_max - 1;
    while (depths[above] == 0) {
      --above;
    }
    --depths[above];
    --depths[bits_max];
    depths[above + 1] += 2;
  }
}

}  // namespace

void choose_lengths(std::span<const std::uint32_t> counts, unsigned bits_max, std::span<std::uint8_t> lengths) {
  SPILLWAY_ASSERT(counts.size() <= literal_symbols && counts.size() == lengths.size() && bits_max <= code_bits_max);
  const sorted_leaves sorted = sort(counts);
  SPILLWAY_ASSERT(sorted.size >= 2 && sorted.size <= std::size_t{1} << bits_max);
  length_counts depths = count_depths(sorted, bits_max);
  make_room(depths, bits_max);
  std::fill(lengths.begin(), lengths.end(), std::uint8_t{0});
  std::size_t next = 0;
  for (unsigned bits = bits_max; bits > 0; --bits) {
    for (std::uint32_t i = 0; i < depths[bits]; ++i) {
      lengths[symbol_of_leaf(sorted.leaves[next++])] = static_cast<std::uint8_t>(bits);
    }
  }
}

void assign_codes(std::span<const std::uint8_t> lengths, std::span<std::uint16_t> codes) {
  SPILLWAY_ASSERT(lengths.size() == codes.size());
  length_counts depths{};
  for (const std::uint8_t bits : lengths) {
    ++depths[bits];
  }
  depths[0] = 0;
  std::array<std::uint32_t, code_bits_max + 1> next{};
  for (unsigned bits = 1; bits <= code_bits_max; ++bits) {
    next[bits] = (next[bits - 1] + depths[bits - 1]) << 1;
  }
  for (std::size_t symbol = 0; symbol < lengths.size(); ++symbol) {
    std::uint32_t code = lengths[symbol] == 0 ? 0 : next[lengths[symbol]]++;
    std::uint32_t reversed = 0;
    for (unsigned bit = 0; bit < lengths[symbol]; ++bit, code >>= 1) {
      reversed = reversed << 1 | (code & 1);
    }
    codes[symbol] = static_cast<std::uint16_t>(reversed);
  }
}

}  // namespace spillway::codec
