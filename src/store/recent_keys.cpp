#include "store/recent_keys.hpp"

#include <limits>
#include <utility>

namespace spillway::store {
namespace {

constexpr std::int64_t empty_slot = std::numeric_limits<std::int64_t>::min();
constexpr std::size_t slots_at_first = std::size_t{1} << 14;

std::vector<seen_key> empty_slots(std::size_t count) { return std::vector<seen_key>(count, {{}, empty_slot}); }

}  // namespace

recent_keys::recent_keys() : slots_(empty_slots(slots_at_first)) {}

bool recent_keys::has_duplicate(const seen_key& key) const {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = slot_of(key); slots_[at].uploaded_at_us != empty_slot; at = (at + 1) & mask) {
    if (slots_[at].hash == key.hash && within_window(slots_[at].uploaded_at_us, key.uploaded_at_us)) {
      return true;
    }
  }
  return false;
}

void recent_keys::add(const seen_key& key) {
  if (keys_ + 1 > slots_.size() / 2) {
    grow();
  }
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = slot_of(key);
  while (slots_[at].uploaded_at_us != empty_slot) {
    at = (at + 1) & mask;
  }
  slots_[at] = key;
  ++keys_;
}

void recent_keys::grow() {
  const std::vector<seen_key> old = std::exchange(slots_, empty_slots(slots_.size() * 2));
  keys_ = 0;
  for (const seen_key& key : old) {
    if (key.uploaded_at_us != empty_slot) {
      add(key);
    }
  }
}

std::vector<seen_key> recent_keys::take_all() {
  // As large as it has become: it will be again.
  std::vector<seen_key> keys = std::exchange(slots_, empty_slots(slots_.size()));
  std::erase_if(keys, [](const seen_key& key) { return key.uploaded_at_us == empty_slot; });
  keys_ = 0;
  return keys;
}

}  // namespace spillway::store
