#include "export/staged_objects.hpp"

#include <utility>

namespace spillway::exporting {

std::unique_ptr<bucket::staged_body> staged_objects::begin() {
  {
    const std::scoped_lock lock(mutex_);
    if (kept_.size() >= objects_max_) {
      return nullptr;
    }
  }
  // A bucket that fails here fails at the put as well, which knows what to say of it.
  auto made = to_.stage();
  return made ? std::move(*made) : nullptr;
}

void staged_objects::keep(const base::sha256_digest& sha256, std::unique_ptr<bucket::staged_body> whole) {
  const std::scoped_lock lock(mutex_);
  kept_.try_emplace(sha256, std::move(whole));
}

std::unique_ptr<bucket::staged_body> staged_objects::take(const base::sha256_digest& sha256) {
  const std::scoped_lock lock(mutex_);
  const auto found = kept_.extract(sha256);
  return found ? std::move(found.mapped()) : nullptr;
}

}  // namespace spillway::exporting
