// Where mail is handed in: one URL, from SPILLWAY_SMTP_URL or the first line of a file.
//
//     smtp://user:password@smtp.example.com:587?from=spillway%40example.com
//     smtps://user:password@smtp.example.com?from=spillway%40example.com&ca=/etc/ssl/own-ca.pem
//     smtp://localhost:25?from=spillway%40example.com
//
// smtp:// speaks TLS after STARTTLS; smtps:// from the first byte. Without TLS there is only a server on the loopback,
// or one that `tls=off` is said of, and the latter without a login.
#pragma once

#include "base/result.hpp"
#include "base/secret.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::notify {

enum class mail_security { tls, starttls, none };

struct smtp_settings {
  std::string host;          // lower case; an IPv6 literal without its brackets
  std::uint16_t port = 587;  // unless the URL says so: 587 of smtp, 465 of smtps (RFC 8314)
  mail_security security = mail_security::starttls;
  std::string user;       // empty: no login
  base::secret password;  // empty only without a user
  std::string from;       // the sender's address
  std::string ca_bundle;  // a PEM file that takes the place of the system's authorities; empty: these
};

// Parameters: `from`, the sender, which is the user if that is an address; `tls`, "required" or "off"; `ca`, a path.
// User, password and values are percent-encoded; '+' stands for itself. errc::usage: no such URL. The cause names the
// part, never its text: where a password is not encoded, any part may hold a piece of it.
result<smtp_settings> parse_smtp_url(std::string_view url);

// "smtp.example.com:587 as user, by STARTTLS", for messages; nothing of the password.
std::string to_string(const smtp_settings& settings);

}  // namespace spillway::notify
