#include "export/object_body.hpp"

#include "codec/stitch.hpp"

#include <algorithm>

namespace spillway::exporting {

std::string object_body::trailer() const {
  return codec::gzip_trailer({static_cast<std::uint64_t>(object_.text_bytes), object_.text_crc32});
}

failure object_body::damaged() const {
  return {errc::corrupt, "making " + object_.key, "a segment of its hour is not as long as it was",
          "restore the state file from a backup"};
}

result<void> object_body::read(const bucket::piece_sink& sink) {
  std::uint64_t left = bytes() - codec::gzip_header_bytes - codec::gzip_trailer_bytes;
  SPILLWAY_TRY(sink(codec::gzip_header()));
  SPILLWAY_TRY(store::read_segments(reader_, key_, object_.source_offset, object_.source_bytes,
                                    [&](std::string_view deflate) -> result<void> {
                                      if (deflate.size() > left) {
                                        return damaged();
                                      }
                                      left -= deflate.size();
                                      return sink(deflate);
                                    }));
  return left == 0 ? sink(trailer()) : damaged();
}

result<std::vector<object_body::piece>> object_body::pieces() {
  SPILLWAY_TRY_ASSIGN(const std::vector<store::segment_row> segments,
                      store::list_segments(reader_, key_, object_.source_offset, object_.source_bytes));
  std::vector<piece> all{{codec::gzip_header_bytes, 0, piece::kind::header}};
  for (const store::segment_row& each : segments) {
    all.push_back({static_cast<std::uint64_t>(each.deflate_bytes), each.text_offset, piece::kind::segment});
  }
  all.push_back({codec::gzip_trailer_bytes, 0, piece::kind::trailer});
  return all;
}

result<void> object_body::read_piece(const piece& which, const bucket::piece_sink& sink) {
  switch (which.what) {
    case piece::kind::header: return sink(codec::gzip_header());
    case piece::kind::trailer: return sink(trailer());
    case piece::kind::segment: break;
  }
  return store::read_segments(reader_, key_, which.text_offset, 1, sink);
}

result<void> object_body::read_range(std::uint64_t first, std::uint64_t count, const bucket::piece_sink& sink) {
  if (pieces_.empty()) {
    SPILLWAY_TRY_ASSIGN(pieces_, pieces());
  }
  std::uint64_t at = 0;
  for (const piece& each : pieces_) {
    const std::uint64_t begin = std::max(first, at);
    const std::uint64_t end = std::min(first + count, at + each.bytes);
    if (begin < end) {
      SPILLWAY_TRY(read_piece(each, [&](std::string_view whole) -> result<void> {
        return whole.size() == each.bytes ? sink(whole.substr(begin - at, end - begin)) : damaged();
      }));
    }
    at += each.bytes;
  }
  return {};
}

}  // namespace spillway::exporting
