#include "net/waiter.hpp"

#include "support/check_result.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

#include <sys/socket.h>

namespace spillway::net_waiter_tests {
namespace {

using net::interest;
using net::moment;
using net::wait_end;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

struct socket_pair {
  socket_pair() {
    int made[2];
    BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, made) == 0);
    near = net::descriptor(made[0]);
    far = net::descriptor(made[1]);
  }
  net::descriptor near;
  net::descriptor far;
};

std::unique_ptr<net::waiter> waiter_of(net::call_limits limits) {
  auto made = net::waiter::make(std::move(limits));
  REQUIRE_OK(made);
  return std::move(*made);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(net_waiter)

BOOST_AUTO_TEST_CASE(it_says_what_is_ready) {
  socket_pair sockets;
  const auto waiter = waiter_of({});
  BOOST_TEST((waiter->wait(sockets.near.get(), interest::either, moment::max()) == wait_end::writable));
  BOOST_REQUIRE(::write(sockets.far.get(), "x", 1) == 1);
  BOOST_TEST((waiter->wait(sockets.near.get(), interest::either, moment::max()) == wait_end::readable));
  BOOST_TEST((waiter->wait(sockets.near.get(), interest::read, moment::max()) == wait_end::readable));
  BOOST_TEST((waiter->wait(sockets.near.get(), interest::write, moment::max()) == wait_end::writable));
}

BOOST_AUTO_TEST_CASE(it_waits_to_the_deadline_or_the_earlier_moment_and_not_less) {
  socket_pair sockets;
  const auto soon = [] { return steady_clock::now() + milliseconds{50}; };
  for (const bool by_deadline : {true, false}) {
    const moment end = soon();
    const auto waiter = waiter_of({by_deadline ? end : moment::max(), {}});
    BOOST_TEST(
        (waiter->wait(sockets.near.get(), interest::read, by_deadline ? moment::max() : end) == wait_end::timed_out));
    BOOST_TEST((steady_clock::now() >= end));
    BOOST_TEST(waiter->ended().has_value() == by_deadline);
  }
}

BOOST_AUTO_TEST_CASE(a_moment_that_has_passed_is_not_waited_for_but_what_is_ready_counts) {
  socket_pair sockets;
  const auto waiter = waiter_of({moment::min(), {}});
  BOOST_TEST((waiter->wait(sockets.near.get(), interest::read, moment::max()) == wait_end::timed_out));
  BOOST_TEST((waiter->wait(sockets.near.get(), interest::write, moment::max()) == wait_end::writable));
  BOOST_TEST((waiter->ended().value() == wait_end::timed_out));
}

BOOST_AUTO_TEST_CASE(what_is_heard_puts_the_deadline_off_where_silence_alone_ends_a_call) {
  for (const milliseconds silence_max : {milliseconds{0}, milliseconds{3'600'000}}) {
    const auto waiter = waiter_of({moment::min(), {}, silence_max});
    BOOST_TEST(waiter->ended().has_value());
    waiter->heard();
    BOOST_TEST(waiter->ended().has_value() == (silence_max == milliseconds{0}));
  }
}

BOOST_AUTO_TEST_CASE(a_stop_wakes_it_and_stays) {
  socket_pair sockets;
  std::stop_source stop;
  const auto waiter = waiter_of({moment::max(), stop.get_token()});
  BOOST_TEST(!waiter->ended().has_value());
  std::thread stopper([&] { stop.request_stop(); });
  BOOST_TEST((waiter->wait(sockets.near.get(), interest::read, moment::max()) == wait_end::stopped));
  BOOST_TEST((waiter->wait(sockets.near.get(), interest::write, moment::max()) == wait_end::stopped));
  BOOST_TEST((waiter->ended().value() == wait_end::stopped));
  stopper.join();
}

BOOST_AUTO_TEST_CASE(a_stop_that_came_before_counts) {
  socket_pair sockets;
  std::stop_source stop;
  stop.request_stop();
  const auto waiter = waiter_of({moment::max(), stop.get_token()});
  BOOST_TEST((waiter->wait(sockets.near.get(), interest::read, moment::max()) == wait_end::stopped));
}

BOOST_AUTO_TEST_CASE(a_broken_socket_is_for_reading) {
  socket_pair sockets;
  sockets.far = net::descriptor();
  const auto waiter = waiter_of({});
  BOOST_TEST((waiter->wait(sockets.near.get(), interest::write, moment::max()) == wait_end::readable));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::net_waiter_tests
