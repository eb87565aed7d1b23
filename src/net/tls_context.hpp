// Who is trusted, and which TLS is spoken.
//
// OpenSSL's contexts verify nothing and speak TLS 1.0 unless told otherwise (Asio's too). Here the peer is always
// verified, by authority, usage, dates and name, and TLS 1.2 is the least; there is no switch that turns it off.
#pragma once

#include "base/result.hpp"

#include <memory>
#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace spillway::net {

// Thread rule: once made it does not change; any thread may use it.
class tls_context {
public:
  // `ca_bundle`: a PEM file, or a directory as `openssl rehash` makes them, which replaces the system's authorities as
  // AWS_CA_BUNDLE does for the AWS CLI; empty: the system's (OpenSSL's defaults, so SSL_CERT_FILE and SSL_CERT_DIR
  // count). errc::not_found, errc::invalid: the bundle is not there, or holds no certificate.
  static result<tls_context> make(const std::string& ca_bundle);

  ssl_ctx_st* get() const { return context_.get(); }

private:
  struct free_context {
    void operator()(ssl_ctx_st* context) const;
  };
  explicit tls_context(ssl_ctx_st* context) : context_(context) {}

  std::unique_ptr<ssl_ctx_st, free_context> context_;
};

}  // namespace spillway::net
