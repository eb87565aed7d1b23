#include "net/http_client.hpp"

#include "support/http_calls.hpp"
#include "support/scripted_server.hpp"

#include <algorithm>
#include <atomic>
#include <barrier>
#include <future>

namespace spillway::net_http_client_tests {
namespace {

using net::fate;
using net::phase;
using test::check_failure;
using test::get;
using test::make_client;
using test::patient;
using test::put;
using test::scripted_server;
using test::server_side;

void serve_all(server_side& side) {
  for (;;) {
    side.read_request();
    side.answer_with("ok");
  }
}

// Closes on the second request without a byte of an answer: what a client sees that comes too late to a connection.
void hang_up_on_the_second(server_side& side) {
  side.read_request();
  side.answer_with("ok");
  side.read_request();
  side.close();
}

// A failure to connect is what a client gives at once, so it fits a peer that must not be reached.
result<std::vector<net::endpoint>> two_endpoints(const std::string&, std::uint16_t port) {
  SPILLWAY_TRY_ASSIGN(auto all, net::system_lookup("127.0.0.1", test::unused_port()));
  SPILLWAY_TRY_ASSIGN(auto live, net::system_lookup("127.0.0.1", port));
  all.push_back(live.front());
  return all;
}

result<std::vector<net::endpoint>> two_dead_endpoints(const std::string&, std::uint16_t port) {
  SPILLWAY_TRY_ASSIGN(auto all, net::system_lookup("127.0.0.1", port));
  all.push_back(all.front());
  return all;
}

boost::test_tools::assertion_result ipv6_is_there(boost::unit_test::test_unit_id) { return test::has_ipv6(); }

}  // namespace

BOOST_AUTO_TEST_SUITE(net_http_client)

BOOST_AUTO_TEST_CASE(requests_share_a_connection) {
  scripted_server server(serve_all);
  const auto client = make_client();
  for (int i = 0; i < 5; ++i) {
    const auto answer = client->send(server.address(), put("hello"), net::within(patient));
    REQUIRE_OK(answer);
    BOOST_TEST(answer->status == 200);
    BOOST_TEST(answer->body == "ok");
  }
  BOOST_TEST(server.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(a_connection_that_says_close_is_not_used_again) {
  scripted_server server([](server_side& side) {
    side.read_request();
    side.answer("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    side.wait_for_close();
  });
  const auto client = make_client();
  REQUIRE_OK(client->send(server.address(), get(), net::within(patient)));
  REQUIRE_OK(client->send(server.address(), get(), net::within(patient)));
  BOOST_TEST(server.connections() == 2u);
}

// Three calls at once make three connections; two are kept, so the next three need one more.
BOOST_AUTO_TEST_CASE(the_pool_keeps_no_more_than_it_may) {
  std::barrier together(3);
  scripted_server server([&](server_side& side) {
    for (;;) {
      side.read_request();
      together.arrive_and_wait();
      side.answer_with("ok");
    }
  });
  const auto client = make_client({.idle_connections_max = 2});
  for (const std::size_t connections : {3u, 4u}) {
    std::vector<std::jthread> callers;
    std::atomic<int> answers = 0;
    for (int i = 0; i < 3; ++i) {
      callers.emplace_back(
          [&] { answers += client->send(server.address(), get(), net::within(patient)).has_value() ? 1 : 0; });
    }
    callers.clear();
    BOOST_TEST(answers == 3);
    BOOST_TEST(server.connections() == connections);
  }
}

// Loopback has delivered the end of the stream when close() returns.
BOOST_AUTO_TEST_CASE(a_connection_that_was_closed_meanwhile_is_noticed) {
  std::promise<void> closed;
  scripted_server server({[&](server_side& side) {
                            side.read_request();
                            side.answer_with("ok");
                            side.close();
                            closed.set_value();
                          },
                          serve_all});
  const auto client = make_client();
  REQUIRE_OK(client->send(server.address(), get(), net::within(patient)));
  closed.get_future().wait();
  REQUIRE_OK(client->send(server.address(), {.method = "POST", .repeat = net::repeat::unsafe}, net::within(patient)));
  BOOST_TEST(server.connections() == 2u);
}

BOOST_AUTO_TEST_CASE(a_safe_request_that_a_pooled_connection_swallowed_is_sent_again) {
  scripted_server server({hang_up_on_the_second, serve_all});
  const auto client = make_client();
  REQUIRE_OK(client->send(server.address(), put("one"), net::within(patient)));
  const auto answer = client->send(server.address(), put("two"), net::within(patient));
  REQUIRE_OK(answer);
  BOOST_TEST(answer->body == "ok");
  BOOST_TEST(server.connections() == 2u);
}

BOOST_AUTO_TEST_CASE(an_unsafe_one_is_not_and_its_answer_is_lost) {
  scripted_server server({hang_up_on_the_second, serve_all});
  const auto client = make_client();
  const net::http_request post{.method = "POST", .body = net::memory_body("x"), .repeat = net::repeat::unsafe};
  REQUIRE_OK(client->send(server.address(), post, net::within(patient)));
  check_failure(client->send(server.address(), post, net::within(patient)), errc::unavailable, phase::waiting,
                fate::maybe_taken);
  BOOST_TEST(server.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(a_fresh_connection_that_swallows_a_request_is_a_failure) {
  scripted_server server([](server_side& side) {
    side.read_request();
    side.close();
  });
  const auto client = make_client();
  const auto answer = client->send(server.address(), put("x"), net::within(patient));
  check_failure(answer, errc::unavailable, phase::waiting, fate::maybe_taken);
  BOOST_TEST(answer.error().cause == "the server closed the connection without an answer");
  BOOST_TEST(answer.error().doing ==
             "waiting for the answer of " + base::host_and_port("127.0.0.1", server.address().port));
  BOOST_TEST(server.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(a_reset_in_the_middle_of_an_answer_is_a_failure_in_reading) {
  scripted_server server([](server_side& side) {
    side.read_request();
    side.answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhal");
    side.read_bytes(1);
  });
  const auto client = make_client();
  std::string got;
  const auto sink = [&](std::string_view piece) -> result<void> {
    got += piece;
    return {};
  };
  const auto answer = client->send(server.address(), get(), net::within(std::chrono::milliseconds{300}), sink);
  check_failure(answer, errc::unavailable, phase::reading, fate::maybe_taken);
  BOOST_TEST(got == "hal");
}

// 64 MiB do not fit in any socket's buffers, so the client is still sending when the answer comes.
BOOST_AUTO_TEST_CASE(an_early_answer_is_given_whatever_the_server_does_then) {
  const std::string body(64 << 20, 'x');
  const std::string refusal = "HTTP/1.1 503 Slow Down\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbusy";
  const std::vector<scripted_server::script> scripts = {// Stops reading, and waits.
                                                        [&](server_side& side) {
                                                          side.read_head();
                                                          side.answer(refusal);
                                                          side.read_bytes(std::size_t{65} << 20);
                                                        },
                                                        // Goes away with the body unread: a reset follows the answer.
                                                        [&](server_side& side) {
                                                          side.read_head();
                                                          side.answer(refusal);
                                                          side.close();
                                                        },
                                                        // Reads on to the end before it closes.
                                                        [&](server_side& side) {
                                                          side.read_head();
                                                          side.answer(refusal);
                                                          side.wait_for_close();
                                                        }};
  for (const auto& script : scripts) {
    scripted_server server(script);
    const auto client = make_client({.expect_continue_bytes_min = UINT64_MAX});
    const auto answer = client->send(server.address(), put(body), net::within(patient));
    REQUIRE_OK(answer);
    BOOST_TEST(answer->status == 503);
    BOOST_TEST(answer->body == "busy");
  }
}

BOOST_AUTO_TEST_CASE(a_server_that_resets_while_it_is_sent_to_has_not_taken_the_request) {
  const std::string body(64 << 20, 'x');
  scripted_server server([](server_side& side) {
    side.read_head();
    side.reset();
  });
  const auto client = make_client({.expect_continue_bytes_min = UINT64_MAX});
  check_failure(client->send(server.address(), put(body), net::within(patient)), errc::unavailable, phase::sending,
                fate::not_taken);
}

BOOST_AUTO_TEST_CASE(a_large_body_waits_for_go_on) {
  scripted_server server([](server_side& side) {
    const std::string head = side.read_head();
    BOOST_TEST((head.find("Expect: 100-continue\r\n") != head.npos));
    side.answer("HTTP/1.1 100 Continue\r\n\r\n");
    side.answer_with(side.read_bytes(5));
    side.read_request();
    side.answer_with("again");
  });
  const auto client = make_client({.expect_continue_bytes_min = 5, .continue_wait = patient});
  BOOST_TEST(client->send(server.address(), put("hello"), net::within(patient))->body == "hello");
  BOOST_TEST(client->send(server.address(), put("tiny"), net::within(patient))->body == "again");
  BOOST_TEST(server.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(a_refusal_instead_of_go_on_saves_the_body) {
  std::atomic<bool> came_more = false;
  scripted_server server([&](server_side& side) {
    side.read_head();
    side.answer("HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\ndenied");
    side.read_bytes(1);
    came_more = true;
  });
  const auto client = make_client({.expect_continue_bytes_min = 1, .continue_wait = patient});
  const auto answer = client->send(server.address(), put("hello"), net::within(patient));
  REQUIRE_OK(answer);
  BOOST_TEST(answer->body == "denied");
  BOOST_TEST(!came_more);
}

BOOST_AUTO_TEST_CASE(a_server_that_ignores_the_expectation_gets_the_body_anyway) {
  scripted_server server(serve_all);
  const auto client = make_client({.expect_continue_bytes_min = 1, .continue_wait = std::chrono::milliseconds{50}});
  BOOST_TEST(client->send(server.address(), put("hello"), net::within(patient))->body == "ok");
}

BOOST_AUTO_TEST_CASE(a_server_that_knows_no_expectations_is_asked_without) {
  scripted_server server({[](server_side& side) {
                            side.read_head();
                            side.answer("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n");
                            side.wait_for_close();
                          },
                          [](server_side& side) { side.answer_with(side.read_request()); }});
  const auto client = make_client({.expect_continue_bytes_min = 1, .continue_wait = patient});
  const auto answer = client->send(server.address(), put("hello"), net::within(patient));
  REQUIRE_OK(answer);
  BOOST_TEST(answer->status == 200);
  BOOST_TEST(answer->body.find("Expect") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_head_is_answered_without_a_body_and_the_connection_is_kept) {
  scripted_server server([](server_side& side) {
    for (;;) {
      side.read_head();
      side.answer("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nETag: \"e\"\r\n\r\n");
    }
  });
  const auto client = make_client();
  for (int i = 0; i < 2; ++i) {
    const auto answer = client->send(server.address(), {.method = "HEAD"}, net::within(patient));
    REQUIRE_OK(answer);
    BOOST_TEST(answer->field("etag").value() == "\"e\"");
  }
  BOOST_TEST(server.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(a_large_answer_streams_to_the_sink_in_order) {
  std::string body(3'000'000, 'x');
  for (std::size_t i = 0; i < body.size(); ++i) {
    body[i] = static_cast<char>(i * 7 / 5);
  }
  scripted_server server([&](server_side& side) {
    side.read_head();
    side.answer_with(body);
    side.read_head();
    side.answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2dc6c0\r\n" + body + "\r\n0\r\n\r\n");
  });
  const auto client = make_client({.answer = {.body_bytes_max = 1}});
  for (int i = 0; i < 2; ++i) {
    std::string got;
    const auto answer =
        client->send(server.address(), get(), net::within(patient), [&](std::string_view piece) -> result<void> {
          got += piece;
          return {};
        });
    REQUIRE_OK(answer);
    BOOST_TEST((got == body));
    BOOST_TEST(answer->body.empty());
  }
  BOOST_TEST(server.connections() == 1u);
}

BOOST_AUTO_TEST_CASE(a_sinks_failure_ends_the_call_and_the_connection) {
  scripted_server server([](server_side& side) {
    side.read_request();
    side.answer_with("hello");
    side.wait_for_close();
  });
  const auto client = make_client();
  const auto full = [](std::string_view) -> result<void> { return failure{errc::no_space, "", "full", {}}; };
  check_failure(client->send(server.address(), get(), net::within(patient), full), errc::no_space, phase::reading,
                fate::maybe_taken);
  REQUIRE_OK(client->send(server.address(), get(), net::within(patient)));
  BOOST_TEST(server.connections() == 2u);
}

BOOST_AUTO_TEST_CASE(a_body_over_the_limit_is_too_large) {
  scripted_server server(serve_all);
  const auto client = make_client({.answer = {.body_bytes_max = 1}});
  check_failure(client->send(server.address(), get(), net::within(patient)), errc::too_large, phase::reading,
                fate::maybe_taken);
}

BOOST_AUTO_TEST_CASE(a_request_that_can_not_be_written_never_leaves) {
  scripted_server server(serve_all);
  const auto client = make_client();
  check_failure(client->send(server.address(), get("/a\r\nX: y"), net::within(patient)), errc::invalid,
                phase::preparing, fate::not_taken);
  BOOST_TEST(server.connections() == 0u);
}

BOOST_AUTO_TEST_CASE(a_refused_connection_names_the_endpoint_and_a_next_step) {
  const base::origin nowhere{base::scheme::http, "127.0.0.1", test::unused_port()};
  const auto answer = make_client()->send(nowhere, get(), net::within(patient));
  check_failure(answer, errc::unavailable, phase::connecting, fate::not_taken);
  const std::string peer = base::host_and_port(nowhere.host, nowhere.port);
  BOOST_TEST(answer.error().text() == "connecting to " + peer + ": " + peer + ": Connection refused");
  BOOST_TEST(answer.error().hint.find("check that the server runs") == 0u);
}

BOOST_AUTO_TEST_CASE(endpoints_of_a_host_are_tried_in_turn) {
  scripted_server server(serve_all);
  REQUIRE_OK(make_client({}, two_endpoints)->send(server.address("host.example"), get(), net::within(patient)));
  const base::origin nowhere{base::scheme::http, "host.example", test::unused_port()};
  const auto answer = make_client({}, two_dead_endpoints)->send(nowhere, get(), net::within(patient));
  check_failure(answer, errc::unavailable, phase::connecting, fate::not_taken);
  BOOST_TEST(answer.error().cause.find("; 127.0.0.1:") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_host_that_is_not_found_is_a_failure_in_resolving) {
  const auto unknown = [](const std::string&, std::uint16_t) -> result<std::vector<net::endpoint>> {
    return failure{errc::unavailable, "", "Name or service not known", {}};
  };
  const auto answer =
      make_client({}, unknown)->send({base::scheme::http, "nowhere.example", 80}, get(), net::within(patient));
  check_failure(answer, errc::unavailable, phase::resolving, fate::not_taken);
  BOOST_TEST(answer.error().doing == "looking up nowhere.example");
}

BOOST_AUTO_TEST_CASE(ipv6_literals_work, *boost::unit_test::precondition(ipv6_is_there)) {
  scripted_server server({[](server_side& side) { side.answer_with(side.read_head()); }}, nullptr,
                         test::loopback::ipv6);
  const base::origin here = server.address("::1");
  const auto answer = make_client()->send(here, get(), net::within(patient));
  REQUIRE_OK(answer);
  BOOST_TEST(answer->body.find("Host: [::1]:" + std::to_string(here.port) + "\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(many_threads_may_call_at_once) {
  scripted_server server([](server_side& side) {
    for (;;) {
      side.answer_with(side.read_request());
    }
  });
  const auto client = make_client({.idle_connections_max = 2});
  std::atomic<int> good = 0;
  {
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < 4; ++caller) {
      callers.emplace_back([&, caller] {
        for (int i = 0; i < 25; ++i) {
          const std::string body = std::to_string(caller) + ":" + std::to_string(i);
          const auto answer = client->send(server.address("localhost"), put(body), net::within(patient));
          good += answer && answer->body.ends_with("\r\n\r\n" + body) ? 1 : 0;
        }
      });
    }
  }
  BOOST_TEST(good == 100);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::net_http_client_tests
