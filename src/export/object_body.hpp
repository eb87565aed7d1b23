// An object as it travels: gzip header, the segments of its text range, trailer. Nothing is compressed here.
#pragma once

#include "bucket/bucket.hpp"
#include "store/event_store.hpp"
#include "store/ledger.hpp"

namespace spillway::exporting {

class object_body final : public bucket::body_source {
public:
  // `reader` and `object` outlive the body; it is used on the thread of `reader`.
  object_body(db::database& reader, store::hour_key key, const store::object_row& object)
      : reader_(reader), key_(key), object_(object) {}

  std::uint64_t bytes() const override { return static_cast<std::uint64_t>(object_.bytes); }
  result<void> read(const std::function<result<void>(std::string_view)>& sink) override;

private:
  db::database& reader_;
  store::hour_key key_;
  const store::object_row& object_;
};

}  // namespace spillway::exporting
