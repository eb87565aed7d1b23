// What a failed request tells beyond base::failure: how far it came, and whether the server may have done it.
#pragma once

#include "base/result.hpp"

#include <string>
#include <string_view>

namespace spillway::net {

enum class phase {
  preparing,  // the request can't be written as HTTP: nothing was tried
  resolving,  // looking the host up
  connecting,
  handshaking,  // TLS
  sending,
  waiting,  // for the first byte of the answer
  reading,  // the answer
};

// not_taken: the last byte of the request was never handed to the kernel, so no server has had a whole request.
// maybe_taken: it was; the answer is lost, or can't be understood. What the request would have changed must be looked
// at.
enum class fate { not_taken, maybe_taken };

// code: errc::unavailable for trouble on the way, past a deadline too, which may be gone next time; errc::interrupted
// for a stop; errc::invalid for requests that can't be sent, for bad certificates and for answers that are no proper
// HTTP, which are there until a person acts ("denied" is the destination's own word); errc::too_large for an answer
// over a limit; errc::io when this machine has no socket left. A body or a sink of the caller keeps its own code.
struct http_failure : base::failure {
  phase during = phase::preparing;
  net::fate fate = fate::not_taken;
};

template <class T>
using http_result = boost::system::result<T, http_failure>;

// "waiting", for logs and tests.
std::string_view to_string(phase during);

// "waiting for the answer of localhost:9000", for failure::doing. `peer` is a name or base::host_and_port().
std::string doing_text(phase during, const std::string& peer);

}  // namespace spillway::net
