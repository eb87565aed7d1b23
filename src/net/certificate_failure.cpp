#include "net/certificate_failure.hpp"

#include "base/bytes.hpp"
#include "base/time.hpp"

#include <ctime>
#include <memory>
#include <vector>

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace spillway::net {
namespace {

// Names come from the other side, so they are cut and made printable. Ours: long enough for any host name.
constexpr std::size_t name_bytes_max = 253;
constexpr std::size_t names_told_max = 5;

constexpr const char* own_authority_hint =
    "if the server is yours, pass its authority's certificate as --ca-bundle FILE or in AWS_CA_BUNDLE";

// Made once; nothing is freed with it.
int check_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

std::string common_name(const X509_NAME* name) {
  char text[name_bytes_max + 1];
  const int bytes = X509_NAME_get_text_by_NID(name, NID_commonName, text, sizeof text);
  return bytes > 0 ? base::printable({text, static_cast<std::size_t>(bytes)}, name_bytes_max) : std::string("no name");
}

// "2020-01-01T00:00:00Z".
std::string to_text(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) {
    return "an unknown time";
  }
  return base::format_utc(base::instant{std::chrono::seconds{::timegm(&parts)}});
}

std::string bytes_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

std::string address_text(const std::string& raw) {
  char text[INET6_ADDRSTRLEN];
  const int family = raw.size() == 4 ? AF_INET : AF_INET6;
  if (raw.size() != 4 && raw.size() != 16) {
    return "an odd address";
  }
  return ::inet_ntop(family, raw.data(), text, sizeof text) == nullptr ? "an odd address" : text;
}

std::vector<std::string> alternative_names(const X509* certificate) {
  std::vector<std::string> names;
  const std::unique_ptr<GENERAL_NAMES, void (*)(GENERAL_NAMES*)> held(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      &GENERAL_NAMES_free);
  for (int i = 0; held != nullptr && i < sk_GENERAL_NAME_num(held.get()); ++i) {
    const GENERAL_NAME* each = sk_GENERAL_NAME_value(held.get(), i);
    if (each->type == GEN_DNS) {
      names.push_back(base::printable(bytes_of(each->d.dNSName), name_bytes_max));
    } else if (each->type == GEN_IPADD) {
      names.push_back(address_text(bytes_of(each->d.iPAddress)));
    }
  }
  return names;
}

// "a.example, b.example and 3 more".
std::string told_names(const X509* certificate) {
  const std::vector<std::string> names = alternative_names(certificate);
  std::string told;
  for (std::size_t i = 0; i < names.size() && i < names_told_max; ++i) {
    told += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > names_told_max) {
    told += " and " + std::to_string(names.size() - names_told_max) + " more";
  }
  return told.empty() ? "no name at all" : told;
}

// "the server's certificate", or the one of an authority above it.
std::string which(const X509* certificate, int depth) {
  return depth == 0 ? "the server's certificate"
                    : "the certificate of the authority \"" + common_name(X509_get_subject_name(certificate)) + "\"";
}

struct sentence {
  std::string cause;
  std::string hint;
};

sentence describe(int error, const X509* certificate, int depth, const std::string& host) {
  const std::string name = which(certificate, depth);
  switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return {name + " expired at " + to_text(X509_get0_notAfter(certificate)),
              "have it renewed, or set this machine's clock if it is wrong"};
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return {name + " is not valid before " + to_text(X509_get0_notBefore(certificate)),
              "set this machine's clock if it is wrong, or wait until then"};
    case X509_V_ERR_HOSTNAME_MISMATCH:
      return {name + " is for " + told_names(certificate) + ", not for " + host,
              "use a name that it is for in the endpoint, or have one made for " + host};
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return {name + " is for " + told_names(certificate) + ", not for the IP address " + host,
              "use a name that it is for in the endpoint, or have one made with " + host +
                  " among its subject alternative names"};
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return {name + " is signed by itself and by nobody who is trusted here",
              "if the server is yours, pass its certificate as --ca-bundle FILE or in AWS_CA_BUNDLE"};
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return {"the authority behind the server's certificate, \"" + common_name(X509_get_subject_name(certificate)) +
                  "\", is not trusted here",
              own_authority_hint};
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return {"the authority behind the server's certificate, \"" + common_name(X509_get_issuer_name(certificate)) +
                  "\", is not known here",
              own_authority_hint};
    case X509_V_ERR_INVALID_PURPOSE:
      return {depth == 0 ? name + " is not made for servers: its usage is another"
                         : name + " is not made for signing those of servers",
              "have one made with the extended key usage serverAuth"};
    default: break;
  }
  return {name + " does not check out: " + X509_verify_cert_error_string(error), "look at it with: openssl s_client"};
}

}  // namespace

void watch_certificates(ssl_st* connection, certificate_check& check) {
  SSL_set_ex_data(connection, check_index(), &check);
}

int note_certificate_failure(int is_fine, x509_store_ctx_st* verification) {
  const auto* connection =
      static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* check = static_cast<certificate_check*>(SSL_get_ex_data(connection, check_index()));
  const X509* certificate = X509_STORE_CTX_get_current_cert(verification);
  if (is_fine != 1 && check != nullptr && certificate != nullptr && !check->failed) {
    sentence said = describe(X509_STORE_CTX_get_error(verification), certificate,
                             X509_STORE_CTX_get_error_depth(verification), check->host);
    check->failed = failure{errc::invalid, "", std::move(said.cause), std::move(said.hint)};
  }
  return is_fine;
}

}  // namespace spillway::net
