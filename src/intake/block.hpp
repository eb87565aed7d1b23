// A run of whole lines of one input: what travels from reading to parsing.
#pragma once

#include "base/hashes.hpp"

#include <cstdint>
#include <string>

namespace spillway::intake {

// What a block's text is.
enum class block_kind : std::uint8_t {
  lines,     // raw events, a JSON object a line; some may be request bodies
  requests,  // the same with a limit for request bodies: the first line is one
  request,   // one request body over several lines
  overlong,  // the front of a line, or of a body over several, that is too long; the rest of it was passed over
};

// How far an input has been read: its first `raw_bytes` bytes hash to `raw_hash`, and hold its first `text_bytes` of
// text in `lines` lines, over all texts of a zip together. Raw runs ahead of text, since it is read in larger pieces.
struct input_mark {
  std::uint64_t raw_bytes = 0;
  base::hash128 raw_hash;
  std::uint64_t text_bytes = 0;
  std::uint64_t lines = 0;
};

struct block {
  block_kind kind = block_kind::lines;
  std::string text;               // whole lines; only the last of a text may lack its '\n'
  std::string member;             // the zip member it is from; empty outside of zips
  std::uint64_t input_byte = 0;   // where it starts in the text of its input, over all members
  std::uint64_t member_byte = 0;  // where it starts in its member, for people
  std::uint64_t first_line = 1;   // in its member, from 1
  std::uint64_t overlong_bytes = 0;  // of block_kind::overlong: how long the line was
  input_mark end;                 // behind this block
};

// So much text makes a block: large enough that handing it to another core costs nothing.
inline constexpr std::size_t block_bytes = std::size_t{256} << 10;

}  // namespace spillway::intake
