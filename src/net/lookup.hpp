// Host names to addresses of sockets.
#pragma once

#include "net/waiter.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <sys/socket.h>

namespace spillway::net {

// An IPv4 or IPv6 address with its port, as the kernel wants it.
struct endpoint {
  sockaddr_storage storage{};
  socklen_t bytes = 0;
};

// "127.0.0.1:9000", "[::1]:9000".
std::string to_string(const endpoint& where);

// All endpoints of a host, the best one first; not empty. It may block as long as it likes, and is called from several
// threads, some of them after whoever asked is gone.
using host_lookup = std::function<result<std::vector<endpoint>>(const std::string& host, std::uint16_t port)>;

// getaddrinfo, in the order that it gives. Literals are understood without asking anybody.
result<std::vector<endpoint>> system_lookup(const std::string& host, std::uint16_t port);

// Asks `lookup`, in a thread of its own where a name must be asked for: getaddrinfo can't be told when to end, and
// waits half a minute for servers that are silent. Past the deadline the thread is left to itself, and its answer is
// dropped.
result<std::vector<endpoint>> look_up(const host_lookup& lookup, const std::string& host, std::uint16_t port,
                                      const call_limits& limits);

}  // namespace spillway::net
