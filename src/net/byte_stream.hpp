// A stream of bytes both ways, whatever carries it: TCP, TLS over another stream, or a script in a test.
//
// Reading and writing never block: they move what can be moved now, or say what they need to go on. That one sees an
// answer while it still sends is the reason: a server may refuse a body before it has read it.
#pragma once

#include "net/waiter.hpp"

#include <cstddef>
#include <span>
#include <string_view>

namespace spillway::net {

enum class progress {
  moved,        // `bytes` of them, at least one
  needs_read,   // nothing: wait until the stream is readable, then do the same again (TLS may need it to write)
  needs_write,  // nothing: wait until it is writable, then the same again
  closed,       // reading only: the other side has ended the stream in good order
  failed,       // `why` says how; the stream is of no more use for this direction
};

struct io_step {
  progress what = progress::failed;
  std::size_t bytes = 0;
  failure why;
};

// Thread rule: one thread at a time. The destructor closes the stream.
class byte_stream {
public:
  virtual ~byte_stream() = default;

  // REQUIRES: `into` is not empty.
  virtual io_step read_some(std::span<char> into) = 0;

  // Writes from the start of `first`, then of `second`, together if it can; it copies nothing that is large. After
  // needs_read and needs_write the next call must begin with the same bytes. REQUIRES: not both are empty.
  virtual io_step write_some(std::string_view first, std::string_view second) = 0;

  // Waits until one of the two may move something, as waiter::wait.
  virtual wait_end wait(interest wanted, const waiter& limits, moment until) = 0;
};

// Waits for what a step said it needs. REQUIRES: step.what is needs_read or needs_write.
wait_end wait_for(byte_stream& stream, const io_step& step, const waiter& limits, moment until);

}  // namespace spillway::net
