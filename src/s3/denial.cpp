#include "s3/denial.hpp"

#include <algorithm>

namespace spillway::s3 {
namespace {

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// What stands behind the first `mark`; empty if it is not there.
std::string_view behind(std::string_view text, std::string_view mark) {
  const std::size_t at = text.find(mark);
  return at == std::string_view::npos ? std::string_view{} : text.substr(at + mark.size());
}

// "s3:PutObject" at the front of `text`: a service, a colon, an action that may be "*" in part.
std::string action_at(std::string_view text) {
  const auto end = std::find_if(text.begin(), text.end(),
                                [](char c) { return !is_letter_or_digit(c) && c != '-' && c != ':' && c != '*'; });
  const std::string_view word(text.begin(), end);
  const std::size_t colon = word.find(':');
  const bool is_action = colon != std::string_view::npos && colon > 0 && colon + 1 < word.size() &&
                         word.find(':', colon + 1) == std::string_view::npos;
  return is_action ? std::string(word) : std::string();
}

std::string policy_in(std::string_view text) {
  const std::string_view allows = behind(text, "because no ");
  const std::size_t allows_end = allows.find(" allows");
  if (allows_end != std::string_view::npos) {
    return std::string(allows.substr(0, allows_end));
  }
  std::string_view denies = behind(text, "explicit deny in a");
  if (denies.empty()) {
    return {};
  }
  denies.remove_prefix(denies.starts_with("n ") ? 2 : 1);
  return std::string(denies.substr(0, denies.find(',')));
}

}  // namespace

denial parse_denial(std::string_view message) {
  // What KMS says of a key that is unknown, elsewhere, or closed to the caller: it does not tell which.
  static constexpr const char* key_policy = "key policy, or there is no such key";
  // An older text of GetObject, which names no action.
  if (message.find("The ciphertext refers to a customer master key") != std::string_view::npos) {
    return {"kms:Decrypt", key_policy};
  }
  const std::string_view rest = behind(message, "is not authorized to perform: ");
  denial found{action_at(rest), policy_in(rest)};
  if (found.permission.empty()) {
    return {};
  }
  if (found.permission.starts_with("kms:") && found.denied_by.empty()) {
    found.denied_by = key_policy;
  }
  return found;
}

}  // namespace spillway::s3
