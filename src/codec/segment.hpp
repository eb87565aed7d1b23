// Segments: runs of encoded lines, compressed so that objects can be made from them without compressing again.
//
// A segment is raw DEFLATE (RFC 1951) that is not final, starts and ends on a byte, and looks back at nothing before
// itself: it ends on a full flush, whose bytes are an empty stored block. "a\n" at zlib's level 6:
//     4a e4 02 00 00 00 ff ff     block with "a\n"; empty stored block: 00 00 ff ff behind its three header bits
// Segments of different engines may stand one behind another (codec/stitch.hpp makes a gzip member of them).
#pragma once

#include "base/result.hpp"
#include "model/project.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace spillway::codec {

// The text of a segment is 1 MiB and the rest of its last line; 8 MiB leaves room for the longest line.
inline constexpr std::size_t segment_text_bytes_max = std::size_t{8} << 20;

struct segment {
  std::string deflate;           // empty if the text is
  std::uint64_t text_bytes = 0;  // at most segment_text_bytes_max
  std::uint32_t text_crc32 = 0;  // gzip's CRC-32 of the text
};

// Makes segments, one after another. Its buffers, 1.5 MiB for segments of 1 MiB, are kept from one to the next.
// Thread rule: one thread at a time; one compressor a thread is the intended use.
class segment_compressor {
public:
  explicit segment_compressor(model::compression engine);
  ~segment_compressor();
  segment_compressor(segment_compressor&&) noexcept;
  segment_compressor& operator=(segment_compressor&&) noexcept;

  // The same text gives the same bytes every time, whatever this compressor did before. Empty text gives a segment
  // of no bytes, which may be stitched like any other.
  // errc::too_large: `text` is longer than segment_text_bytes_max.
  result<segment> compress(std::string_view text);

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

// What decides the bytes, for the ledger: engine, library version, level. "lines-1", "zlib-1.2.13/6".
std::string engine_name(model::compression engine);

}  // namespace spillway::codec
