#include "support/test_certificates.hpp"

#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace spillway::test {
namespace {

void require(bool is_done, const char* what) {
  if (!is_done) {
    throw std::runtime_error(std::string("OpenSSL: ") + what);
  }
}

void add_extension(X509* to, X509* issuer, int kind, const std::string& value) {
  if (value.empty()) {
    return;
  }
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
  X509_EXTENSION* made = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  require(made != nullptr && X509_add_ext(to, made, -1) == 1, "an extension");
  X509_EXTENSION_free(made);
}

// `issuer` null: itself.
certificate make(const certificate_wish& wish, const certificate* issuer) {
  static long serial = 1;
  certificate made{x509_ptr(X509_new()), key_ptr(EVP_EC_gen("P-256"))};
  X509* x509 = made.signed_part.get();
  require(x509 != nullptr && made.key != nullptr, "a key");
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), serial++);
  X509_gmtime_adj(X509_getm_notBefore(x509), static_cast<long>(wish.valid_from.count()));
  X509_gmtime_adj(X509_getm_notAfter(x509), static_cast<long>(wish.valid_to.count()));
  X509_set_pubkey(x509, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wish.common_name.c_str()), -1, -1, 0);
  X509* by = issuer == nullptr ? x509 : issuer->signed_part.get();
  X509_set_issuer_name(x509, X509_get_subject_name(by));
  add_extension(x509, by, NID_basic_constraints, wish.constraints);
  add_extension(x509, by, NID_subject_alt_name, wish.names);
  add_extension(x509, by, NID_ext_key_usage, wish.usage);
  require(X509_sign(x509, issuer == nullptr ? made.key.get() : issuer->key.get(), EVP_sha256()) > 0, "a signature");
  return made;
}

}  // namespace

std::string certificate::pem() const {
  const std::unique_ptr<BIO, openssl_deleter<&BIO_free>> text(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509(text.get(), signed_part.get()) == 1, "PEM");
  char* data = nullptr;
  const long bytes = BIO_get_mem_data(text.get(), &data);
  return {data, static_cast<std::size_t>(bytes)};
}

certificate make_authority(const std::string& common_name) {
  return make({.common_name = common_name, .names = "", .usage = "", .constraints = "critical,CA:TRUE"}, nullptr);
}

certificate make_certificate(const certificate_wish& wish, const certificate& issuer) { return make(wish, &issuer); }

certificate make_self_signed(const certificate_wish& wish) { return make(wish, nullptr); }

ssl_ctx_ptr make_server_context(const certificate& own, int version_max) {
  ssl_ctx_ptr made(SSL_CTX_new(TLS_server_method()));
  // Level 0, because OpenSSL 3 takes TLS 1.1 for insecure at any other.
  require(SSL_CTX_set_cipher_list(made.get(), "ALL:@SECLEVEL=0") == 1, "ciphers");
  SSL_CTX_set_min_proto_version(made.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(made.get(), version_max);
  require(SSL_CTX_use_certificate(made.get(), own.signed_part.get()) == 1, "the certificate");
  require(SSL_CTX_use_PrivateKey(made.get(), own.key.get()) == 1, "the key");
  return made;
}

}  // namespace spillway::test
