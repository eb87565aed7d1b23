#include "net/tcp_stream.hpp"

#include "support/http_calls.hpp"
#include "support/scripted_server.hpp"

namespace spillway::net_tcp_stream_tests {
namespace {

using net::interest;
using net::moment;
using net::progress;
using test::scripted_server;
using test::server_side;

std::unique_ptr<net::waiter> patient_waiter() {
  auto made = net::waiter::make(net::within(test::patient));
  REQUIRE_OK(made);
  return std::move(*made);
}

std::unique_ptr<net::byte_stream> connect_to(const scripted_server& server, const net::waiter& limits) {
  const auto found = test::loopback_lookup("", server.address().port);
  REQUIRE_OK(found);
  auto made = net::connect_tcp(found->front(), limits, moment::max());
  REQUIRE_OK(made);
  return std::move(*made);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(net_tcp_stream)

BOOST_AUTO_TEST_CASE(two_pieces_arrive_in_order_and_the_end_is_seen) {
  scripted_server server([](server_side& side) { side.answer(side.read_bytes(6)); });
  const auto limits = patient_waiter();
  const auto stream = connect_to(server, *limits);
  BOOST_TEST(stream->write_some("abc", "def").bytes == 6u);
  std::string got;
  for (;;) {
    char piece[4];
    const net::io_step step = stream->read_some(piece);
    if (step.what == progress::moved) {
      got.append(piece, step.bytes);
    } else if (step.what == progress::needs_read) {
      BOOST_TEST((net::wait_for(*stream, step, *limits, moment::max()) == net::wait_end::readable));
    } else {
      BOOST_TEST((step.what == progress::closed));
      break;
    }
  }
  BOOST_TEST(got == "abcdef");
}

// Without MSG_NOSIGNAL the process would end here by SIGPIPE.
BOOST_AUTO_TEST_CASE(a_write_to_a_peer_that_is_gone_is_a_failure_and_no_signal) {
  scripted_server server([](server_side& side) { side.close(); });
  const auto limits = patient_waiter();
  const auto stream = connect_to(server, *limits);
  BOOST_TEST((stream->wait(interest::read, *limits, moment::max()) == net::wait_end::readable));
  net::io_step step = stream->write_some("x", {});
  while (step.what != progress::failed && !limits->ended()) {
    step = stream->write_some("x", {});
  }
  BOOST_TEST((step.what == progress::failed));
  BOOST_TEST((step.why.code == errc::unavailable));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::net_tcp_stream_tests
