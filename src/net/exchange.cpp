#include "net/exchange.hpp"

#include <algorithm>

namespace spillway::net {
namespace {

// What a failed step is reported as: the phase, and whether the whole request had gone out, are those of the moment.
class exchange_run {
public:
  exchange_run(connection& on, const http_request& request, const exchange_settings& settings, waiter& limits,
               const piece_sink* sink)
      : on_(on),
        request_(request),
        settings_(settings),
        limits_(limits),
        parser_(request.method == "HEAD" ? answer_to::head : answer_to::other, settings.answer, sink) {}

  http_result<http_response> run(std::string_view head, expectation expected) {
    SPILLWAY_TRY(send(head, expected));
    while (!parser_.is_finished()) {
      SPILLWAY_TRY(read_some(moment::max()));
    }
    return parser_.take();
  }

  aftermath connection_is() const {
    if (is_dead_ && !parser_.has_begun()) {
      return aftermath::found_dead;
    }
    const bool is_whole = parser_.is_finished() && is_sent_ && on_.input.unread().empty();
    return is_whole && !is_dead_ && parser_.keeps_alive() ? aftermath::reusable : aftermath::spent;
  }

private:
  http_failure failed(failure why) const {
    const phase during = parser_.has_begun() ? phase::reading : is_sent_ ? phase::waiting : phase::sending;
    return {std::move(why), during, is_sent_ ? fate::maybe_taken : fate::not_taken};
  }

  // --- Sending. All of it also ends well when the final answer is there before the request's end. ---

  http_result<void> send(std::string_view head, expectation expected) {
    if (expected == expectation::continue_first) {
      SPILLWAY_TRY(push(head, {}));
      SPILLWAY_TRY(await_continue());
      return parser_.has_status() ? http_result<void>{} : send_body({});
    }
    if (request_.body.bytes > 0) {
      return send_body(head);
    }
    SPILLWAY_TRY(push(head, {}));
    is_sent_ = !parser_.has_status();
    return {};
  }

  http_result<void> send_body(std::string_view head) {
    std::uint64_t left = request_.body.bytes;
    http_result<void> pushed;
    const result<void> written = request_.body.write([&](std::string_view piece) -> result<void> {
      if (piece.size() > left) {
        return failure{errc::corrupt, "", "the body has grown while it was sent", {}};
      }
      pushed = piece.empty() ? http_result<void>{} : push(std::exchange(head, {}), piece);
      if (!pushed) {
        return pushed.error();
      }
      if (parser_.has_status()) {
        return failure{errc::interrupted, "", "the server has answered already", {}};
      }
      left -= piece.size();
      return {};
    });
    SPILLWAY_TRY(pushed);
    if (parser_.has_status()) {
      return {};
    }
    if (!written) {
      return failed(written.error());
    }
    if (left > 0) {
      return failed({errc::corrupt, "", "the body has ended " + std::to_string(left) + " bytes early", {}});
    }
    is_sent_ = true;
    return {};
  }

  // Sends both, or as much as there is use for.
  http_result<void> push(std::string_view first, std::string_view second) {
    while (!first.empty() || !second.empty()) {
      if (const auto end = limits_.ended()) {
        return failed(to_failure(*end));
      }
      io_step step = on_.stream->write_some(first, second);
      if (step.what == progress::moved) {
        const std::size_t of_first = std::min(step.bytes, first.size());
        first.remove_prefix(of_first);
        second.remove_prefix(step.bytes - of_first);
      } else if (step.what == progress::failed) {
        return read_last_words(std::move(step.why));
      } else {
        SPILLWAY_TRY(await_room(step));
        if (parser_.has_status()) {
          return {};
        }
      }
    }
    return {};
  }

  // Waits until more can be sent; takes in what has come meanwhile.
  http_result<void> await_room(const io_step& step) {
    const interest wanted = step.what == progress::needs_read ? interest::read : interest::either;
    const wait_end end = on_.stream->wait(wanted, limits_, moment::max());
    if (end == wait_end::timed_out || end == wait_end::stopped) {
      return failed(to_failure(end));
    }
    return end == wait_end::readable ? read_once().first : http_result<void>{};
  }

  // The peer takes no more. If it has said why, that is the answer.
  http_result<void> read_last_words(failure why) {
    while (!parser_.has_status()) {
      auto [read, step] = read_once();
      if (!read || step != progress::moved) {
        is_dead_ = true;
        // A malformed answer says more than that the connection broke.
        return !read && read.error().code != errc::unavailable ? std::move(read) : failed(std::move(why));
      }
    }
    return {};
  }

  http_result<void> await_continue() {
    const moment until = std::chrono::steady_clock::now() + settings_.continue_wait;
    while (!parser_.has_continue() && !parser_.has_status() && std::chrono::steady_clock::now() < until) {
      SPILLWAY_TRY(read_some(until));
    }
    return {};
  }

  // --- Reading. ---

  // One step, after a wait if there must be one, which ends at `until` without a failure.
  http_result<void> read_some(moment until) {
    if (const auto end = limits_.ended()) {
      return failed(to_failure(*end));
    }
    auto [read, step] = read_once();
    if (!read || (step != progress::needs_read && step != progress::needs_write)) {
      return std::move(read);
    }
    const wait_end end = wait_for(*on_.stream, {step, 0, {}}, limits_, until);
    if (end == wait_end::stopped || (end == wait_end::timed_out && limits_.ended())) {
      return failed(to_failure(end));
    }
    return {};
  }

  // One step without waiting.
  std::pair<http_result<void>, progress> read_once() {
    io_step step = on_.stream->read_some(on_.input.room());
    switch (step.what) {
      case progress::moved: on_.input.filled(step.bytes); return {parse(), step.what};
      case progress::closed: return {end_of_stream(), step.what};
      case progress::failed: is_dead_ = true; return {failed(std::move(step.why)), step.what};
      case progress::needs_read:
      case progress::needs_write: break;
    }
    return {http_result<void>{}, step.what};
  }

  http_result<void> parse() {
    auto taken = parser_.put(on_.input.unread());
    if (!taken) {
      return failed(std::move(taken).error());
    }
    on_.input.used(*taken);
    limits_.heard();
    if (*taken == 0 && on_.input.is_full()) {
      return failed(
          {errc::too_large, "", "a line of the answer is over " + std::to_string(input_bytes_max) + " bytes", {}});
    }
    return {};
  }

  http_result<void> end_of_stream() {
    is_dead_ = true;
    auto ended = parser_.put_end();
    return ended ? http_result<void>{} : failed(std::move(ended).error());
  }

  connection& on_;
  const http_request& request_;
  const exchange_settings& settings_;
  waiter& limits_;
  answer_parser parser_;
  bool is_sent_ = false;  // the request's last byte is with the kernel
  bool is_dead_ = false;  // the peer has ended or broken the connection
};

}  // namespace

exchange_outcome exchange(connection& on, const http_request& request, std::string_view head, expectation expected,
                          const exchange_settings& settings, waiter& limits, const piece_sink* sink) {
  exchange_run run(on, request, settings, limits, sink);
  exchange_outcome outcome{run.run(head, expected), aftermath::spent};
  outcome.connection = run.connection_is();
  return outcome;
}

}  // namespace spillway::net
