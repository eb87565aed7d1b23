// Deadlines and stops in every phase. A deadline that ran out says in which phase it did.
#include "support/http_calls.hpp"
#include "support/scripted_server.hpp"
#include "support/test_certificates.hpp"

#include <future>
#include <thread>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace spillway::net_http_limits_tests {
namespace {

using net::fate;
using net::phase;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using test::check_failure;
using test::get;
using test::make_client;
using test::put;
using test::scripted_server;
using test::server_side;

constexpr milliseconds short_time{150};
// What a call may take beyond its deadline on a busy machine: far less than any time-out of its own would.
constexpr milliseconds slack{5'000};

void read_nothing(server_side& side) {
  side.read_head();
  // The client's bytes pile up in the socket until the test ends.
  static_cast<void>(side.read_bytes(std::size_t{1} << 40));
}

// A listener that nobody accepts from: its queue is full, so that the kernel drops what else wants to connect.
class full_listener {
public:
  full_listener() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t bytes = sizeof name;
    BOOST_REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0);
    BOOST_REQUIRE(::listen(listener_, 0) == 0);
    BOOST_REQUIRE(::getsockname(listener_, reinterpret_cast<sockaddr*>(&name), &bytes) == 0);
    port_ = ntohs(name.sin_port);
    for (int& each : waiting_) {
      each = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      static_cast<void>(::connect(each, reinterpret_cast<sockaddr*>(&name), sizeof name));
    }
  }
  ~full_listener() {
    for (const int each : waiting_) {
      ::close(each);
    }
    ::close(listener_);
  }
  base::origin address() const { return {base::scheme::http, "127.0.0.1", port_}; }

private:
  int listener_;
  int waiting_[4] = {};
  std::uint16_t port_ = 0;
};

// One way to have a call wait in a phase: what it calls, and who is there.
struct stall {
  base::origin to;
  net::http_request request = get();
  phase during;
  fate told;
};

