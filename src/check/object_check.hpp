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

// Of what was listed. Nothing more is known of what is gone, or is there and can't be read.
enum class presence { read, gone, unread };

struct object_facts {
  check::presence presence = presence::read;
  std::string key;
  std::uint64_t bytes = 0;  // of the gzip file, as read
  base::sha256_digest sha256{};
  // Of its text; only if `is_readable`.
  std::uint64_t text_bytes = 0;
  std::uint32_t text_crc32 = 0;
  std::int64_t lines = 0;
  bool is_readable = false;  // it could be unpacked to its end
};

// A line without its '\n', numbered from 1. Empty and overlong lines are reported here, and not handed on.
using line_sink = std::function<void(std::int64_t line, std::string_view text)>;

// Why something that was listed could not be read: a finding, so that all others are looked at too; `why`, if it is one
// of the whole bucket.
result<presence> presence_behind(const failure& why, tally& findings);

// Memory: 0.5 MB, and the longest line. A failure is the bucket's; what is wrong with the object goes to `findings`.
result<object_facts> read_object(bucket::bucket& from, tally& findings, const line_sink& lines);

}  // namespace spillway::check
