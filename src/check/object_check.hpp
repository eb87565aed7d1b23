// Reads one gzip object as a stream: is it one sound member of whole lines? Hands each line on.
#pragma once

#include "base/hashes.hpp"
#include "bucket/bucket.hpp"
#include "check/finding.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace spillway::check {

// A longer line is a finding and is not looked into. Spillway takes in 4 MiB, Amplitude whole requests of 20 MB.
inline constexpr std::size_t line_bytes_max = std::size_t{32} << 20;

struct object_facts {
  std::string key;
  std::uint64_t bytes = 0;  // of the gzip file, as read
  base::sha256_digest sha256{};
  // Of its text; only if `is_readable`.
  std::uint64_t text_bytes = 0;
  std::uint32_t text_crc32 = 0;
  std::int64_t lines = 0;
  bool is_readable = false;  // it could be unpacked to its end
  bool is_there = true;      // false: it was removed since the listing
};

// A line without its '\n', numbered from 1. Empty and overlong lines are reported here, and not handed on.
using line_sink = std::function<void(std::int64_t line, std::string_view text)>;

// Memory: 0.5 MB, and the longest line. A failure is the bucket's; what is wrong with the object goes to `findings`.
result<object_facts> read_object(bucket::bucket& from, tally& findings, const line_sink& lines);

}  // namespace spillway::check
