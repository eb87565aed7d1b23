// An HTTP/1.1 client that blocks: one call, one answer, within one deadline.
//
// There is no thread and no event loop in it (one thread for the moment that a host's name is looked up): sockets never
// block, and a call waits in ppoll in its own thread. See net/waiter.hpp.
#pragma once

#include "base/origin.hpp"
#include "net/answer_parser.hpp"
#include "net/failure.hpp"
#include "net/lookup.hpp"
#include "net/message.hpp"
#include "net/waiter.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace spillway::net {

struct http_settings {
  // A PEM file or directory in place of the system's authorities, from --ca-bundle or else AWS_CA_BUNDLE; empty: none.
  std::string ca_bundle{};
  // For each endpoint of a host, and again for the TLS handshake. Our choice: the kernel repeats a lost SYN after 1, 3
  // and 7 seconds (tcp(7), tcp_syn_retries).
  std::chrono::milliseconds connect_timeout{10'000};
  // Our choice, well below the 60 seconds after which common servers and load balancers close.
  std::chrono::milliseconds idle_timeout{20'000};
  std::size_t idle_connections_max = 16;  // for each address; there may be as many busy ones as calls
  // A body of at least this size is announced first, so that a refusal comes before it is sent; AWS's own clients wait
  // a second for the "go on" and then send it anyway (botocore, awsrequest.py).
  std::uint64_t expect_continue_bytes_min = 1'048'576;
  std::chrono::milliseconds continue_wait{1'000};
  answer_limits answer{};
};

// Thread rule: any thread, at any time; calls do not wait for each other.
class http_client {
public:
  virtual ~http_client() = default;

  // Sends `request` and gives its answer, whatever its status: no redirect is followed, and nothing but a dead pooled
  // connection has a request that is repeat::safe sent again, at once and once; and a refused "Expect" (417) any
  // request, without it. With a `sink`, the body of a 2xx goes there piece by piece and not into the response; the
  // sink's failure ends the call. When a call fails some pieces may have gone to the sink.
  virtual http_result<http_response> send(const base::origin& to, const http_request& request,
                                          const call_limits& limits, const piece_sink& sink = {}) = 0;
};

// errc::not_found, errc::invalid: the CA bundle. `lookup` is for tests.
result<std::unique_ptr<http_client>> make_http_client(http_settings settings, host_lookup lookup = system_lookup);

}  // namespace spillway::net
