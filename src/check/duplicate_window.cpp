#include "check/duplicate_window.hpp"

#include <algorithm>
#include <utility>

namespace spillway::check {
namespace {

constexpr std::size_t slots_min = 1024;

}  // namespace

std::optional<event_place> duplicate_window::find_or_add(const base::hash128& hash, base::instant uploaded_at,
                                                         event_place place) {
  if ((used_ + 1) * 4 > slots_.size() * 3) {
    make_room();
  }
  const slot added{hash, base::to_us(uploaded_at), place};
  slot* reusable = nullptr;
  for (std::size_t at = hash.low & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
    slot& here = slots_[at];
    if (here.uploaded_us == free_us) {
      if (reusable == nullptr) {
        ++used_;
        reusable = &here;
      }
      *reusable = added;
      return std::nullopt;
    }
    if (here.hash == hash) {
      if (store::within_window(here.uploaded_us, added.uploaded_us)) {
        return here.place;
      }
      here = added;
      return std::nullopt;
    }
    if (reusable == nullptr && is_forgotten(here)) {
      reusable = &here;
    }
  }
}

void duplicate_window::clear() {
  slots_.clear();
  used_ = 0;
  forget_before_us_ = free_us;
}

void duplicate_window::make_room() {
  const auto kept = static_cast<std::size_t>(std::ranges::count_if(
      slots_, [&](const slot& each) { return each.uploaded_us != free_us && !is_forgotten(each); }));
  std::size_t wanted = std::max(slots_.size(), slots_min);
  // At most half full afterwards, so that the next time is far off.
  while (wanted < kept * 2) {
    wanted *= 2;
  }
  const std::vector<slot> before = std::exchange(slots_, std::vector<slot>(wanted));
  used_ = 0;
  for (const slot& each : before) {
    if (each.uploaded_us != free_us && !is_forgotten(each)) {
      put_into_free(each);
    }
  }
}

void duplicate_window::put_into_free(const slot& added) {
  std::size_t at = added.hash.low & (slots_.size() - 1);
  while (slots_[at].uploaded_us != free_us) {
    at = (at + 1) & (slots_.size() - 1);
  }
  slots_[at] = added;
  ++used_;
}

}  // namespace spillway::check
