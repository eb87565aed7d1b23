#include "notify/smtp_settings.hpp"

#include "base/bytes.hpp"
#include "base/origin.hpp"
#include "notify/message.hpp"
#include "s3/uri_encode.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>

namespace spillway::notify {
namespace {

failure unfit_address(std::string_view cause,
                      std::string hint = "write it as smtp://USER:PASSWORD@HOST:587?from=ADDRESS") {
  return {errc::usage, "", std::string(cause), std::move(hint)};
}

// Percent-decoded; nullopt: badly encoded, or with control characters, which would end a command of SMTP.
std::optional<std::string> decoded(std::string_view text) {
  auto plain = s3::uri_decode(text);
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  return plain && std::ranges::none_of(*plain, is_control) ? plain : std::nullopt;
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || (host.starts_with("127.") && base::is_ipv4_literal(host));
}

// "smtp.example.com:587", "[::1]:25".
result<void> read_host(std::string_view text, smtp_settings& to) {
  auto read = base::parse_authority(text);
  if (!read) {
    return unfit_address(read.error().cause);
  }
  to.host = std::move(read->host);
  to.port = read->port.value_or(to.port);
  return {};
}

// "user:password".
result<void> read_login(std::string_view text, smtp_settings& to) {
  const std::size_t colon = text.find(':');
  const auto user = decoded(text.substr(0, colon));
  const auto password = decoded(colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1));
  if (!user || !password) {
    return unfit_address("its user or password is badly encoded",
                         "write '%' as %25, '@' as %40, ':' as %3A, '/' as %2F");
  }
  if (user->empty() || password->empty()) {
    return unfit_address("its user or password is empty");
  }
  to.user = *user;
  to.password = base::secret(*password);
  return {};
}

using parameters = std::map<std::string, std::string, std::less<>>;

result<parameters> read_parameters(std::string_view query) {
  parameters found;
  while (!query.empty()) {
    const std::size_t end = std::min(query.find('&'), query.size());
    const std::string_view one = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    const std::size_t equals = std::min(one.find('='), one.size());
    const std::string name(one.substr(0, equals));
    if (equals == one.size() || (name != "from" && name != "tls" && name != "ca")) {
      return unfit_address("it has a parameter that is none of from=, tls= and ca=",
                           "write '?' and '&' in a user or password as %3F and %26");
    }
    const auto value = decoded(one.substr(equals + 1));
    if (!value || value->empty()) {
      return unfit_address(fmt::format("its parameter {} is empty or badly encoded", name));
    }
    if (!found.emplace(name, *value).second) {
      return unfit_address(fmt::format("its parameter {} stands there twice", name));
    }
  }
  return found;
}

// Empty: it is not said.
std::string value_of(const parameters& given, std::string_view name) {
  const auto found = given.find(name);
  return found == given.end() ? std::string() : found->second;
}

result<void> choose_security(const std::string& tls, smtp_settings& to) {
  if (!tls.empty() && tls != "required" && tls != "off") {
    return unfit_address("its parameter tls is neither \"required\" nor \"off\"");
  }
  if (to.security == mail_security::tls) {
    return tls == "off" ? result<void>(unfit_address("smtps with tls=off contradicts itself")) : result<void>();
  }
  if (tls == "off" || (tls.empty() && is_loopback(to.host))) {
    to.security = mail_security::none;
  }
  if (to.security == mail_security::none && !to.user.empty() && !is_loopback(to.host)) {
    return unfit_address("a login without TLS would show the password to everybody on the way",
                         "leave tls=off out, or the user and password");
  }
  return {};
}

result<void> choose_sender(const std::string& from, smtp_settings& to) {
  const auto sender = parse_address(from.empty() ? to.user : from);
  if (!sender) {
    return unfit_address(from.empty() ? "it names no sender" : "its parameter from is not a mail address",
                         "add ?from=name%40example.com");
  }
  to.from = *sender;
  return {};
}

}  // namespace

result<smtp_settings> parse_smtp_url(std::string_view url) {
  constexpr std::string_view plain = "smtp://";
  constexpr std::string_view secure = "smtps://";
  if (!url.starts_with(plain) && !url.starts_with(secure)) {
    return unfit_address("it begins neither with smtp:// nor with smtps://");
  }
  smtp_settings made;
  if (url.starts_with(secure)) {
    made.security = mail_security::tls;
    made.port = 465;
  }
  std::string_view rest = url.substr(url.find("//") + 2);
  const std::size_t question = std::min(rest.find('?'), rest.size());
  std::string_view authority = rest.substr(0, question);
  if (authority.ends_with('/')) {
    authority.remove_suffix(1);
  }
  if (rest.find('#') != std::string_view::npos || authority.find('/') != std::string_view::npos) {
    return unfit_address("it has a path or a fragment", "write '/' and '#' in a user or password as %2F and %23");
  }
  const std::size_t at = authority.rfind('@');
  SPILLWAY_TRY(read_host(at == std::string_view::npos ? authority : authority.substr(at + 1), made));
  if (at != std::string_view::npos) {
    SPILLWAY_TRY(read_login(authority.substr(0, at), made));
  }
  SPILLWAY_TRY_ASSIGN(const parameters given, read_parameters(rest.substr(std::min(question + 1, rest.size()))));
  SPILLWAY_TRY(choose_security(value_of(given, "tls"), made));
  SPILLWAY_TRY(choose_sender(value_of(given, "from"), made));
  made.ca_bundle = value_of(given, "ca");
  return made;
}

std::string to_string(const smtp_settings& settings) {
  static constexpr std::string_view ways[] = {"by TLS", "by STARTTLS", "without TLS"};
  const std::string as = settings.user.empty() ? std::string() : " as " + base::printable(settings.user);
  return fmt::format("{}{}, {}", base::host_and_port(settings.host, settings.port), as,
                     ways[static_cast<std::size_t>(settings.security)]);
}

}  // namespace spillway::notify
