#include "codec/line_matcher.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace spillway::codec {
namespace {

std::uint64_t load_8(const char* at) {
  std::uint64_t bytes;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes;
}

std::uint32_t load_4(const char* at) {
  std::uint32_t bytes;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes;
}

// Does `earlier` go on as the text at `at` does, for four bytes at the least?
inline bool goes_on_as(const char* earlier, const char* at) {
  const auto distance = static_cast<std::size_t>(at - earlier);  // 0 is none
  return load_4(earlier) == load_4(at) && distance - 1 < match_distance_max;
}

// Where two texts part, `end` at the latest.
inline const char* common_end(const char* at, const char* other, const char* end) {
  static_assert(std::endian::native == std::endian::little);
  for (; at < end; at += 8, other += 8) {
    if (const std::uint64_t difference = load_8(at) ^ load_8(other); difference != 0) {
      at += std::countr_zero(difference) / 8;
      break;
    }
  }
  return std::min(at, end);
}

// Where a value, a key, a word or a line of a text can begin or end: JSON's own marks, spaces, and the backslash of escapes.
[[gnu::always_inline]] inline const char* find_start(const char* at, const char* end) {
#if defined(__SSE2__)
  for (; at < end; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const auto equal = [bytes](char byte) { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte)); };
    const __m128i starts = _mm_or_si128(_mm_or_si128(equal('"'), equal(',')), _mm_or_si128(equal(' '), equal('\\')));
    if (const auto found = static_cast<unsigned>(_mm_movemask_epi8(starts)); found != 0) {
      return std::min(at + std::countr_zero(found), end);
    }
  }
  return end;
#else
  return std::find_if(at, end, [](char byte) { return byte == '"' || byte == ',' || byte == ' ' || byte == '\\'; });
#endif
}

}  // namespace

void line_matcher::start(std::string_view text) {
  begin_ = text.data();
  end_ = begin_ + text.size();
  const places look = text.size() <= short_bytes_max ? places::all : places::starts;
  progress_ = {look, begin_, begin_, begin_, nullptr};
  seen_.fill(0);
}

matched_text line_matcher::next() {
  const char* const last = end_ - begin_ > load_bytes_max ? end_ - load_bytes_max : begin_;
  const token* const full = tokens_.get() + tokens_max;
  progress now = progress_;
  now.next = tokens_.get();
  while (now.at < last && now.next < full) {
    const char* const before = exchange_place(now.at);
    if (goes_on_as(now.beside, now.at)) {
      now.add_match(now.beside, last);
    } else if (goes_on_as(before, now.at)) {
      now.add_match(before, last);
    } else {
      now.skip_to_next_place(last);
    }
  }
  now.add_literals();
  for (; now.at >= last && now.at < end_; ++now.at) {
    *now.next++ = literal_token(static_cast<unsigned char>(*now.at));
  }
  now.literals = now.at;
  const char* const from = std::exchange(progress_, now).at;
  return {{tokens_.get(), now.next}, {from, now.at}};
}

// Where the same hash was seen last.
inline const char* line_matcher::exchange_place(const char* at) {
  constexpr std::uint64_t multiplier = 0x9e3779b185ebca87;  // XXH64's first prime
  std::uint32_t& place = seen_[load_8(at) * multiplier >> (64 - table_bits)];
  return begin_ + std::exchange(place, static_cast<std::uint32_t>(at - begin_));
}

// The steps are inlined by force, so that progress stays in registers: 8 % of the time.
[[gnu::always_inline]] inline void line_matcher::progress::add_match(const char* match, const char* last) {
  add_literals();
  const token distance = distance_part(static_cast<std::size_t>(at - match));
  const char* const end = common_end(at + 4, match + 4, std::min(last, at + step_bytes_max));
  auto left = static_cast<std::size_t>(std::max(end, at + 4) - at);
  at += left;
  beside = match + left;
  literals = at;
  while (left > match_bytes_max) {
    const std::size_t bytes = std::min(match_bytes_max, left - match_bytes_min);  // the rest is a match, too
    *next++ = length_part(bytes) | distance;
    left -= bytes;
  }
  *next++ = length_part(left) | distance;
}

// Writes two tokens of four bytes at a time; those beyond the last byte are written over by what comes next.
[[gnu::always_inline]] inline void line_matcher::progress::add_literals() {
  if (literals == at) {
    return;
  }
  const auto bytes = static_cast<std::size_t>(at - literals);
  token* out = next;
  for (const char* from = literals; from < at; from += 4, out += 2) {
    const std::uint64_t four = load_4(from);
    const std::uint64_t pairs = (four & 0xffff) | (four & 0xffff'0000) << 16;
    const std::uint64_t tokens = (pairs & 0xff'0000'00ff) | (pairs & 0xff00'0000'ff00) << 1;
    std::memcpy(out, &tokens, sizeof tokens);
  }
  next += (bytes + 1) / 2;
  next[-1] |= bytes % 2 == 0 ? 0 : token_nothing << 9;  // never a jump: every second one would be unforeseen
  literals = at;
}

[[gnu::always_inline]] inline void line_matcher::progress::skip_to_next_place(const char* last) {
  beside = find_start(beside, std::min(at, beside + step_bytes_max));
  at = look == places::all ? at + 1 : find_start(at + 1, std::min(last, at + step_bytes_max));
  if (at - literals >= step_bytes_max) {
    add_literals();
  }
}

}  // namespace spillway::codec
