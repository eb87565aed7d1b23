#include "store/background_checkpoint.hpp"

#include <chrono>
#include <utility>

namespace spillway::store {

// Neither statement can fail: both set a number of the connection.
background_checkpoint::background_checkpoint(db::database& writes, db::database copies, limits set)
    : writes_(writes), copies_(std::move(copies)), limits_(set), thread_(1) {
  (void)writes_.execute("PRAGMA wal_autocheckpoint=0");
}
background_checkpoint::~background_checkpoint() {
  (void)writes_.execute("PRAGMA wal_autocheckpoint=1000");  // SQLite's default
}

result<void> background_checkpoint::after_commit() {
  ++commits_;
  const bool behind = commits_ >= 4 * limits_.commits_per_checkpoint;
  if (pending_ && (behind || pending_->wait_for(std::chrono::seconds{0}) == std::future_status::ready)) {
    SPILLWAY_TRY(finish());
  }
  if (!pending_ && commits_ >= limits_.commits_per_checkpoint) {
    commits_ = 0;
    pending_ =
        base::run_on<result<db::database::log_state>>(thread_, [this](std::size_t) { return copies_.checkpoint(); });
  }
  return {};
}

result<void> background_checkpoint::finish() {
  SPILLWAY_TRY_ASSIGN(const db::database::log_state made, std::exchange(pending_, std::nullopt)->get());
  if (made.pages > limits_.log_pages_max) {
    SPILLWAY_TRY(copies_.checkpoint());
  }
  return {};
}

}  // namespace spillway::store
