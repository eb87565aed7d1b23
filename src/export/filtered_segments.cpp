#include "export/filtered_segments.hpp"

#include <algorithm>

namespace spillway::exporting {

result<made_segment> filtered_segments::make(std::size_t index) {
  SPILLWAY_TRY_ASSIGN(const std::string text, store::read_segment_text(reader_, key_, sources_.at(index)));
  made_segment chosen;
  std::string lines;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (filter_(line)) {
      lines.append(line).push_back('\n');
      ++chosen.events;
    }
  }
  SPILLWAY_TRY_ASSIGN(chosen.made, compressor_.compress(lines));
  return chosen;
}

}  // namespace spillway::exporting
