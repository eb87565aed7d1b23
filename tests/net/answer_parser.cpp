#include "net/answer_parser.hpp"

#include "support/check_result.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace spillway::net_answer_parser_tests {
namespace {

using net::answer_limits;
using net::answer_parser;
using net::answer_to;
using namespace std::string_literals;

struct parsed {
  bool is_finished = false;
  net::http_response answer;
  std::size_t bytes_taken = 0;
};

enum class then { end_of_stream, silence };

// Presents `text` in pieces as a connection does: what was not taken comes again with more behind it.
result<parsed> parse(std::string_view text, std::size_t piece, then end = then::silence,
                     answer_to method = answer_to::other, const answer_limits& limits = {},
                     const net::piece_sink* sink = nullptr) {
  answer_parser parser(method, limits, sink);
  std::size_t taken = 0;
  for (std::size_t come = 0; come < text.size() && !parser.is_finished();) {
    come = std::min(text.size(), come + piece);
    SPILLWAY_TRY_ASSIGN(const std::size_t now, parser.put(text.substr(taken, come - taken)));
    taken += now;
  }
  if (end == then::end_of_stream && !parser.is_finished()) {
    SPILLWAY_TRY(parser.put_end());
  }
  const bool is_finished = parser.is_finished();
  return parsed{is_finished, is_finished ? parser.take() : net::http_response{}, taken};
}

std::string with_fields(const std::string& fields, const std::string& body = "abc") {
  return "HTTP/1.1 200 OK\r\n" + fields + "\r\n" + body;
}

std::string chunked(const std::string& body) { return with_fields("Transfer-Encoding: chunked\r\n", body); }

// The answer is refused, however it is cut.
void check_refused(const std::string& text, errc code = errc::invalid) {
  BOOST_TEST_CONTEXT(text.substr(0, 300)) {
    CHECK_FAILS(parse(text, 1, then::end_of_stream), code);
    CHECK_FAILS(parse(text, text.size(), then::end_of_stream), code);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(net_answer_parser)

BOOST_AUTO_TEST_CASE(an_answer_is_the_same_wherever_it_is_cut) {
  const std::string plain = with_fields("Content-Length: 11\r\nETag: \"x\"\r\n", "hello world");
  const std::string chunks = chunked("5\r\nhello\r\n1;name=\"v\"\r\n \r\n5\r\nworld\r\n0\r\nX-Trailer: 1\r\n\r\n");
  const std::string interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + plain;
  for (const std::string& text : {plain, chunks, interim}) {
    for (std::size_t piece = 1; piece <= text.size(); ++piece) {
      const auto made = parse(text, piece);
      REQUIRE_OK(made);
      BOOST_TEST(made->is_finished);
      BOOST_TEST(made->answer.status == 200);
      BOOST_TEST(made->answer.body == "hello world");
      BOOST_TEST(made->bytes_taken == text.size());
    }
  }
}

BOOST_AUTO_TEST_CASE(every_answer_that_is_cut_short_is_told_from_a_whole_one) {
  for (const std::string& text : {with_fields("Content-Length: 5\r\n", "hello"), chunked("5\r\nhello\r\n0\r\n\r\n")}) {
    for (std::size_t bytes = 0; bytes < text.size(); ++bytes) {
      CHECK_FAILS(parse(text.substr(0, bytes), text.size(), then::end_of_stream), errc::unavailable);
    }
  }
}

BOOST_AUTO_TEST_CASE(nothing_behind_an_answer_is_taken) {
  const std::string text = with_fields("Content-Length: 3\r\n");
  BOOST_TEST(parse(text + "HTTP/1.1 200 OK\r\n", 1'000)->bytes_taken == text.size());
}

BOOST_AUTO_TEST_CASE(a_body_without_a_length_goes_to_the_end_of_the_stream) {
  const auto made = parse(with_fields("", "all of it"), 4, then::end_of_stream);
  REQUIRE_OK(made);
  BOOST_TEST(made->answer.body == "all of it");
  BOOST_TEST(!parse(with_fields("", "all of it"), 4)->is_finished);
}

BOOST_AUTO_TEST_CASE(head_204_and_304_have_no_body_whatever_they_say) {
  const std::string length = "Content-Length: 5\r\n\r\n";
  const auto head = parse("HTTP/1.1 200 OK\r\n" + length, 100, then::silence, answer_to::head);
  REQUIRE_OK(head);
  BOOST_TEST(head->is_finished);
  BOOST_TEST(head->answer.field("content-length").value() == "5");
  for (const char* status : {"204 No Content", "304 Not Modified"}) {
    BOOST_TEST(parse("HTTP/1.1 "s + status + "\r\n" + length, 100)->is_finished);
    BOOST_TEST(parse("HTTP/1.1 "s + status + "\r\n\r\n", 100)->is_finished);
  }
}

BOOST_AUTO_TEST_CASE(go_on_is_noted_and_read_over) {
  answer_parser parser(answer_to::other, {}, nullptr);
  BOOST_TEST(!parser.has_begun());
  CHECK_OK(parser.put("HTTP/1.1 100 Continue\r\n\r\n"));
  BOOST_TEST(parser.has_begun());
  BOOST_TEST(parser.has_continue());
  BOOST_TEST(!parser.has_status());
  CHECK_OK(parser.put("HTTP/1.1 403 Forbidden\r\nContent-Length: 1\r\n\r\n"));
  BOOST_TEST(parser.has_status());
  BOOST_TEST(!parser.is_finished());
}

BOOST_AUTO_TEST_CASE(who_keeps_the_connection) {
  const struct {
    std::string head;
    bool keeps_alive;
  } rows[] = {{"HTTP/1.1 200 OK\r\n", true},
              {"HTTP/1.1 200 OK\r\nConnection: close\r\n", false},
              {"HTTP/1.1 200 OK\r\nConnection: x, Close\r\n", false},
              {"HTTP/1.0 200 OK\r\n", false},
              {"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n", true}};
  for (const auto& row : rows) {
    answer_parser parser(answer_to::other, {}, nullptr);
    REQUIRE_OK(parser.put(row.head + "Content-Length: 0\r\n\r\n"));
    BOOST_REQUIRE(parser.is_finished());
    BOOST_TEST(parser.keeps_alive() == row.keeps_alive, row.head);
  }
}

BOOST_AUTO_TEST_CASE(an_answer_must_say_in_one_way_where_it_ends) {
  for (const char* fields : {"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
                             "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
                             "Content-Length: 3\r\nContent-Length: 4\r\n",
                             "Content-Length: 3\r\nContent-Length: 3\r\n",
                             "Content-Length: 3, 3\r\n",
                             "Content-Length: +3\r\n",
                             "Content-Length: -1\r\n",
                             "Content-Length: 0x3\r\n",
                             "Content-Length: \r\n",
                             "Content-Length: 3 3\r\n",
                             "Content-Length: 18446744073709551616\r\n",
                             "Transfer-Encoding: xchunked\r\n",
                             "Transfer-Encoding: chunked, identity\r\n",
                             "Transfer-Encoding: identity\r\n",
                             "Transfer-Encoding: gzip, chunked\r\n",
                             "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                             "Transfer-Encoding: chunked, chunked\r\n",
                             "Transfer-Encoding: \"chunked\"\r\n",
                             "Transfer-Encoding: \r\n",
                             "Transfer-Encoding: \x0b"
                             "chunked\r\n"}) {
    check_refused(with_fields(fields));
  }
  check_refused("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  // Not for statuses without a body either: the next program may not know that.
  check_refused("HTTP/1.1 204 No Content\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n");
}

BOOST_AUTO_TEST_CASE(a_head_is_made_of_whole_lines) {
  check_refused("HTTP/1.1 200 OK\nContent-Length: 0\n\n");
  check_refused("HTTP/1.1 200 OK\r\nA: 1\nContent-Length: 0\r\n\r\n");
  check_refused("HTTP/1.1 200 OK\r\nA: 1\r2\r\nContent-Length: 0\r\n\r\n");
  check_refused(with_fields("A: 1\r\n 2\r\nContent-Length: 3\r\n"));
  check_refused(with_fields("A: 1\r\n\tTransfer-Encoding: chunked\r\nContent-Length: 3\r\n"));
  check_refused("HTTP/1.1 200 OK\r\n Content-Length: 3\r\n\r\nabc");
  check_refused(with_fields("A: "s + '\0' + "\r\n"));
  check_refused(with_fields("A: \x1b[2J\r\n"));
  check_refused(with_fields("A: \x7f\r\n"));
  check_refused(with_fields("Content-Length : 3\r\n"));
  check_refused(with_fields(": 3\r\n"));
  check_refused(with_fields("no colon\r\n"));
  check_refused(with_fields("A(: 3\r\n"));
}

BOOST_AUTO_TEST_CASE(the_first_line_is_that_of_http_1) {
  for (const char* text :
       {"SSH-2.0-OpenSSH_9.2\r\n", "\x15\x03\x01", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.2 200 OK\r\n\r\n",
        "http/1.1 200 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "\r\nHTTP/1.1 200 OK\r\n\r\n", "<html></html>"}) {
    check_refused(text);
  }
}

BOOST_AUTO_TEST_CASE(malformed_chunks_are_refused) {
  for (const char* body :
       {"x\r\nabc\r\n0\r\n\r\n", "-3\r\nabc\r\n0\r\n\r\n", "+3\r\nabc\r\n0\r\n\r\n", "0x3\r\nabc\r\n0\r\n\r\n",
        " 3\r\nabc\r\n0\r\n\r\n", "\r\n3\r\nabc\r\n0\r\n\r\n", "3\nabc\r\n0\r\n\r\n", "3\r\nabcd\r\n0\r\n\r\n",
        "3\r\nabc0\r\n\r\n", "3\r\nabc\n0\r\n\r\n", "10000000000000000\r\nabc", "3 \r\nabc\r\n0\r\n\r\n",
        "3;\x01=1\r\nabc\r\n0\r\n\r\n", "3\rx\nabc\r\n0\r\n\r\n", "3\r\nabc\r\n0\r\nbad trailer\r\n\r\n"}) {
    check_refused(chunked(body));
  }
}

BOOST_AUTO_TEST_CASE(trailers_do_not_become_fields) {
  const auto made = parse(chunked("1\r\na\r\n0\r\nETag: \"forged\"\r\n\r\n"), 1'000);
  REQUIRE_OK(made);
  BOOST_TEST(made->is_finished);
  BOOST_TEST(!made->answer.field("etag").has_value());
}

BOOST_AUTO_TEST_CASE(heads_fields_bodies_and_patience_are_limited) {
  const answer_limits limits{.head_bytes_max = 200, .fields_max = 5, .body_bytes_max = 10};
  const auto parse_limited = [&](const std::string& text) {
    return parse(text, 7, then::silence, answer_to::other, limits);
  };
  CHECK_FAILS(parse_limited(with_fields("A: " + std::string(200, 'x') + "\r\n")), errc::too_large);
  CHECK_FAILS(parse_limited("HTTP/1.1 200 " + std::string(300, 'x')), errc::too_large);
  CHECK_FAILS(parse_limited(with_fields("A: 1\r\nA: 1\r\nA: 1\r\nA: 1\r\nA: 1\r\nA: 1\r\n")), errc::too_large);
  CHECK_OK(parse_limited(with_fields("Content-Length: 10\r\n", "1234567890")));
  CHECK_FAILS(parse_limited(with_fields("Content-Length: 11\r\n", "12345678901")), errc::too_large);
  CHECK_FAILS(parse_limited(chunked("6\r\n123456\r\n5\r\n12345\r\n0\r\n\r\n")), errc::too_large);
  std::string interim;
  for (int i = 0; i < 17; ++i) {
    interim += "HTTP/1.1 102 Processing\r\n\r\n";
  }
  CHECK_FAILS(parse(interim, 1'000), errc::invalid);
}

BOOST_AUTO_TEST_CASE(the_body_of_a_success_goes_to_the_sink_unlimited_and_another_does_not) {
  std::string got;
  const net::piece_sink sink = [&](std::string_view piece) -> result<void> {
    got += piece;
    return {};
  };
  const answer_limits limits{.body_bytes_max = 5};
  const auto made =
      parse(with_fields("Content-Length: 11\r\n", "hello world"), 4, then::silence, answer_to::other, limits, &sink);
  REQUIRE_OK(made);
  BOOST_TEST(made->answer.body.empty());
  BOOST_TEST(got == "hello world");
  got.clear();
  const auto denied = parse("HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\n<Err>", 4, then::silence,
                            answer_to::other, limits, &sink);
  REQUIRE_OK(denied);
  BOOST_TEST(denied->answer.body == "<Err>");
  BOOST_TEST(got.empty());
}

BOOST_AUTO_TEST_CASE(a_sinks_failure_is_passed_on) {
  const net::piece_sink sink = [](std::string_view) -> result<void> { return failure{errc::no_space, "", "full", {}}; };
  for (const std::string& text :
       {with_fields("Content-Length: 3\r\n"), chunked("3\r\nabc\r\n0\r\n\r\n"), with_fields("")}) {
    CHECK_FAILS(parse(text, 1'000, then::end_of_stream, answer_to::other, {}, &sink), errc::no_space);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::net_answer_parser_tests
