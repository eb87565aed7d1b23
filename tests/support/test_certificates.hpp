// Certificates and their keys, made when a test needs them: nothing secret is in the repository.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <openssl/ssl.h>

namespace spillway::test {

template <auto Free>
struct openssl_deleter {
  template <class Object>
  void operator()(Object* object) const {
    Free(object);
  }
};
using x509_ptr = std::unique_ptr<X509, openssl_deleter<&X509_free>>;
using key_ptr = std::unique_ptr<EVP_PKEY, openssl_deleter<&EVP_PKEY_free>>;
using ssl_ctx_ptr = std::unique_ptr<SSL_CTX, openssl_deleter<&SSL_CTX_free>>;

struct certificate_wish {
  std::string common_name = "Test server";
  std::string names = "DNS:localhost,IP:127.0.0.1";  // as in openssl.cnf; empty: no such extension
  std::string usage = "serverAuth";                  // likewise
  std::string constraints = "CA:FALSE";
  std::chrono::seconds valid_from = std::chrono::hours{-1};  // from now on
  std::chrono::seconds valid_to = std::chrono::hours{1};
};

struct certificate {
  x509_ptr signed_part;
  key_ptr key;

  std::string pem() const;  // without the key
};

certificate make_authority(const std::string& common_name);
certificate make_certificate(const certificate_wish& wish, const certificate& issuer);
certificate make_self_signed(const certificate_wish& wish);

// What a server of that certificate needs. TLS up to `version_max` is offered, older ones too.
ssl_ctx_ptr make_server_context(const certificate& own, int version_max = TLS1_3_VERSION);

}  // namespace spillway::test
