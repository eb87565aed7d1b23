#include "store/key_filter.hpp"

namespace spillway::store {
namespace {

constexpr std::size_t bits_per_key = 12;
constexpr std::size_t bits_per_line = 512;
// Of 9 bits of the hash each: which of the 512 is set.
constexpr int probes = 6;
constexpr int probe_bits = 9;

template <class Visit>
bool all_probes(std::uint64_t bits, const Visit& visit) {
  for (int i = 0; i < probes; ++i, bits >>= probe_bits) {
    if (!visit(bits / 64 % 8, std::uint64_t{1} << bits % 64)) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::size_t key_filter::lines_of(std::size_t keys_max) { return keys_max * bits_per_key / bits_per_line + 1; }

key_filter::key_filter(std::size_t keys_max) : keys_max_(keys_max), lines_(lines_of(keys_max)) {}

// The high half of a hash, as a fraction of all lines.
std::size_t key_filter::line_of(const base::hash128& key) const {
  return static_cast<std::size_t>((key.high >> 32) * lines_.size() >> 32);
}

void key_filter::add(const base::hash128& key) {
  line& bits = lines_[line_of(key)];
  all_probes(key.low, [&bits](std::size_t word, std::uint64_t bit) {
    bits[word] |= bit;
    return true;
  });
  ++keys_;
}

bool key_filter::may_have(const base::hash128& key) const {
  const line& bits = lines_[line_of(key)];
  return all_probes(key.low, [&bits](std::size_t word, std::uint64_t bit) { return (bits[word] & bit) != 0; });
}

}  // namespace spillway::store
