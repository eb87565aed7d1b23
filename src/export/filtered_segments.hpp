// Behind a filter: each segment of the store decoded, its chosen lines encoded again as a segment of their own. Which
// bytes come out follows from the segment, the filter and the engine alone, so nothing of it is kept.
#pragma once

#include "codec/segment.hpp"
#include "export/line_filter.hpp"
#include "store/event_store.hpp"

#include <vector>

namespace spillway::exporting {

struct made_segment {
  codec::segment made;
  std::int64_t events = 0;
};

// Thread rule: one thread, that of `reader`.
class filtered_segments {
public:
  filtered_segments(db::database& reader, store::hour_key key, std::vector<store::segment_row> sources,
                    line_filter filter, model::compression engine)
      : reader_(reader), key_(key), sources_(std::move(sources)), filter_(std::move(filter)), compressor_(engine) {}

  std::size_t count() const { return sources_.size(); }

  // errc::corrupt: what the store holds is not what was put there.
  result<made_segment> make(std::size_t index);

private:
  db::database& reader_;
  const store::hour_key key_;
  const std::vector<store::segment_row> sources_;
  const line_filter filter_;
  codec::segment_compressor compressor_;
};

}  // namespace spillway::exporting