// The call ends soon after its deadline, and not before; it ends by a stop too.
void check_ends(net::http_client& client, const stall& one) {
  const auto start = steady_clock::now();
  const auto late = client.send(one.to, one.request, net::within(short_time));
  const auto took = steady_clock::now() - start;
  check_failure(late, errc::unavailable, one.during, one.told);
  BOOST_TEST(late.error().cause.find("timed out") != std::string::npos, late.error().text());
  BOOST_TEST((took >= short_time && took < short_time + slack));
  std::stop_source stop;
  std::jthread stopper([&] { stop.request_stop(); });
  const auto stopped = client.send(one.to, one.request, {net::moment::max(), stop.get_token()});
  BOOST_REQUIRE(!stopped);
  BOOST_TEST((stopped.error().code == errc::interrupted), stopped.error().text());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(net_http_limits)

BOOST_AUTO_TEST_CASE(looking_up) {
  std::promise<void> over;
  const std::shared_future<void> is_over = over.get_future().share();
  const auto client =
      make_client({}, [is_over](const std::string&, std::uint16_t) -> result<std::vector<net::endpoint>> {
        is_over.wait();
        return failure{errc::unavailable, "", "too late", {}};
      });
  check_ends(*client,
             {.to = {base::scheme::http, "host.example", 80}, .during = phase::resolving, .told = fate::not_taken});
  over.set_value();
}

BOOST_AUTO_TEST_CASE(connecting) {
  const full_listener nobody;
  check_ends(*make_client(), {.to = nobody.address(), .during = phase::connecting, .told = fate::not_taken});
}

BOOST_AUTO_TEST_CASE(connecting_has_a_time_of_its_own) {
  const full_listener nobody;
  const auto client = make_client({.connect_timeout = short_time});
  check_failure(client->send(nobody.address(), get(), net::within(test::patient)), errc::unavailable, phase::connecting,
                fate::not_taken);
}

BOOST_AUTO_TEST_CASE(shaking_hands) {
  scripted_server server([](server_side& side) { side.wait_for_close(); });
  base::origin to = server.address();
  to.scheme = base::scheme::https;
  check_ends(*make_client(), {.to = to, .during = phase::handshaking, .told = fate::not_taken});
  const auto client = make_client({.connect_timeout = short_time});
  check_failure(client->send(to, get(), net::within(test::patient)), errc::unavailable, phase::handshaking,
                fate::not_taken);
}

BOOST_AUTO_TEST_CASE(sending) {
  const std::string body(64 << 20, 'x');
  std::promise<void> over;
  const std::shared_future<void> is_over = over.get_future().share();
  scripted_server server([is_over](server_side& side) {
    side.read_head();
    is_over.wait();
  });
  const auto client = make_client({.expect_continue_bytes_min = UINT64_MAX});
  check_ends(*client,
             {.to = server.address(), .request = put(body), .during = phase::sending, .told = fate::not_taken});
  over.set_value();
}

BOOST_AUTO_TEST_CASE(waiting_for_go_on) {
  scripted_server server(read_nothing);
  const auto client = make_client({.expect_continue_bytes_min = 1, .continue_wait = test::patient});
  check_ends(*client, {.to = server.address(), .request = put("x"), .during = phase::sending, .told = fate::not_taken});
}

BOOST_AUTO_TEST_CASE(waiting_for_the_answer) {
  scripted_server server(read_nothing);
  check_ends(*make_client(), {.to = server.address(), .during = phase::waiting, .told = fate::maybe_taken});
}

BOOST_AUTO_TEST_CASE(reading_the_head) {
  scripted_server server([](server_side& side) {
    side.read_head();
    side.answer("HTTP/1.1 200");
    side.wait_for_close();
  });
  check_ends(*make_client(), {.to = server.address(), .during = phase::reading, .told = fate::maybe_taken});
}

// A peer that sends a little all the time is not waited for longer than one that sends nothing.
BOOST_AUTO_TEST_CASE(reading_a_body_that_does_not_end) {
  scripted_server server([](server_side& side) {
    side.read_head();
    side.answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (;;) {
      side.answer("1\r\nx\r\n");
    }
  });
  const auto client = make_client();
  const auto drop = [](std::string_view) -> result<void> { return {}; };
  const auto late = client->send(server.address(), get(), net::within(short_time), drop);
  check_failure(late, errc::unavailable, phase::reading, fate::maybe_taken);
}

// A line may be as slow as it likes while something comes.
BOOST_AUTO_TEST_CASE(reading_a_body_takes_as_long_as_it_comes_where_silence_alone_ends_a_call) {
  std::promise<void> half_taken;
  scripted_server server([&half_taken](server_side& side) {
    side.read_head();
    side.answer("HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf");
    half_taken.get_future().wait_for(test::patient);
    side.answer("more");
    side.wait_for_close();
  });
  net::call_limits limits = net::within(milliseconds{1'000});
  limits.silence_max = std::chrono::hours{1};
  std::string text;
  std::promise<void> nothing;
  const std::future<void> never = nothing.get_future();
  const auto take_slowly = [&](std::string_view piece) -> result<void> {
    never.wait_until(limits.deadline);
    text += piece;
    if (text == "half") {
      half_taken.set_value();
    }
    return {};
  };
  REQUIRE_OK(make_client()->send(server.address(), get(), limits, take_slowly));
  BOOST_TEST(text == "halfmore");
}

BOOST_AUTO_TEST_CASE(a_deadline_that_has_passed_sends_nothing) {
  scripted_server server(read_nothing);
  const auto late = make_client()->send(server.address(), get(), net::within(milliseconds{-1}));
  BOOST_REQUIRE(!late);
  BOOST_TEST((late.error().fate == fate::not_taken));
  BOOST_TEST((late.error().code == errc::unavailable));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::net_http_limits_tests
