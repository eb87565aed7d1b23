#include "net/connection_pool.hpp"

namespace spillway::net {
namespace {

bool is_silent(connection& idle) {
  const progress seen = idle.stream->read_some(idle.input.room()).what;
  return seen == progress::needs_read;
}

}  // namespace

std::optional<connection> connection_pool::take(const base::origin& to) {
  while (auto found = take_last(to)) {
    if (is_silent(*found)) {
      found->from = provenance::pool;
      return found;
    }
  }
  return std::nullopt;
}

std::optional<connection> connection_pool::take_last(const base::origin& to) {
  const std::lock_guard lock(mutex_);
  drop_old(std::chrono::steady_clock::now());
  const auto found = idle_.find(to);
  if (found == idle_.end()) {
    return std::nullopt;
  }
  connection last = std::move(found->second.back());
  found->second.pop_back();
  if (found->second.empty()) {
    idle_.erase(found);
  }
  return last;
}

void connection_pool::give_back(const base::origin& to, connection used) {
  if (idle_max_ == 0) {
    return;
  }
  const std::lock_guard lock(mutex_);
  const moment now = std::chrono::steady_clock::now();
  drop_old(now);
  used.idle_since = now;
  std::deque<connection>& idle = idle_[to];
  if (idle.size() >= idle_max_) {
    idle.pop_front();
  }
  idle.push_back(std::move(used));
}

// REQUIRES: the mutex is held. No deque stays empty.
void connection_pool::drop_old(moment now) {
  for (auto each = idle_.begin(); each != idle_.end();) {
    std::deque<connection>& idle = each->second;
    while (!idle.empty() && now - idle.front().idle_since > idle_timeout_) {
      idle.pop_front();
    }
    each = idle.empty() ? idle_.erase(each) : std::next(each);
  }
}

}  // namespace spillway::net
