// What the generator draws and writes with: random numbers and JSON text that are the same on every machine. Only
// generator.cpp includes this.
#pragma once

#include "base/time.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

namespace spillway::record {

// SplitMix64 (Steele, Lea and Flood, 2014): every 64-bit number once in a period of 2^64. The distributions of the
// standard library differ from one library to the next, so there are none here.
class random_source {
public:
  explicit random_source(std::uint64_t state) : state_(state) {}

  std::uint64_t next() {
    state_ += 0x9e3779b97f4a7c15u;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
    return mixed ^ (mixed >> 31);
  }
  // 0 to `limit` - 1.
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(((next() >> 32) * limit) >> 32); }
  std::int64_t between(std::uint32_t least, std::uint32_t most) {
    return least + std::int64_t{below(most - least + 1)};
  }
  bool one_in(std::uint32_t count) { return below(count) == 0; }
  template <class Table>
  const auto& pick(const Table& table) {
    return table[below(static_cast<std::uint32_t>(std::size(table)))];
  }

private:
  std::uint64_t state_;
};

// A source whose state is far from that of its neighbours' `number`.
inline random_source source_of(std::uint64_t seed, std::uint64_t number) {
  return random_source(random_source(seed).next() ^ random_source(~number).next());
}

// Writes JSON values at the end of a line.
class writer {
public:
  explicit writer(std::string& line) : line_(line) {}

  writer& raw(std::string_view bytes) {
    line_.append(bytes);
    return *this;
  }
  writer& quoted(std::string_view value) {
    line_ += '"';
    line_.append(value);
    line_ += '"';
    return *this;
  }
  writer& quoted_or_null(std::string_view value) { return value.empty() ? raw("null") : quoted(value); }
  writer& integer(std::int64_t value) {
    char digits[24];
    const auto written = std::to_chars(digits, digits + sizeof digits, value);
    line_.append(digits, written.ptr);
    return *this;
  }
  // `value` hundredths or thousandths, with all its decimals: 110 in hundredths is 1.10.
  writer& decimal(std::int64_t value, std::int64_t parts) {
    if (value < 0) {
      line_ += '-';
      value = -value;
    }
    integer(value / parts);
    line_ += '.';
    for (std::int64_t part = parts / 10; part > 0; part /= 10) {
      line_ += static_cast<char>('0' + value / part % 10);
    }
    return *this;
  }
  writer& hex(std::uint64_t value, int digits) {
    for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
      line_ += "0123456789abcdef"[(value >> shift) & 15];
    }
    return *this;
  }
  // `characters` of base64url's alphabet, as click ids and short ids of the web are made of.
  writer& token(random_source& random, int characters) {
    static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (std::uint64_t bits = 0; characters > 0; --characters, bits >>= 6) {
      if (bits < 64) {
        bits = random.next() | std::uint64_t{1} << 63;
      }
      line_ += alphabet[bits & 63];
    }
    return *this;
  }
  // 36 characters in the form of version 4: "9b2d6c1e-5f0a-4d3b-8c7e-1f2a3b4c5d6e".
  writer& uuid(std::uint64_t high, std::uint64_t low) {
    hex(high >> 32, 8).raw("-").hex(high >> 16, 4).raw("-4").hex(high, 3).raw("-");
    return hex(0x8000 | ((low >> 48) & 0x3fff), 4).raw("-").hex(low, 12);
  }
  writer& time(base::instant when) {
    char stamp[base::timestamp_bytes];
    base::write_timestamp(std::clamp(when, base::instant_min, base::instant_max), ' ', stamp);
    line_ += '"';
    line_.append(stamp, sizeof stamp);
    line_ += '"';
    return *this;
  }

private:
  std::string& line_;
};

}  // namespace spillway::record
