// Connections that wait for their next request.
#pragma once

#include "base/origin.hpp"
#include "net/connection.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>

namespace spillway::net {

// Thread rule: any thread, at any time.
class connection_pool {
public:
  // Keeps at most `idle_max` for each address, and none longer than `idle_timeout`.
  connection_pool(std::size_t idle_max, std::chrono::milliseconds idle_timeout)
      : idle_max_(idle_max), idle_timeout_(idle_timeout) {}

  // The one that was used last, because it is the likeliest to live, if its peer is silent: one that has closed, or
  // that sent something nobody asked for, is not used. nullopt: there is none.
  std::optional<connection> take(const base::origin& to);

  // Keeps it, or closes the one that has waited longest.
  void give_back(const base::origin& to, connection used);

private:
  void drop_old(moment now);
  std::optional<connection> take_last(const base::origin& to);

  const std::size_t idle_max_;
  const std::chrono::milliseconds idle_timeout_;
  std::mutex mutex_;
  std::map<base::origin, std::deque<connection>> idle_;  // the last used at the back
};

}  // namespace spillway::net
