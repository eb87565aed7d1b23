#include "net/tls_context.hpp"

#include "net/certificate_failure.hpp"

#include <filesystem>

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace spillway::net {
namespace {

failure bundle_failure(errc code, const std::string& path, std::string cause) {
  return {code, "reading the CA bundle " + path, std::move(cause),
          "give a file of PEM certificates as --ca-bundle or AWS_CA_BUNDLE"};
}

result<void> load_bundle(SSL_CTX* context, const std::string& path) {
  std::error_code error;
  const std::filesystem::file_status there = std::filesystem::status(path, error);
  if (!std::filesystem::exists(there)) {
    return bundle_failure(errc::not_found, path, "it is not there");
  }
  const bool is_loaded = std::filesystem::is_directory(there) ? SSL_CTX_load_verify_dir(context, path.c_str()) == 1
                                                              : SSL_CTX_load_verify_file(context, path.c_str()) == 1;
  ERR_clear_error();
  if (!is_loaded) {
    return bundle_failure(errc::invalid, path, "it can't be read, or holds no PEM certificate");
  }
  return {};
}

// SSL_OP_NO_RENEGOTIATION: TLS 1.2's renegotiation is not needed, and would have a write wait for a read.
void set_protocol(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // A write may move a part, and be repeated from another place in memory; records are read with one system call
  // instead of two; a connection that idles in a pool gives its buffers back.
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, 1);
}

}  // namespace

void tls_context::free_context::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

result<tls_context> tls_context::make(const std::string& ca_bundle) {
  tls_context made(SSL_CTX_new(TLS_client_method()));
  if (made.get() == nullptr) {
    return failure{errc::bug, "setting up TLS", "OpenSSL gives no context", {}};
  }
  set_protocol(made.get());
  SSL_CTX_set_verify(made.get(), SSL_VERIFY_PEER, &note_certificate_failure);
  if (!ca_bundle.empty()) {
    SPILLWAY_TRY(load_bundle(made.get(), ca_bundle));
  } else if (SSL_CTX_set_default_verify_paths(made.get()) != 1) {
    ERR_clear_error();
    return failure{errc::invalid, "setting up TLS", "the system's certificate authorities can't be read",
                   "install the package ca-certificates, or pass --ca-bundle FILE"};
  }
  return made;
}

}  // namespace spillway::net
