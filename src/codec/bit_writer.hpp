// Bits in DEFLATE's order (RFC 1951, 3.1.1): the first is the lowest of the first byte. A value: a copy remembers a place
// to which writing can go back.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace spillway::codec {

class bit_writer {
public:
  // REQUIRES: room for all that is written, and 8 bytes more.
  explicit bit_writer(char* out) : out_(out) {}

  // REQUIRES: count <= 56, and no bit of `bits` beyond it.
  void put(std::uint64_t bits, unsigned count) {
    waiting_ |= bits << waiting_bits_;
    waiting_bits_ += count;
    std::memcpy(out_, &waiting_, sizeof waiting_);
    out_ += waiting_bits_ / 8;
    waiting_ >>= waiting_bits_ & ~7U;
    waiting_bits_ %= 8;
  }

  // Zero bits up to the next byte.
  void align() { put(0, (8 - waiting_bits_) % 8); }

  // REQUIRES: aligned.
  void append(std::string_view bytes) { out_ = std::copy(bytes.begin(), bytes.end(), out_); }

  // Where the next whole byte goes.
  char* at() const { return out_; }

private:
  char* out_;
  std::uint64_t waiting_ = 0;
  unsigned waiting_bits_ = 0;  // less than 8
};

}  // namespace spillway::codec
