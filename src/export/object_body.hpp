// An object as it travels: gzip header, the segments of its text range, trailer. Nothing is compressed here.
#pragma once

#include "bucket/bucket.hpp"
#include "store/event_store.hpp"
#include "store/ledger.hpp"

namespace spillway::exporting {

class object_body final : public bucket::body_source {
public:
  // `reader` and `object` outlive the body; it is used on the thread of `reader`. errc::corrupt, of what is read: a
  // segment is not as long as the ledger, or its own row, says.
  object_body(db::database& reader, store::hour_key key, const store::object_row& object)
      : reader_(reader), key_(key), object_(object) {}

  std::uint64_t bytes() const override { return static_cast<std::uint64_t>(object_.bytes); }
  result<void> read(const bucket::piece_sink& sink) override;
  // Reads only the segments that the range touches.
  result<void> read_range(std::uint64_t first, std::uint64_t count, const bucket::piece_sink& sink) override;

private:
  // Everything, in order, with the bytes of each piece known before it is read.
  struct piece {
    std::uint64_t bytes = 0;
    std::int64_t text_offset = 0;  // of a segment
    enum class kind { header, segment, trailer } what = kind::segment;
  };
  result<std::vector<piece>> pieces();
  result<void> read_piece(const piece& which, const bucket::piece_sink& sink);
  std::string trailer() const;
  failure damaged() const;

  db::database& reader_;
  store::hour_key key_;
  const store::object_row& object_;
  std::vector<piece> pieces_;  // filled by the first read_range
};

}  // namespace spillway::exporting
