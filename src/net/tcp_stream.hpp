// TCP connections.
#pragma once

#include "net/byte_stream.hpp"
#include "net/lookup.hpp"

#include <memory>

namespace spillway::net {

// Connects to one endpoint; waits no longer than to `until` and the deadline.
// errc::unavailable, errc::interrupted; errc::io: no socket is left. The cause does not name the endpoint.
result<std::unique_ptr<byte_stream>> connect_tcp(const endpoint& to, const waiter& limits, moment until);

}  // namespace spillway::net
