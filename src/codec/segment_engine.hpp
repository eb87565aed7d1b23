// The two engines that compress segments, ours and zlib's, behind one face. For this folder alone; others use codec/segment.hpp.
#pragma once

#include "model/project.hpp"

#include <memory>
#include <string_view>

namespace spillway::codec {

// Thread rule: one thread at a time.
class segment_engine {
public:
  virtual ~segment_engine() = default;
  // The segment of `text`, in a buffer of the engine's that the next call overwrites. The text comes in one piece;
  // equal texts give equal bytes, and ours on every machine.
  // REQUIRES: 1 byte <= text <= segment_text_bytes_max.
  virtual std::string_view compress(std::string_view text) = 0;
};

std::unique_ptr<segment_engine> make_segment_engine(model::compression engine);

}  // namespace spillway::codec
