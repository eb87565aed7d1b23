#include "export/merge_segments.hpp"

#include <algorithm>

namespace spillway::exporting {

result<made_segment> merge_segments::make(std::size_t index) {
  made_segment made;
  std::string text;
  const std::size_t end = std::min((index + 1) * merges_per_segment, merges_.size());
  for (std::size_t at = index * merges_per_segment; at < end; ++at) {
    text += model::to_line(merges_[at]);
    ++made.events;
  }
  SPILLWAY_TRY_ASSIGN(made.made, compressor_.compress(text));
  return made;
}

}  // namespace spillway::exporting
