#include "bucket/breaker.hpp"

namespace spillway::bucket {

breaker::turn breaker::begin() {
  std::unique_lock lock(mutex_);
  if (failures_ < failures_max) {
    return turn::send;
  }
  if (!is_probing_) {
    is_probing_ = true;
    return turn::probe;
  }
  probed_.wait(lock, [this] { return !is_probing_; });
  return failures_ < failures_max ? turn::send : turn::refused;
}

void breaker::end(turn which, outcome how) {
  if (which == turn::refused) {
    return;
  }
  const std::scoped_lock lock(mutex_);
  if (how != outcome::unknown) {
    failures_ = how == outcome::answered ? 0 : failures_ + 1;
  }
  if (which == turn::probe) {
    is_probing_ = false;
    probed_.notify_all();
  }
}

}  // namespace spillway::bucket
