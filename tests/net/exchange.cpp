#include "net/exchange.hpp"

#include "support/check_result.hpp"
#include "support/scripted_stream.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace spillway::net_exchange_tests {
namespace {

using net::aftermath;
using net::expectation;
using net::fate;
using net::phase;
using net::progress;
using test::scripted_peer;
using namespace std::string_literals;

const std::string head = "PUT / HTTP/1.1\r\n\r\n";
const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
const std::string slow_down = "HTTP/1.1 503 Slow Down\r\nContent-Length: 4\r\nConnection: close\r\n\r\nbusy";

net::http_request put(std::string_view body) { return {.method = "PUT", .body = net::memory_body(body)}; }

net::exchange_outcome run(scripted_peer& peer, const net::http_request& request,
                          expectation expected = expectation::none, const net::piece_sink* sink = nullptr) {
  net::connection on{std::make_unique<test::scripted_stream>(peer), net::provenance::fresh, {}, {}};
  const auto waiter = net::waiter::make({});
  REQUIRE_OK(waiter);
  return net::exchange(on, request, head, expected, {{}, std::chrono::milliseconds{0}}, **waiter, sink);
}

void check_failure(const net::exchange_outcome& outcome, errc code, phase during, fate told) {
  BOOST_REQUIRE(!outcome.answer);
  const net::http_failure why = outcome.answer.error();
  BOOST_TEST((why.code == code), why.text());
  BOOST_TEST(net::to_string(why.during) == net::to_string(during));
  BOOST_TEST((why.fate == told));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(net_exchange)

BOOST_AUTO_TEST_CASE(head_and_first_piece_go_out_together) {
  scripted_peer peer{.incoming = {{1, ok}}};
  const auto outcome = run(peer, put("hello"));
  REQUIRE_OK(outcome.answer);
  BOOST_TEST(outcome.answer->body == "hi");
  BOOST_TEST(peer.sent == head + "hello");
  BOOST_TEST(peer.writes == 1u);
  BOOST_TEST((outcome.connection == aftermath::reusable));
}

BOOST_AUTO_TEST_CASE(a_stream_that_takes_few_bytes_at_a_time_gets_them_all_in_order) {
  std::string body(1'000, 'x');
  for (std::size_t i = 0; i < body.size(); ++i) {
    body[i] = static_cast<char>('a' + i % 23);
  }
  for (const std::size_t step : {1, 7, 17, 18, 19, 999}) {
    scripted_peer peer{.incoming = {{head.size() + body.size(), ok}}, .write_bytes_max = step};
    REQUIRE_OK(run(peer, put(body)).answer);
    BOOST_TEST(peer.sent == head + body);
  }
}

BOOST_AUTO_TEST_CASE(an_answer_before_the_bodys_end_is_given_and_ends_the_sending) {
  scripted_peer peer{.incoming = {{30, slow_down}, {30, "", progress::closed}}, .takes_bytes = 30};
  const auto outcome = run(peer, put(std::string(1'000, 'x')));
  REQUIRE_OK(outcome.answer);
  BOOST_TEST(outcome.answer->status == 503);
  BOOST_TEST(outcome.answer->body == "busy");
  BOOST_TEST(peer.sent.size() == 30u);
  BOOST_TEST((outcome.connection == aftermath::spent));
}

BOOST_AUTO_TEST_CASE(an_answer_that_keeps_alive_does_not_save_a_connection_with_half_a_request) {
  scripted_peer peer{.incoming = {{30, ok}}, .takes_bytes = 30};
  const auto outcome = run(peer, put(std::string(1'000, 'x')));
  REQUIRE_OK(outcome.answer);
  BOOST_TEST((outcome.connection == aftermath::spent));
}

BOOST_AUTO_TEST_CASE(an_answer_is_read_after_a_write_has_failed) {
  scripted_peer peer{.incoming = {{30, slow_down}}, .takes_bytes = 30, .then = progress::failed};
  const auto outcome = run(peer, put(std::string(1'000, 'x')));
  REQUIRE_OK(outcome.answer);
  BOOST_TEST(outcome.answer->status == 503);
}

BOOST_AUTO_TEST_CASE(go_on_in_the_middle_of_a_body_does_not_end_it) {
  scripted_peer peer{.incoming = {{20, "HTTP/1.1 100 Continue\r\n\r\n"}, {1'018, ok}}, .write_bytes_max = 10};
  const auto outcome = run(peer, put(std::string(1'000, 'x')));
  REQUIRE_OK(outcome.answer);
  BOOST_TEST(outcome.answer->status == 200);
  BOOST_TEST((outcome.connection == aftermath::reusable));
}

// The script breaks the stream after every number of bytes that it takes.
BOOST_AUTO_TEST_CASE(a_request_that_was_cut_short_was_not_taken) {
  const std::string body(40, 'x');
  for (std::size_t taken = 0; taken < head.size() + body.size(); ++taken) {
    scripted_peer peer{.takes_bytes = taken, .then = progress::failed};
    const auto outcome = run(peer, put(body));
    check_failure(outcome, errc::unavailable, phase::sending, fate::not_taken);
    BOOST_TEST((outcome.connection == aftermath::found_dead));
  }
}

// The script ends or breaks the stream after every number of bytes of its answer.
BOOST_AUTO_TEST_CASE(a_lost_answer_leaves_open_whether_the_request_was_taken) {
  for (const progress end : {progress::closed, progress::failed}) {
    for (std::size_t come = 0; come < ok.size(); ++come) {
      scripted_peer peer;
      if (come > 0) {
        peer.incoming.push_back({head.size() + 5, ok.substr(0, come)});
      }
      peer.incoming.push_back({head.size() + 5, "", end});
      const auto outcome = run(peer, put("hello"));
      check_failure(outcome, errc::unavailable, come == 0 ? phase::waiting : phase::reading, fate::maybe_taken);
      BOOST_TEST((outcome.connection == (come == 0 ? aftermath::found_dead : aftermath::spent)));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_malformed_answer_leaves_it_open_too) {
  scripted_peer peer{.incoming = {{head.size() + 5, "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\nx"}}};
  check_failure(run(peer, put("hello")), errc::invalid, phase::reading, fate::maybe_taken);
}

BOOST_AUTO_TEST_CASE(bytes_behind_an_answer_spend_the_connection) {
  scripted_peer peer{.incoming = {{1, ok + "HTTP/1.1 200 OK\r\n"}}};
  const auto outcome = run(peer, put("hello"));
  REQUIRE_OK(outcome.answer);
  BOOST_TEST((outcome.connection == aftermath::spent));
}

BOOST_AUTO_TEST_CASE(with_an_expectation_the_body_follows_the_servers_word) {
  scripted_peer peer{.incoming = {{head.size(), "HTTP/1.1 100 Continue\r\n\r\n"}, {head.size() + 5, ok}}};
  const auto outcome = run(peer, put("hello"), expectation::continue_first);
  REQUIRE_OK(outcome.answer);
  BOOST_TEST(peer.sent == head + "hello");
  BOOST_TEST(peer.writes == 2u);
  BOOST_TEST((outcome.connection == aftermath::reusable));
}

BOOST_AUTO_TEST_CASE(with_an_expectation_a_refusal_saves_the_body) {
  scripted_peer peer{.incoming = {{head.size(), "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"}}};
  net::exchange_settings settings{{}, std::chrono::hours{1}};
  net::connection on{std::make_unique<test::scripted_stream>(peer), net::provenance::fresh, {}, {}};
  const auto waiter = net::waiter::make({});
  const auto outcome = net::exchange(on, put("hello"), head, expectation::continue_first, settings, **waiter, nullptr);
  REQUIRE_OK(outcome.answer);
  BOOST_TEST(outcome.answer->status == 403);
  BOOST_TEST(peer.sent == head);
  BOOST_TEST((outcome.connection == aftermath::spent));
}

BOOST_AUTO_TEST_CASE(with_an_expectation_silence_means_go_on) {
  scripted_peer peer{.incoming = {{head.size() + 5, ok}}};
  REQUIRE_OK(run(peer, put("hello"), expectation::continue_first).answer);
  BOOST_TEST(peer.sent == head + "hello");
}

BOOST_AUTO_TEST_CASE(a_body_of_another_length_than_told_is_never_sent_whole) {
  const auto request_of = [](std::uint64_t told) {
    net::http_request request = put("hello");
    request.body.bytes = told;
    return request;
  };
  for (const std::uint64_t told : {4, 6}) {
    scripted_peer peer;
    check_failure(run(peer, request_of(told)), errc::corrupt, phase::sending, fate::not_taken);
    BOOST_TEST((peer.sent.size() < head.size() + told));
  }
}

BOOST_AUTO_TEST_CASE(a_bodys_own_failure_is_the_requests) {
  scripted_peer peer;
  net::http_request request = put("");
  request.body.bytes = 10;
  request.body.write = [](const net::piece_sink& sink) -> result<void> {
    SPILLWAY_TRY(sink("hello"));
    return failure{errc::io, "", "the disk fails", {}};
  };
  const auto outcome = run(peer, request);
  check_failure(outcome, errc::io, phase::sending, fate::not_taken);
  BOOST_TEST((outcome.connection == aftermath::spent));
}

BOOST_AUTO_TEST_CASE(a_sinks_failure_is_the_requests) {
  scripted_peer peer{.incoming = {{1, ok}}};
  const net::piece_sink sink = [](std::string_view) -> result<void> { return failure{errc::no_space, "", "full", {}}; };
  const auto outcome = run(peer, {}, expectation::none, &sink);
  check_failure(outcome, errc::no_space, phase::reading, fate::maybe_taken);
  BOOST_TEST((outcome.connection == aftermath::spent));
}

BOOST_AUTO_TEST_CASE(a_line_without_end_is_cut_off) {
  scripted_peer peer{
      .incoming = {{1, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;" + std::string(300'000, 'x')}}};
  check_failure(run(peer, {}), errc::too_large, phase::reading, fate::maybe_taken);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::net_exchange_tests
