// An object whose segments are made while it travels: behind a filter, or of merges. Their sizes are the ledger's.
#pragma once

#include "bucket/bucket.hpp"
#include "codec/stitch.hpp"
#include "export/filtered_segments.hpp"
#include "store/ledger.hpp"

#include <algorithm>

namespace spillway::exporting {

// `Segments` has count() and make(index), which gives the same segment each time.
template <class Segments>
class made_body final : public bucket::body_source {
public:
  // `object` outlives the body; it is used on the thread of what `segments` reads from.
  made_body(Segments segments, const store::object_row& object) : segments_(std::move(segments)), object_(object) {}

  std::uint64_t bytes() const override { return static_cast<std::uint64_t>(object_.bytes); }

  result<void> read(const bucket::piece_sink& sink) override { return read_range(0, bytes(), sink); }

  result<void> read_range(std::uint64_t first, std::uint64_t count, const bucket::piece_sink& sink) override {
    if (segments_.count() != object_.segment_bytes.size()) {
      return otherwise();
    }
    std::uint64_t at = 0;
    // Passes on what of the next `bytes` is wanted; `make` is called only if something is.
    const auto pass = [&](std::uint64_t bytes, const auto& make) -> result<void> {
      const std::uint64_t begin = std::max(first, at);
      const std::uint64_t end = std::min(first + count, at + bytes);
      if (begin < end) {
        SPILLWAY_TRY_ASSIGN(const std::string made, make());
        if (made.size() != bytes) {
          return otherwise();
        }
        SPILLWAY_TRY(sink(std::string_view(made).substr(begin - at, end - begin)));
      }
      at += bytes;
      return {};
    };
    SPILLWAY_TRY(pass(codec::gzip_header_bytes, [] { return result<std::string>(std::string(codec::gzip_header())); }));
    for (std::size_t i = 0; i < segments_.count(); ++i) {
      SPILLWAY_TRY(pass(object_.segment_bytes[i], [&]() -> result<std::string> {
        SPILLWAY_TRY_ASSIGN(made_segment made, segments_.make(i));
        return std::move(made.made.deflate);
      }));
    }
    return pass(codec::gzip_trailer_bytes, [this] {
      return result<std::string>(
          codec::gzip_trailer({static_cast<std::uint64_t>(object_.text_bytes), object_.text_crc32}));
    });
  }

private:
  failure otherwise() const {
    return {errc::corrupt, "making " + object_.key, "it comes out otherwise than when it was planned",
            "use the version that planned it, or delete it from the ledger"};
  }

  Segments segments_;
  const store::object_row& object_;
};

}  // namespace spillway::exporting
