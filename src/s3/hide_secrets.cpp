#include "s3/hide_secrets.hpp"

#include "s3/uri_encode.hpp"

namespace spillway::s3 {
namespace {

// Servers give out no shorter ones (MinIO's least; AWS's have 40), and a shorter word is found everywhere by chance.
constexpr std::size_t secret_bytes_min = 8;

void hide(std::string& text, std::string_view secret) {
  constexpr std::string_view hidden = "[hidden]";
  if (secret.size() < secret_bytes_min) {
    return;
  }
  for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at + hidden.size())) {
    text.replace(at, secret.size(), hidden);
  }
}

}  // namespace

std::string hide_secrets(std::string_view text, const credentials& of) {
  std::string shown(text);
  for (const std::string& secret : {of.session_token, of.secret_access_key}) {
    hide(shown, secret);
    hide(shown, uri_encode(secret, slashes::encode));
  }
  return shown;
}

}  // namespace spillway::s3
