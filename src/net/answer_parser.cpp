#include "net/answer_parser.hpp"

#include <algorithm>
#include <optional>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace spillway::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

// A server that sends more "please wait" than this is broken (our choice; each is a head of full size at most).
constexpr int interim_answers_max = 16;

constexpr std::string_view head_end = "\r\n\r\n";
constexpr const char* not_http_hint = "check the scheme, host and port of the endpoint, and what stands between";

failure invalid_answer(std::string cause) { return {errc::invalid, "", std::move(cause), not_http_hint}; }

std::string_view to_std(string_view text) { return {text.data(), text.size()}; }

// Of one or more bytes from the start of a head, whole or not: can they be one? Beast joins folded lines silently.
result<void> check_head_text(std::string_view text) {
  constexpr std::string_view start = "HTTP/1.";
  if (text.substr(0, start.size()) != start.substr(0, text.size())) {
    return invalid_answer("the answer is not HTTP/1.1");
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n' && text[i - 1] != '\r') {
      return invalid_answer("a line of the answer's head ends without CR");
    }
    if (c == '\r' && i + 1 < text.size() && text[i + 1] != '\n') {
      return invalid_answer("a CR stands in a line of the answer's head");
    }
    if ((c == ' ' || c == '\t') && text[i - 1] == '\n') {
      return invalid_answer("a field of the answer is folded over lines");
    }
    if ((static_cast<unsigned char>(c) < ' ' && c != '\t' && c != '\r' && c != '\n') || c == '\x7f') {
      return invalid_answer("a control character stands in the answer's head");
    }
  }
  return {};
}

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// How the end of an answer is told, collected from its fields.
struct framing {
  int content_lengths = 0;
  int transfer_encodings = 0;
  bool is_well_formed = true;

  void note(http::field name, std::string_view value) {
    if (name == http::field::content_length) {
      ++content_lengths;
      is_well_formed &= is_number(value);
    } else if (name == http::field::transfer_encoding) {
      ++transfer_encodings;
      is_well_formed &= is_same_name(value, "chunked");
    }
  }

  bool is_clear(int version) const {
    return is_well_formed && content_lengths + transfer_encodings <= 1 && (transfer_encodings == 0 || version == 11);
  }
};

failure to_failure(const error_code& code) {
  using http::error;
  if (code == error::bad_chunk || code == error::bad_chunk_extension || code == error::bad_line_ending) {
    return invalid_answer("a chunk of the answer's body is malformed");
  }
  if (code == error::bad_content_length || code == error::multiple_content_length ||
      code == error::bad_transfer_encoding) {
    return invalid_answer("the answer does not say clearly where it ends");
  }
  if (code == error::bad_version || code == error::bad_status || code == error::bad_reason) {
    return invalid_answer("the answer's first line is malformed");
  }
  return invalid_answer("the answer is malformed: " + code.message());
}

// One answer, interim or final.
class single_answer final : public http::basic_parser<false> {
public:
  single_answer(answer_to method, const answer_limits& limits, const piece_sink* sink) : limits_(limits), sink_(sink) {
    eager(true);
    skip(method == answer_to::head);
    header_limit(static_cast<std::uint32_t>(limits.head_bytes_max));
    body_limit(boost::none);  // ours counts what is kept, and not what streams by
  }

  http_response response;
  std::optional<failure> failed;  // says more than the error_code that carries it

private:
  void fail(failure why, error_code& ec) {
    failed = std::move(why);
    ec = http::error::bad_value;
  }

  void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}

  void on_response_impl(int status, string_view, int version, error_code& ec) override {
    response.status = status;
    version_ = version;
    // 101 would give the connection to another protocol, and nobody asked for one.
    if (status < 100 || status == 101) {
      fail(invalid_answer("the answer has the status " + std::to_string(status)), ec);
    }
  }

  // Also called for the trailers of a chunked body, which mean nothing to us.
  void on_field_impl(http::field name, string_view name_text, string_view value, error_code& ec) override {
    if (is_in_body_) {
      return;
    }
    framing_.note(name, to_std(value));
    response.fields.emplace_back(name_text, value);
    if (response.fields.size() > limits_.fields_max) {
      fail({errc::too_large, "", "the answer has more than " + std::to_string(limits_.fields_max) + " fields", {}}, ec);
    }
  }

  void on_header_impl(error_code& ec) override {
    is_in_body_ = true;
    if (!framing_.is_clear(version_)) {
      fail(invalid_answer("the answer does not say clearly where it ends"), ec);
    }
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}

  std::size_t on_body_impl(string_view bytes, error_code& ec) override {
    if (sink_ != nullptr && response.is_success()) {
      if (auto taken = (*sink_)(to_std(bytes)); !taken) {
        fail(std::move(taken).error(), ec);
      }
    } else if (bytes.size() > limits_.body_bytes_max - response.body.size()) {
      fail({errc::too_large, "", "the answer's body is over " + base_text(limits_.body_bytes_max), {}}, ec);
    } else {
      response.body.append(bytes.data(), bytes.size());
    }
    return bytes.size();
  }

  std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes, error_code& ec) override {
    return on_body_impl(bytes, ec);
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  void on_finish_impl(error_code&) override {}

  static std::string base_text(std::size_t bytes) { return std::to_string(bytes) + " bytes"; }

  const answer_limits& limits_;
  const piece_sink* sink_;
  int version_ = 0;
  bool is_in_body_ = false;
  framing framing_;
};

}  // namespace

