// Multipart uploads in the ledger: their ids are there before the first part is sent, so that what a killed run has
// begun is aborted by the next one.
#pragma once

#include "base/clock.hpp"
#include "bucket/bucket.hpp"
#include "store/upload_log.hpp"

#include <mutex>

namespace spillway::exporting {

class upload_keeper final : public bucket::upload_log {
public:
  // `state` is a connection of its own: puts run on many threads.
  upload_keeper(db::database state, store::place in, const base::clock& clock)
      : state_(std::move(state)), in_(std::move(in)), clock_(clock) {}

  result<void> begun(std::string_view key, std::string_view upload_id) override;
  void gone(std::string_view key, std::string_view upload_id) override;

private:
  std::mutex mutex_;
  db::database state_;
  const store::place in_;
  const base::clock& clock_;
};

}  // namespace spillway::exporting
