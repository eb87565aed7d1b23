// TLS over another stream.
#pragma once

#include "net/byte_stream.hpp"
#include "net/tls_context.hpp"

#include <memory>
#include <string>

namespace spillway::net {

// Shakes hands over `plain` with the server of `host`, a name or an IP literal, and verifies that it is that. A name is
// sent along (SNI); a literal is not (RFC 6066, 3) and is looked for among the certificate's IP addresses. The
// subject's common name counts for nothing (RFC 9525, 2). Waits no longer than to `until` and the deadline.
// errc::invalid: the certificate is bad, and the cause says how; or no common version of TLS, or no TLS at all.
// errc::unavailable, errc::interrupted.
result<std::unique_ptr<byte_stream>> start_tls(const tls_context& context, std::unique_ptr<byte_stream> plain,
                                               const std::string& host, const waiter& limits, moment until);

}  // namespace spillway::net
