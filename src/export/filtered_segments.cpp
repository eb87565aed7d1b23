#include "export/filtered_segments.hpp"

#include "codec/decode.hpp"
#include "codec/stitch.hpp"

namespace spillway::exporting {
namespace {

result<std::string> read_text(db::database& reader, const store::hour_key& key, const store::segment_row& source) {
  std::string text;
  SPILLWAY_TRY(store::read_segments(reader, key, source.text_offset, 1, [&](std::string_view deflate) -> result<void> {
    SPILLWAY_TRY_ASSIGN(text, codec::inflate_segment(deflate, static_cast<std::uint64_t>(source.text_bytes)));
    return {};
  }));
  if (codec::crc32_of(text) != source.text_crc32) {
    return failure{errc::corrupt, "reading a segment of hour " + model::to_string(key.hour),
                   "its text is not what was stored", "restore the state file from a backup"};
  }
  return text;
}

}  // namespace

result<made_segment> filtered_segments::make(std::size_t index) {
  SPILLWAY_TRY_ASSIGN(const std::string text, read_text(reader_, key_, sources_.at(index)));
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
