// One segment back to its text.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::codec {

// `text_bytes` is the length that was recorded with the segment. The CRC-32 is the caller's to check, if it wants to:
// crc32_of (codec/stitch.hpp).
// errc::corrupt: not DEFLATE, not one whole segment, or not of that length.
result<std::string> inflate_segment(std::string_view deflate, std::uint64_t text_bytes);

}  // namespace spillway::codec
