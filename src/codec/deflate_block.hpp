// Blocks of a DEFLATE stream (RFC 1951, 3.2.3). None is the last: segments are stitched (codec/stitch.hpp). Pure.
#pragma once

#include "codec/bit_writer.hpp"
#include "codec/line_matcher.hpp"

namespace spillway::codec {

// The most bytes that write_block needs beyond those of its text, until it sees that the text itself is shorter: 46 bits
// a token.
inline constexpr std::size_t block_room_bytes = std::size_t{6} * line_matcher::tokens_max;

// A block with prefix codes of its own, or the text as it is where that is not longer. Returns the writer behind it.
bit_writer write_block(bit_writer out, const matched_text& matched);

// An empty stored block, which ends on a whole byte (zlib's Z_FULL_FLUSH): 00 00 ff ff. A match may not reach across:
// what follows begins anew.
bit_writer write_flush(bit_writer out);

}  // namespace spillway::codec
