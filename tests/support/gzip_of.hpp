// A text as one gzip member, made by the code that makes objects.
#pragma once

#include "codec/segment.hpp"
#include "codec/stitch.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace spillway::test {

inline std::string gzip_of(std::string_view text) {
  constexpr std::size_t segment_bytes = std::size_t{1} << 20;
  std::string zipped(codec::gzip_header());
  codec::text_totals totals;
  codec::segment_compressor compressor(model::compression{6});
  do {
    const codec::segment made = compressor.compress(text.substr(0, segment_bytes)).value();
    totals.append(made.text_bytes, made.text_crc32);
    zipped += made.deflate;
    text.remove_prefix(std::min(text.size(), segment_bytes));
  } while (!text.empty());
  return zipped + codec::gzip_trailer(totals);
}

}  // namespace spillway::test
