// A sentence and a next step for each way in which a certificate can be bad.
#pragma once

#include "base/result.hpp"

#include <optional>
#include <string>

struct ssl_st;
struct x509_store_ctx_st;

namespace spillway::net {

// What the verification of one connection is for, and what it found; hung on the connection by watch_certificates.
struct certificate_check {
  std::string host;               // as in the address
  std::optional<failure> failed;  // errc::invalid, the first thing that was wrong
};

// Has note_certificate_failure write to `check`, which must outlive the handshake of `connection`.
void watch_certificates(ssl_st* connection, certificate_check& check);

// OpenSSL's verify callback. It changes no verdict: it writes down what the certificate was, because OpenSSL keeps none
// after a failure.
int note_certificate_failure(int is_fine, x509_store_ctx_st* verification);

}  // namespace spillway::net
