#include "codec/segment.hpp"

#include "codec/filters.hpp"
#include "codec/stitch.hpp"

#include <boost/iostreams/close.hpp>
#include <boost/iostreams/device/back_inserter.hpp>

namespace spillway::codec {

namespace io = boost::iostreams;

struct segment_compressor::implementation {
  segment_filter filter;
};

segment_compressor::segment_compressor(model::compression engine)
    : implementation_(std::make_unique<implementation>(implementation{segment_filter(engine)})) {}
segment_compressor::~segment_compressor() = default;
segment_compressor::segment_compressor(segment_compressor&&) noexcept = default;
segment_compressor& segment_compressor::operator=(segment_compressor&&) noexcept = default;

result<segment> segment_compressor::compress(std::string_view text) {
  if (text.size() > segment_text_bytes_max) {
    return failure{errc::too_large,
                   "compressing a segment",
                   "its text has " + std::to_string(text.size()) + " bytes, and a segment's has 8 MiB at most",
                   {}};
  }
  segment made;
  made.text_bytes = text.size();
  made.text_crc32 = crc32_of(text);
  segment_filter& filter = implementation_->filter;
  io::back_insert_device<std::string> sink(made.deflate);
  filter.expect(text.size());
  io::write(filter, sink, text.data(), static_cast<std::streamsize>(text.size()));
  io::close(filter, sink, std::ios_base::out);
  return made;
}

}  // namespace spillway::codec
