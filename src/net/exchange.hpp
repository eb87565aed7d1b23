// One request and its answer on one connection.
//
//   head + first piece  ->
//   piece               ->
//   piece               <- 503, Connection: close     an early answer: sending ends, the answer is read and given
//
//   head, Expect        ->
//                       <- 100 Continue               or nothing for a while, or the final answer: no body then
//   pieces              ->
//                       <- 200
//
// While it waits to send it also looks for an answer. A server that refuses a body closes the connection behind its
// answer, so that the next write fails; what had come before is still there, and is read before the failure is
// believed.
#pragma once

#include "net/answer_parser.hpp"
#include "net/connection.hpp"
#include "net/failure.hpp"
#include "net/request_head.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace spillway::net {

struct exchange_settings {
  answer_limits answer;
  std::chrono::milliseconds continue_wait;  // how long "go on" is waited for before the body is sent without it
};

// What is left of the connection afterwards.
enum class aftermath {
  reusable,
  spent,       // to be closed
  found_dead,  // the peer was gone before it sent a byte: a pooled connection that it had closed in the meantime
};

// `doing` of a failure names the phase and not the peer's name: see http_client.
struct exchange_outcome {
  http_result<http_response> answer;
  aftermath connection = aftermath::spent;
};

// `head` is what write_request_head made of `request` and `expected`. A 2xx's body goes to `sink` if there is one.
exchange_outcome exchange(connection& on, const http_request& request, std::string_view head, expectation expected,
                          const exchange_settings& settings, waiter& limits, const piece_sink* sink);

}  // namespace spillway::net