class answer_parser::implementation {
public:
  implementation(answer_to method, const answer_limits& limits, const piece_sink* sink)
      : method_(method), limits_(limits), sink_(sink) {
    start();
  }

  result<std::size_t> put(std::string_view bytes) {
    has_begun = has_begun || !bytes.empty();
    std::size_t taken = 0;
    while (taken < bytes.size() && !is_finished()) {
      const std::string_view left = bytes.substr(taken);
      SPILLWAY_TRY_ASSIGN(const std::size_t now, current_->is_header_done() ? parse(left) : put_head(left));
      if (now == 0) {
        break;
      }
      taken += now;
      SPILLWAY_TRY(leave_interim());
    }
    return taken;
  }

  result<void> put_end() {
    if (has_status() && current_->need_eof()) {
      error_code ec;
      current_->put_eof(ec);
      return {};
    }
    return failure{errc::unavailable,
                   "",
                   has_begun ? "the server closed the connection in the middle of the answer"
                             : "the server closed the connection without an answer",
                   {}};
  }

  // Only a final answer stays current once its head is done.
  bool has_status() const { return current_->is_header_done(); }
  bool is_finished() const { return current_->is_done(); }
  single_answer& current() { return *current_; }

  bool has_begun = false;
  bool has_continue = false;

private:
  void start() { current_.emplace(method_, limits_, sink_); }

  // A head is looked at as far as it has come, and parsed when it is whole.
  result<std::size_t> put_head(std::string_view bytes) {
    const std::size_t end = bytes.find(head_end);
    const std::size_t head_bytes = end == bytes.npos ? bytes.size() : end + head_end.size();
    SPILLWAY_TRY(check_head_text(bytes.substr(0, std::min(head_bytes, limits_.head_bytes_max))));
    if (head_bytes > limits_.head_bytes_max) {
      return failure{
          errc::too_large, "", "the answer's head is over " + std::to_string(limits_.head_bytes_max) + " bytes", {}};
    }
    if (end == bytes.npos) {
      return std::size_t{0};
    }
    return parse(bytes.substr(0, head_bytes));
  }

  result<std::size_t> parse(std::string_view bytes) {
    error_code ec;
    const std::size_t taken = current_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), ec);
    if (current_->failed) {
      return *current_->failed;
    }
    if (ec && ec != http::error::need_more) {
      return to_failure(ec);
    }
    return taken;
  }

  result<void> leave_interim() {
    if (!current_->is_done() || current_->response.status >= 200) {
      return {};
    }
    has_continue = has_continue || current_->response.status == 100;
    if (++interim_answers_ > interim_answers_max) {
      return invalid_answer("the server sends one interim answer after the other");
    }
    start();
    return {};
  }

  answer_to method_;
  answer_limits limits_;
  const piece_sink* sink_;
  std::optional<single_answer> current_;
  int interim_answers_ = 0;
};

answer_parser::answer_parser(answer_to method, const answer_limits& limits, const piece_sink* sink)
    : implementation_(std::make_unique<implementation>(method, limits, sink)) {}
answer_parser::~answer_parser() = default;

result<std::size_t> answer_parser::put(std::string_view bytes) { return implementation_->put(bytes); }
result<void> answer_parser::put_end() { return implementation_->put_end(); }
bool answer_parser::has_begun() const { return implementation_->has_begun; }
bool answer_parser::has_continue() const { return implementation_->has_continue; }
bool answer_parser::has_status() const { return implementation_->has_status(); }
bool answer_parser::is_finished() const { return implementation_->is_finished(); }
bool answer_parser::keeps_alive() const { return implementation_->current().keep_alive(); }
http_response answer_parser::take() { return std::move(implementation_->current().response); }

}  // namespace spillway::net
