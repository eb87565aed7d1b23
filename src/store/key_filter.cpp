#include "store/key_filter.hpp"

namespace spillway::store {
namespace {

constexpr std::size_t bits_per_key = 14;
constexpr std::size_t bits_per_line = 512;
// Of 9 bits each: which of the 512 is set.
constexpr int probes = 7;
constexpr int probe_bits = 9;
constexpr int probe_shift = 64 - probe_bits;

// All bits that tell keys of a row apart, mixed: 2^64 divided by the golden ratio is the constant of Fibonacci hashing.
std::uint64_t bits_of(const key_hash& key) { return (key.high << 32 | key.low) * 0x9e3779b97f4a7c15; }

struct probe {
  std::size_t word;
  int bit;
};

// The nth probe of a key.
constexpr probe probe_of(std::uint64_t bits, int n) {
  const std::uint64_t place = bits << (n * probe_bits) >> probe_shift;
  return {place / 64, static_cast<int>(place % 64)};
}

}  // namespace

std::size_t key_filter::lines_of(std::size_t keys) { return keys * bits_per_key / bits_per_line + 1; }

void key_filter::add(const key_hash& key) {
  line& bits = lines_[line_of(key)];
#pragma GCC unroll 7
  for (int n = 0; n < probes; ++n) {
    const probe at = probe_of(bits_of(key), n);
    bits.words[at.word] |= std::uint64_t{1} << at.bit;
  }
}

// All probes, without a branch: which of them fails first can't be predicted.
bool key_filter::may_have(const key_hash& key) const {
  const line& bits = lines_[line_of(key)];
  std::uint64_t all = 1;
#pragma GCC unroll 7
  for (int n = 0; n < probes; ++n) {
    const probe at = probe_of(bits_of(key), n);
    all &= bits.words[at.word] >> at.bit;
  }
  return all != 0;
}

}  // namespace spillway::store
