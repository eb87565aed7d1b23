#include "net/lookup.hpp"

#include "support/check_result.hpp"

#include <boost/test/unit_test.hpp>

#include <future>
#include <thread>

namespace spillway::net_lookup_tests {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

result<std::vector<net::endpoint>> nobody_is_asked(const std::string&, std::uint16_t) {
  BOOST_ERROR("a literal was looked up");
  return failure{};
}

// A name server that is silent until the test is over. The thread that asks it outlives whoever wanted to know.
class silent_server {
public:
  ~silent_server() { shared_->release.set_value(); }
  net::host_lookup lookup() {
    return [shared = shared_](const std::string&, std::uint16_t) -> result<std::vector<net::endpoint>> {
      shared->asked.set_value();
      shared->released.wait();
      return failure{errc::unavailable, "", "too late", {}};
    };
  }
  void await_question() { shared_->asked.get_future().wait(); }

private:
  struct state {
    std::promise<void> asked;
    std::promise<void> release;
    std::shared_future<void> released = release.get_future().share();
  };
  std::shared_ptr<state> shared_ = std::make_shared<state>();
};

}  // namespace

BOOST_AUTO_TEST_SUITE(net_lookup)

BOOST_AUTO_TEST_CASE(literals_are_understood_without_asking) {
  for (const auto& [host, text] : {std::pair{"127.0.0.1", "127.0.0.1:9000"}, std::pair{"::1", "[::1]:9000"}}) {
    const auto found = net::look_up(nobody_is_asked, host, 9000, net::within(milliseconds{1'000}));
    REQUIRE_OK(found);
    BOOST_TEST(found->size() == 1u);
    BOOST_TEST(net::to_string(found->front()) == text);
  }
}

BOOST_AUTO_TEST_CASE(the_system_knows_localhost) {
  const auto found = net::look_up(net::system_lookup, "localhost", 80, {});
  REQUIRE_OK(found);
  BOOST_TEST(!found->empty());
}

BOOST_AUTO_TEST_CASE(a_name_that_can_not_be_is_unavailable_with_a_hint) {
  const auto found = net::look_up(net::system_lookup, "a..b", 80, {});
  CHECK_FAILS(found, errc::unavailable);
  BOOST_TEST(found.error().hint.find("host name") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_silent_name_server_does_not_hold_up_the_deadline) {
  silent_server server;
  const auto start = steady_clock::now();
  CHECK_FAILS(net::look_up(server.lookup(), "host.example", 80, net::within(milliseconds{100})), errc::unavailable);
  BOOST_TEST((steady_clock::now() - start >= milliseconds{100}));
}

BOOST_AUTO_TEST_CASE(a_stop_ends_the_lookup) {
  silent_server server;
  std::stop_source stop;
  std::thread stopper([&] {
    server.await_question();
    stop.request_stop();
  });
  CHECK_FAILS(net::look_up(server.lookup(), "host.example", 80, {net::moment::max(), stop.get_token()}),
              errc::interrupted);
  stopper.join();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::net_lookup_tests
