// From an address to a stream that carries HTTP: look up, connect, TLS.
#pragma once

#include "base/origin.hpp"
#include "net/byte_stream.hpp"
#include "net/failure.hpp"
#include "net/lookup.hpp"
#include "net/tls_context.hpp"

#include <chrono>
#include <memory>

namespace spillway::net {

struct dial_settings {
  std::chrono::milliseconds connect_timeout;  // for each endpoint of a host, and again for the handshake
  host_lookup lookup;
};

// Tries the endpoints of the host in turn until one takes the connection; the handshake is with that one only. A
// failure names each endpoint and what was wrong with it. Its fate is not_taken.
http_result<std::unique_ptr<byte_stream>> dial(const base::origin& to, const dial_settings& settings,
                                               const tls_context& context, const waiter& limits);

}  // namespace spillway::net
