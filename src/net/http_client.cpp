#include "net/http_client.hpp"

#include "net/connection_pool.hpp"
#include "net/dial.hpp"
#include "net/exchange.hpp"
#include "net/request_head.hpp"

namespace spillway::net {
namespace {

// RFC 9110, 15.5.18: the server does not do what Expect asks for; the request is to be sent without it.
constexpr int expectation_failed = 417;

struct call {
  const base::origin& to;
  const http_request& request;
  waiter& limits;
  const piece_sink* sink;
};

class pooled_client final : public http_client {
public:
  pooled_client(http_settings settings, host_lookup lookup, tls_context context)
      : dial_{settings.connect_timeout, std::move(lookup)},
        exchange_{settings.answer, settings.continue_wait},
        expect_continue_bytes_min_(settings.expect_continue_bytes_min),
        context_(std::move(context)),
        pool_(settings.idle_connections_max, settings.idle_timeout) {}

  http_result<http_response> send(const base::origin& to, const http_request& request, const call_limits& limits,
                                  const piece_sink& sink) override {
    auto waiting = waiter::make(limits);
    if (!waiting) {
      return http_failure{std::move(waiting).error(), phase::preparing, fate::not_taken};
    }
    const call made{to, request, **waiting, sink ? &sink : nullptr};
    const bool is_large = request.body.bytes > 0 && request.body.bytes >= expect_continue_bytes_min_;
    auto answer = send_expecting(made, is_large ? expectation::continue_first : expectation::none);
    if (is_large && answer && answer->status == expectation_failed) {
      answer = send_expecting(made, expectation::none);
    }
    return answer;
  }

private:
  http_result<http_response> send_expecting(const call& made, expectation expected) {
    auto head = write_request_head(made.to, made.request, expected);
    if (!head) {
      return told(made, {std::move(head).error(), phase::preparing, fate::not_taken});
    }
    if (auto pooled = pool_.take(made.to)) {
      auto outcome = send_on(std::move(*pooled), made, *head, expected);
      if (outcome.connection != aftermath::found_dead || made.request.repeat != repeat::safe) {
        return std::move(outcome.answer);
      }
    }
    SPILLWAY_TRY_ASSIGN(auto stream, dial(made.to, dial_, context_, made.limits));
    return send_on({std::move(stream), provenance::fresh, {}, {}}, made, *head, expected).answer;
  }

  exchange_outcome send_on(connection on, const call& made, std::string_view head, expectation expected) {
    exchange_outcome outcome = exchange(on, made.request, head, expected, exchange_, made.limits, made.sink);
    if (outcome.connection == aftermath::reusable) {
      pool_.give_back(made.to, std::move(on));
    }
    if (!outcome.answer) {
      outcome.answer = told(made, outcome.answer.error());
    }
    return outcome;
  }

  // The failure with its phase and peer in front.
  static http_failure told(const call& made, http_failure why) {
    static_cast<failure&>(why) =
        base::while_doing(doing_text(why.during, base::host_and_port(made.to.host, made.to.port)), std::move(why));
    return why;
  }

  const dial_settings dial_;
  const exchange_settings exchange_;
  const std::uint64_t expect_continue_bytes_min_;
  const tls_context context_;
  connection_pool pool_;
};

}  // namespace

result<std::unique_ptr<http_client>> make_http_client(http_settings settings, host_lookup lookup) {
  SPILLWAY_TRY_ASSIGN(tls_context context, tls_context::make(settings.ca_bundle));
  return std::make_unique<pooled_client>(std::move(settings), std::move(lookup), std::move(context));
}

}  // namespace spillway::net
