#include "base/parts_sha256.hpp"

#include "base/result.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace spillway::base {
namespace {

constexpr std::size_t block_bytes = parts_sha256::block_bytes;
using words = std::array<std::uint32_t, 8>;

// FIPS 180-4, 5.3.3.
constexpr words initial = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                           0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

#if defined(__x86_64__)

// FIPS 180-4, 4.2.2.
alignas(16) constexpr std::array<std::uint32_t, 64> round_constants = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// Intel SDM, CPUID leaf 7: EBX bit 29.
bool has_sha_instructions() {
  unsigned a = 0;
  unsigned b = 0;
  unsigned c = 0;
  unsigned d = 0;
  constexpr unsigned sha_bit = 1U << 29;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & sha_bit) != 0 && __builtin_cpu_supports("sse4.1") != 0;
}

#define SPILLWAY_SHA __attribute__((target("sha,sse4.1"))) inline

// The eight words as the instructions want them: A, B, E, F and C, D, G, H.
struct sha_state {
  __m128i abef;
  __m128i cdgh;
};

SPILLWAY_SHA sha_state load(const words& from) {
  const __m128i cdab = _mm_shuffle_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from.data())), 0xB1);
  const __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from.data() + 4)), 0x1B);
  return {_mm_alignr_epi8(cdab, efgh, 8), _mm_blend_epi16(efgh, cdab, 0xF0)};
}

SPILLWAY_SHA void store(const sha_state& from, words& to) {
  const __m128i feba = _mm_shuffle_epi32(from.abef, 0x1B);
  const __m128i dchg = _mm_shuffle_epi32(from.cdgh, 0xB1);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to.data()), _mm_blend_epi16(feba, dchg, 0xF0));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to.data() + 4), _mm_alignr_epi8(dchg, feba, 8));
}

SPILLWAY_SHA void four_rounds(sha_state& of, __m128i scheduled) {
  of.cdgh = _mm_sha256rnds2_epu32(of.cdgh, of.abef, scheduled);
  of.abef = _mm_sha256rnds2_epu32(of.abef, of.cdgh, _mm_shuffle_epi32(scheduled, 0x0E));
}

SPILLWAY_SHA sha_state sum_of(const sha_state& a, const sha_state& b) {
  return {_mm_add_epi32(a.abef, b.abef), _mm_add_epi32(a.cdgh, b.cdgh)};
}

SPILLWAY_SHA void add_blocks(words& first, words& second, const char* data, std::size_t blocks) {
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  sha_state a = load(first);
  sha_state b = load(second);
  for (; blocks > 0; --blocks, data += block_bytes) {
    const sha_state a_before = a;
    const sha_state b_before = b;
    __m128i w[4];
    for (int i = 0; i < 4; ++i) {
      w[i] = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(data + 16 * i)), big_endian);
    }
#pragma GCC unroll 16
    for (int i = 0; i < 16; ++i) {
      const __m128i* constants = reinterpret_cast<const __m128i*>(round_constants.data()) + i;
      const __m128i scheduled = _mm_add_epi32(w[i % 4], _mm_load_si128(constants));
      four_rounds(a, scheduled);
      four_rounds(b, scheduled);
      if (i < 12) {  // the words of four quads later take the place of those that were used
        const __m128i seven_back = _mm_alignr_epi8(w[(i + 3) % 4], w[(i + 2) % 4], 4);
        const __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w[i % 4], w[(i + 1) % 4]), seven_back);
        w[i % 4] = _mm_sha256msg2_epu32(sum, w[(i + 3) % 4]);
      }
    }
    a = sum_of(a, a_before);
    b = sum_of(b, b_before);
  }
  store(a, first);
  store(b, second);
}

#undef SPILLWAY_SHA

#else

bool has_sha_instructions() { return false; }
void add_blocks(words&, words&, const char*, std::size_t) { SPILLWAY_ASSERT(false); }

#endif

void put_big_endian(std::uint64_t number, unsigned char* to, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) {
    to[i] = static_cast<unsigned char>(number >> (8 * (bytes - 1 - i)));
  }
}

// What is behind the last whole block of a message of so many bytes, padded: FIPS 180-4, 5.1.1.
std::string padded(std::string_view rest, std::uint64_t message_bytes) {
  constexpr std::size_t length_bytes = 8;
  std::string made(rest);
  made += '\x80';
  made.resize((made.size() + length_bytes + block_bytes - 1) / block_bytes * block_bytes);
  put_big_endian(message_bytes * 8, reinterpret_cast<unsigned char*>(made.data() + made.size() - length_bytes),
                 length_bytes);
  return made;
}

// Both sums by the processor's instructions.
class twin_sums {
public:
  void update(std::string_view bytes) {
    whole_bytes_ += bytes.size();
    part_bytes_ += bytes.size();
    if (!rest_.empty()) {
      const std::size_t count = std::min(block_bytes - rest_.size(), bytes.size());
      rest_ += bytes.substr(0, count);
      bytes.remove_prefix(count);
      if (rest_.size() < block_bytes) {
        return;
      }
      add_blocks(whole_, part_, rest_.data(), 1);
      rest_.clear();
    }
    add_blocks(whole_, part_, bytes.data(), bytes.size() / block_bytes);
    rest_ = bytes.substr(bytes.size() / block_bytes * block_bytes);
  }
  // With a rest of a block the sums would go apart: only the last part may have one.
  sha256_digest finish_part() {
    const sha256_digest digest = finished(part_, part_bytes_);
    part_ = initial;
    part_bytes_ = 0;
    return digest;
  }
  sha256_digest finish() const { return finished(whole_, whole_bytes_); }

private:
  sha256_digest finished(words state, std::uint64_t bytes) const {
    const std::string last = padded(rest_, bytes);
    words unused = initial;
    add_blocks(state, unused, last.data(), last.size() / block_bytes);
    sha256_digest digest;
    for (std::size_t i = 0; i < state.size(); ++i) {
      put_big_endian(state[i], digest.data() + 4 * i, 4);
    }
    return digest;
  }

  words whole_ = initial;
  words part_ = initial;
  std::uint64_t whole_bytes_ = 0;
  std::uint64_t part_bytes_ = 0;
  std::string rest_;  // less than a block
};

// Both, one after the other.
class portable_sums {
public:
  void update(std::string_view bytes) {
    whole_.update(bytes);
    part_.update(bytes);
  }
  sha256_digest finish_part() { return std::exchange(part_, sha256()).finish(); }
  sha256_digest finish() { return whole_.finish(); }

private:
  sha256 whole_;
  sha256 part_;
};

}  // namespace

struct parts_sha256::sums {
  std::variant<twin_sums, portable_sums> made;
};

parts_sha256::parts_sha256(engine wanted) : sums_(std::make_unique<sums>()) {
  static const bool has_instructions = has_sha_instructions();
  if (wanted == engine::portable || !has_instructions) {
    sums_->made.emplace<portable_sums>();
  }
}
parts_sha256::~parts_sha256() = default;
parts_sha256::parts_sha256(parts_sha256&&) noexcept = default;
parts_sha256& parts_sha256::operator=(parts_sha256&&) noexcept = default;

void parts_sha256::update(std::string_view bytes) {
  std::visit([bytes](auto& made) { made.update(bytes); }, sums_->made);
}

sha256_digest parts_sha256::finish_part() {
  return std::visit([](auto& made) { return made.finish_part(); }, sums_->made);
}

sha256_digest parts_sha256::finish() {
  return std::visit([](auto& made) { return made.finish(); }, sums_->made);
}

}  // namespace spillway::base
