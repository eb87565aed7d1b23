#include "net/connection_pool.hpp"

#include "support/scripted_stream.hpp"

#include <boost/test/unit_test.hpp>

namespace spillway::net_connection_pool_tests {
namespace {

using net::connection_pool;
using std::chrono::milliseconds;
using test::scripted_peer;

const base::origin here{base::scheme::http, "localhost", 9000};
const base::origin there{base::scheme::https, "localhost", 9000};
constexpr milliseconds long_enough{3'600'000};

// Streams of one peer are told apart by the peer.
net::connection connection_to(scripted_peer& peer) {
  return {std::make_unique<test::scripted_stream>(peer), net::provenance::fresh, {}, {}};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(net_connection_pool)

BOOST_AUTO_TEST_CASE(a_connection_is_given_for_its_own_address_only_and_once) {
  scripted_peer peer;
  connection_pool pool(2, long_enough);
  BOOST_TEST(!pool.take(here).has_value());
  pool.give_back(here, connection_to(peer));
  BOOST_TEST(!pool.take(there).has_value());
  const auto taken = pool.take(here);
  BOOST_REQUIRE(taken.has_value());
  BOOST_TEST((taken->from == net::provenance::pool));
  BOOST_TEST(!pool.take(here).has_value());
}

BOOST_AUTO_TEST_CASE(the_one_used_last_comes_first_and_the_oldest_goes_when_there_are_too_many) {
  scripted_peer peers[3];
  connection_pool pool(2, long_enough);
  for (scripted_peer& each : peers) {
    pool.give_back(here, connection_to(each));
  }
  for (const std::size_t expected : {2u, 1u}) {
    auto taken = pool.take(here);
    BOOST_REQUIRE(taken.has_value());
    taken->stream->write_some("x", {});
    BOOST_TEST(peers[expected].sent == "x");
  }
  BOOST_TEST(!pool.take(here).has_value());
}

BOOST_AUTO_TEST_CASE(one_that_is_not_silent_is_dropped) {
  scripted_peer closed{.incoming = {{0, "", net::progress::closed}}};
  scripted_peer broken{.incoming = {{0, "", net::progress::failed}}};
  scripted_peer talking{.incoming = {{0, "HTTP/1.1 408 Request Timeout\r\n\r\n"}}};
  scripted_peer silent;
  connection_pool pool(4, long_enough);
  for (scripted_peer* each : {&silent, &closed, &broken, &talking}) {
    pool.give_back(here, connection_to(*each));
  }
  auto taken = pool.take(here);
  BOOST_REQUIRE(taken.has_value());
  taken->stream->write_some("x", {});
  BOOST_TEST(silent.sent == "x");
}

BOOST_AUTO_TEST_CASE(one_that_waited_too_long_is_dropped) {
  scripted_peer peer;
  connection_pool pool(2, milliseconds{-1});
  pool.give_back(here, connection_to(peer));
  BOOST_TEST(!pool.take(here).has_value());
}

BOOST_AUTO_TEST_CASE(a_pool_of_none_keeps_none) {
  scripted_peer peer;
  connection_pool pool(0, long_enough);
  pool.give_back(here, connection_to(peer));
  BOOST_TEST(!pool.take(here).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::net_connection_pool_tests
