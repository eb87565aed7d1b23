#include "codec/stitch.hpp"

#include "base/bytes.hpp"

#include <isa-l.h>
#include <zlib.h>

namespace spillway::codec {

std::string_view gzip_header() {
  static constexpr char bytes[gzip_header_bytes + 1] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff";
  return {bytes, gzip_header_bytes};
}

void text_totals::append(std::uint64_t segment_bytes, std::uint32_t segment_crc32) {
  crc32 = static_cast<std::uint32_t>(crc32_combine(crc32, segment_crc32, static_cast<z_off_t>(segment_bytes)));
  bytes += segment_bytes;
}

std::string gzip_trailer(const text_totals& totals) {
  std::string trailer("\x03\x00", 2);
  base::append_number(trailer, totals.crc32);
  base::append_number(trailer, static_cast<std::uint32_t>(totals.bytes & 0xffffffffU));
  return trailer;
}

std::uint32_t crc32_of(std::string_view bytes, std::uint32_t seed) {
  return crc32_gzip_refl(seed, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
}

}  // namespace spillway::codec
