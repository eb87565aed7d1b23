// OpenSSL reads and writes through a BIO of ours on the stream below, so that TLS runs over any stream, scripted ones
// too, and so that a peer that is gone gives an error: OpenSSL's own socket BIO writes with write(), which raises
// SIGPIPE.
#include "net/tls_stream.hpp"

#include "base/origin.hpp"
#include "net/certificate_failure.hpp"

#include <algorithm>
#include <climits>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace spillway::net {
namespace {

// What a TLS record holds at most (RFC 8446, 5.1).
constexpr std::size_t record_bytes_max = 16'384;

// What OpenSSL sees below itself.
struct lower_stream {
  std::unique_ptr<byte_stream> stream;
  io_step last;  // of the last read or write
};

int to_bio(BIO* bio, lower_stream& lower, io_step step) {
  const int moved = static_cast<int>(step.bytes);
  lower.last = std::move(step);
  BIO_clear_retry_flags(bio);
  switch (lower.last.what) {
    case progress::moved: return moved;
    case progress::needs_read: BIO_set_retry_read(bio); return -1;
    case progress::needs_write: BIO_set_retry_write(bio); return -1;
    case progress::closed: return 0;
    case progress::failed: return -1;
  }
  return -1;
}

lower_stream& lower_of(BIO* bio) { return *static_cast<lower_stream*>(BIO_get_data(bio)); }

int bio_read(BIO* bio, char* into, int bytes) {
  lower_stream& lower = lower_of(bio);
  return bytes <= 0 ? 0 : to_bio(bio, lower, lower.stream->read_some({into, static_cast<std::size_t>(bytes)}));
}

int bio_write(BIO* bio, const char* from, int bytes) {
  lower_stream& lower = lower_of(bio);
  return bytes <= 0 ? 0 : to_bio(bio, lower, lower.stream->write_some({from, static_cast<std::size_t>(bytes)}, {}));
}

long bio_control(BIO* bio, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH: return 1;  // nothing is held back
    case BIO_CTRL_EOF: return lower_of(bio).last.what == progress::closed ? 1 : 0;
    default: return 0;
  }
}

BIO_METHOD* make_bio_method() {
  BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "byte_stream");
  BIO_meth_set_read(made, &bio_read);
  BIO_meth_set_write(made, &bio_write);
  BIO_meth_set_ctrl(made, &bio_control);
  return made;
}

// Lives as long as the process.
const BIO_METHOD* bio_method() {
  static const BIO_METHOD* const method = make_bio_method();
  return method;
}

// What the newest entry of OpenSSL's queue says, for a step that failed for other reasons than the stream below.
failure tls_failure() {
  const unsigned long code = ERR_peek_last_error();
  switch (ERR_GET_REASON(code)) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return {errc::invalid, "", "the server speaks no TLS 1.2 or later",
              "have TLS 1.2 or 1.3 turned on at the server"};
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
      return {errc::invalid, "", "the server does not speak TLS on this port",
              "use http:// in the endpoint, or the port where it speaks TLS"};
    case SSL_R_UNEXPECTED_EOF_WHILE_READING: return {errc::unavailable, "", "the server cut the connection", {}};
    default: break;
  }
  const char* reason = ERR_reason_error_string(code);
  return {errc::unavailable, "", reason == nullptr ? "TLS failed" : "TLS failed: " + std::string(reason), {}};
}

class tls_stream final : public byte_stream {
public:
  tls_stream(SSL* connection, std::unique_ptr<byte_stream> plain, std::string host) : connection_(connection) {
    lower_.stream = std::move(plain);
    check_.host = std::move(host);
    watch_certificates(connection, check_);
    BIO* bio = BIO_new(bio_method());
    BIO_set_data(bio, &lower_);
    BIO_set_init(bio, 1);
    SSL_set_bio(connection, bio, bio);
    SSL_set_connect_state(connection);
  }

  // `moved` when hands are shaken.
  io_step shake_hands() {
    ERR_clear_error();
    io_step step = step_of(SSL_do_handshake(connection_.get()), 0);
    if (step.what == progress::failed && check_.failed) {
      step.why = *check_.failed;
    } else if (step.what == progress::closed) {
      step = {progress::failed, 0, {errc::unavailable, "", "the server closed the connection", {}}};
    }
    return step;
  }

  io_step read_some(std::span<char> into) override {
    ERR_clear_error();
    std::size_t got = 0;
    const int status = SSL_read_ex(connection_.get(), into.data(), into.size(), &got);
    return step_of(status, got);
  }

  io_step write_some(std::string_view first, std::string_view second) override {
    // A short head goes into one record with the start of the body; a repeated call gathers the same bytes again.
    std::string gathered;
    if (!first.empty() && !second.empty() && first.size() < record_bytes_max) {
      gathered.reserve(record_bytes_max);
      gathered.append(first).append(second.substr(0, record_bytes_max - first.size()));
    }
    const std::string_view bytes = !gathered.empty() ? gathered : first.empty() ? second : first;
    ERR_clear_error();
    std::size_t written = 0;
    const int status = SSL_write_ex(connection_.get(), bytes.data(), bytes.size(), &written);
    return step_of(status, written);
  }

  wait_end wait(interest wanted, const waiter& limits, moment until) override {
    return lower_.stream->wait(wanted, limits, until);
  }

private:
  struct free_connection {
    void operator()(SSL* connection) const { SSL_free(connection); }
  };

  io_step step_of(int status, std::size_t bytes) {
    switch (SSL_get_error(connection_.get(), status)) {
      case SSL_ERROR_NONE: return {progress::moved, bytes, {}};
      case SSL_ERROR_WANT_READ: return {progress::needs_read, 0, {}};
      case SSL_ERROR_WANT_WRITE: return {progress::needs_write, 0, {}};
      case SSL_ERROR_ZERO_RETURN: return {progress::closed, 0, {}};
      default: break;
    }
    failure why = lower_.last.what == progress::failed ? lower_.last.why : tls_failure();
    ERR_clear_error();
    return {progress::failed, 0, std::move(why)};
  }

  lower_stream lower_;
  certificate_check check_;
  std::unique_ptr<SSL, free_connection> connection_;  // goes first: it knows the others
};

// REQUIRES: `host` passed base::check_origin.
bool expect_host(SSL* connection, const std::string& host) {
  X509_VERIFY_PARAM* wanted = SSL_get0_param(connection);
  if (base::is_ip_literal(host)) {
    return X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str()) == 1;
  }
  X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return X509_VERIFY_PARAM_set1_host(wanted, host.c_str(), host.size()) == 1 &&
         SSL_set_tlsext_host_name(connection, host.c_str()) == 1;
}

}  // namespace

result<std::unique_ptr<byte_stream>> start_tls(const tls_context& context, std::unique_ptr<byte_stream> plain,
                                               const std::string& host, const waiter& limits, moment until) {
  SSL* connection = SSL_new(context.get());
  if (connection == nullptr) {
    return failure{errc::bug, "", "OpenSSL gives no connection", {}};
  }
  auto made = std::make_unique<tls_stream>(connection, std::move(plain), host);
  if (!expect_host(connection, host)) {
    return failure{errc::invalid, "", "\"" + host + "\" can't be verified", {}};
  }
  for (;;) {
    io_step step = made->shake_hands();
    if (step.what == progress::moved) {
      return made;
    }
    if (step.what == progress::failed) {
      return std::move(step.why);
    }
    if (const wait_end end = wait_for(*made, step, limits, until);
        end == wait_end::timed_out || end == wait_end::stopped) {
      return to_failure(end);
    }
  }
}

}  // namespace spillway::net
