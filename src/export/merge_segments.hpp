// The merges of an organization and hour, encoded as segments: the first ones that were taken in, as many as were
// planned, so that what comes later does not show in a planned file.
#pragma once

#include "codec/segment.hpp"
#include "export/filtered_segments.hpp"
#include "model/project.hpp"
#include "store/merge_log.hpp"

#include <vector>

namespace spillway::exporting {

// Whatever engine the project has that delivers it: the file of an hour is the organization's, and each connection to a
// place is to make the same bytes of it.
inline constexpr model::compression merge_engine{};

class merge_segments {
public:
  merge_segments(std::vector<model::merge> merges, model::compression engine)
      : merges_(std::move(merges)), compressor_(engine) {}

  // Lines are so short that a segment of so many is about a MiB of text.
  static constexpr std::size_t merges_per_segment = 8'192;

  std::size_t count() const { return (merges_.size() + merges_per_segment - 1) / merges_per_segment; }
  result<made_segment> make(std::size_t index);

private:
  const std::vector<model::merge> merges_;
  codec::segment_compressor compressor_;
};

}  // namespace spillway::exporting
