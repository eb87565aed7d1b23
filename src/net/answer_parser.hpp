// An answer's bytes to its status, fields and body. No socket: bytes are put in as they come, cut anywhere.
//
// Beast parses. What it lets through and must not pass is refused around it: fields folded over lines, control
// characters, a Transfer-Encoding that is anything but "chunked", one beside a Content-Length or in HTTP/1.0, a
// Content-Length that is a list, repeated or signed. Two programs that read such an answer differently disagree on
// where the next one starts. Interim answers (1xx) are read over; that one said "go on" is kept.
#pragma once

#include "base/result.hpp"
#include "net/message.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

namespace spillway::net {

struct answer_limits {
  std::size_t head_bytes_max = 16'384;      // our choice: S3 has at most 2 KB of user metadata in it
  std::size_t fields_max = 100;             // our choice
  std::size_t body_bytes_max = 16'777'216;  // of a body that is kept in memory
};

// HEAD is answered without a body whatever its fields say (RFC 9110, 9.3.2).
enum class answer_to { head, other };

// Thread rule: one thread at a time.
class answer_parser {
public:
  // The body of a 2xx goes to `sink` as it comes, all others into the response. Null: all do.
  answer_parser(answer_to method, const answer_limits& limits, const piece_sink* sink);
  ~answer_parser();

  // Takes what it can from the front of `bytes` and gives how many that were; what is left is presented again, with
  // more behind it. Nothing is taken behind the end of the answer. errc::invalid: no proper HTTP; errc::too_large: over
  // a limit; the sink's failure. Then it is of no more use.
  result<std::size_t> put(std::string_view bytes);

  // The other side has ended the stream. errc::unavailable: before the answer's end.
  result<void> put_end();

  bool has_begun() const;     // a byte of an answer was taken, be it interim
  bool has_continue() const;  // a "100 Continue" has come
  bool has_status() const;    // the head of the final answer is complete
  bool is_finished() const;   // all of it is
  bool keeps_alive() const;   // the connection may be used again. REQUIRES: is_finished()

  // REQUIRES: is_finished(). Once.
  http_response take();

private:
  class implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace spillway::net
