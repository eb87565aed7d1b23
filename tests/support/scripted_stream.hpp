// A byte_stream whose other side is a script: what comes to be read once how much was sent, and how much it takes.
//
// Where a real stream would wait for what the script never brings, this one says that it was stopped.
#pragma once

#include "net/byte_stream.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <deque>
#include <string>
#include <utility>

namespace spillway::test {

struct scripted_peer {
  struct event {
    std::size_t after_sent = 0;  // not before this many bytes were written
    std::string text{};          // empty: `then` happens
    net::progress then = net::progress::closed;
  };
  std::deque<event> incoming{};
  std::size_t write_bytes_max = SIZE_MAX;           // in one call
  std::size_t takes_bytes = SIZE_MAX;               // in all
  net::progress then = net::progress::needs_write;  // when it takes no more: needs_write, or failed

  std::string sent{};
  std::size_t writes = 0;
};

// `peer` must outlive the stream.
class scripted_stream final : public net::byte_stream {
public:
  explicit scripted_stream(scripted_peer& peer) : peer_(peer) {}

  net::io_step read_some(std::span<char> into) override {
    if (!has_incoming()) {
      return {net::progress::needs_read, 0, {}};
    }
    scripted_peer::event& next = peer_.incoming.front();
    if (next.text.empty()) {
      return {next.then, 0, next.then == net::progress::failed ? broken() : failure{}};
    }
    const std::size_t bytes = std::min(into.size(), next.text.size());
    std::memcpy(into.data(), next.text.data(), bytes);
    next.text.erase(0, bytes);
    if (next.text.empty()) {
      peer_.incoming.pop_front();
    }
    return {net::progress::moved, bytes, {}};
  }

  net::io_step write_some(std::string_view first, std::string_view second) override {
    const std::string all = std::string(first) + std::string(second);
    const std::size_t bytes = std::min({all.size(), peer_.write_bytes_max, peer_.takes_bytes - peer_.sent.size()});
    if (bytes == 0) {
      return {peer_.then, 0, peer_.then == net::progress::failed ? broken() : failure{}};
    }
    ++peer_.writes;
    peer_.sent.append(all, 0, bytes);
    return {net::progress::moved, bytes, {}};
  }

  net::wait_end wait(net::interest wanted, const net::waiter&, net::moment until) override {
    if (wanted != net::interest::write && has_incoming()) {
      return net::wait_end::readable;
    }
    if (wanted != net::interest::read && peer_.sent.size() < peer_.takes_bytes) {
      return net::wait_end::writable;
    }
    return until == net::moment::max() ? net::wait_end::stopped : net::wait_end::timed_out;
  }

private:
  bool has_incoming() const {
    return !peer_.incoming.empty() && peer_.incoming.front().after_sent <= peer_.sent.size();
  }
  static failure broken() { return {errc::unavailable, "", "the script breaks the stream", {}}; }

  scripted_peer& peer_;
};

}  // namespace spillway::test
