// What a server sends on a connection. Byte 0 of an input: how many bytes come at a time, 0: all; if it is odd, the
// answer is one to HEAD.
#include "fuzz/fuzz.hpp"
#include "net/answer_parser.hpp"

#include <algorithm>

using namespace spillway;
using fuzz::require;

namespace {

constexpr net::answer_limits limits{512, 8, 1024};

struct received {
  result<void> outcome;
  bool is_finished = false;
  bool keeps_alive = false;
  std::size_t bytes = 0;
  net::http_response answer;
};

// Presents `text` as a connection does: what was not taken comes again with more behind it.
result<void> put_all(net::answer_parser& parser, std::string_view text, std::size_t piece_bytes, std::size_t& taken) {
  for (std::size_t come = 0; come < text.size() && !parser.is_finished();) {
    come = std::min(text.size(), come + piece_bytes);
    SPILLWAY_TRY_ASSIGN(const std::size_t now, parser.put(text.substr(taken, come - taken)));
    taken += now;
    require(taken <= come, "no more is taken than has come");
  }
  return parser.is_finished() ? result<void>() : parser.put_end();
}

received receive(std::string_view text, net::answer_to method, std::size_t piece_bytes) {
  net::answer_parser parser(method, limits, nullptr);
  received got{};
  got.outcome = put_all(parser, text, piece_bytes, got.bytes);
  got.is_finished = got.outcome && parser.is_finished();
  if (got.is_finished) {
    got.keeps_alive = parser.keeps_alive();
    got.answer = parser.take();
  }
  return got;
}

void require_proper(const net::http_response& answer, net::answer_to method) {
  require(answer.status >= 200 && answer.status <= 999, "an answer has a final status");
  require(answer.fields.size() <= limits.fields_max && answer.body.size() <= limits.body_bytes_max, "limits are kept");
  require(method == net::answer_to::other || answer.body.empty(), "an answer to HEAD has no body");
  for (const auto& [name, value] : answer.fields) {
    require(
        !name.empty() && std::ranges::none_of(name + value, [](char c) { return c == '\r' || c == '\n' || c == '\0'; }),
        "a field is one line");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  if (bytes < 2) {
    return -1;
  }
  const std::string_view text = fuzz::text_of(data + 1, bytes - 1);
  const net::answer_to method = data[0] % 2 == 1 ? net::answer_to::head : net::answer_to::other;
  const received whole = receive(text, method, text.size());
  const received pieces = receive(text, method, data[0] == 0 ? text.size() : data[0]);
  require(whole.outcome.has_value() == pieces.outcome.has_value(), "pieces do not decide whether an answer is right");
  require(whole.outcome || whole.outcome.error().code == pieces.outcome.error().code,
          "pieces do not decide what is wrong");
  require(whole.is_finished == pieces.is_finished, "pieces do not decide where an answer ends");
  if (whole.is_finished) {
    require(whole.bytes == pieces.bytes && whole.keeps_alive == pieces.keeps_alive, "pieces do not move its end");
    require(whole.answer.status == pieces.answer.status && whole.answer.fields == pieces.answer.fields &&
                whole.answer.body == pieces.answer.body,
            "pieces do not show in an answer");
    require_proper(whole.answer, method);
  }
  return 0;
}
