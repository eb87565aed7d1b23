#include "net/dial.hpp"

#include "net/tcp_stream.hpp"
#include "net/tls_stream.hpp"

namespace spillway::net {
namespace {

http_failure failed(phase during, const std::string& peer, failure why) {
  return {base::while_doing(doing_text(during, peer), std::move(why)), during, fate::not_taken};
}

failure nobody_answers(failure last, std::string causes) {
  last.cause = std::move(causes);
  if (last.code == errc::unavailable) {
    last.hint = "check that the server runs, and the host and port of the endpoint";
  }
  return last;
}

result<std::unique_ptr<byte_stream>> connect_any(const std::vector<endpoint>& found, std::chrono::milliseconds timeout,
                                                 const waiter& limits) {
  std::string causes;
  failure last{errc::unavailable, "", "", {}};
  for (const endpoint& each : found) {
    auto made = connect_tcp(each, limits, std::chrono::steady_clock::now() + timeout);
    if (made) {
      return made;
    }
    last = std::move(made).error();
    causes += (causes.empty() ? "" : "; ") + to_string(each) + ": " + last.cause;
    if (limits.ended()) {
      break;
    }
  }
  return nobody_answers(std::move(last), std::move(causes));
}

}  // namespace

http_result<std::unique_ptr<byte_stream>> dial(const base::origin& to, const dial_settings& settings,
                                               const tls_context& context, const waiter& limits) {
  auto found = look_up(settings.lookup, to.host, to.port, limits.limits());
  if (!found) {
    return failed(phase::resolving, to.host, std::move(found).error());
  }
  auto stream = connect_any(*found, settings.connect_timeout, limits);
  if (!stream) {
    return failed(phase::connecting, base::host_and_port(to.host, to.port), std::move(stream).error());
  }
  if (to.scheme == base::scheme::https) {
    const moment until = std::chrono::steady_clock::now() + settings.connect_timeout;
    stream = start_tls(context, std::move(*stream), to.host, limits, until);
    if (!stream) {
      return failed(phase::handshaking, base::host_and_port(to.host, to.port), std::move(stream).error());
    }
  }
  return std::move(*stream);
}

}  // namespace spillway::net
