#include "export/object_body.hpp"

#include "codec/stitch.hpp"

namespace spillway::exporting {

result<void> object_body::read(const std::function<result<void>(std::string_view)>& sink) {
  SPILLWAY_TRY(sink(codec::gzip_header()));
  SPILLWAY_TRY(store::read_segments(reader_, key_, object_.text_offset, object_.text_bytes, sink));
  const codec::text_totals totals{static_cast<std::uint64_t>(object_.text_bytes), object_.text_crc32};
  return sink(codec::gzip_trailer(totals));
}

}  // namespace spillway::exporting
