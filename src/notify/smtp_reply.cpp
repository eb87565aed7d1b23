#include "notify/smtp_reply.hpp"

#include "base/bytes.hpp"

#include <algorithm>
#include <span>

namespace spillway::notify {
namespace {

std::string in_base64(std::string_view text) {
  return base::to_base64(std::span(reinterpret_cast<const unsigned char*>(text.data()), text.size()));
}

bool holds_password(std::string_view line, const smtp_settings& settings) {
  const std::string& password = settings.password.reveal();
  if (password.empty()) {
    return false;
  }
  const std::string nul(1, '\0');
  const std::string forms[] = {password, in_base64(password), in_base64(nul + settings.user + nul + password)};
  return std::ranges::any_of(forms,
                             [line](const std::string& form) { return line.find(form) != std::string_view::npos; });
}

}  // namespace

int reply_code(std::string_view line) {
  const std::string_view digits = line.substr(0, 3);
  if (digits.size() != 3 || digits.find_first_not_of("0123456789") != std::string_view::npos) {
    return 0;
  }
  return (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
}

std::string reply_code_text(std::string_view line) {
  const int code = reply_code(line);
  return code < 400 ? std::string() : " (" + std::to_string(code) + ")";
}

bool is_temporary(std::string_view line) { return reply_code(line) / 100 == 4; }
bool is_permanent(std::string_view line) { return reply_code(line) / 100 == 5; }
bool is_closing(std::string_view line) { return reply_code(line) == 421; }

bool wants_login(std::string_view line) {
  const int code = reply_code(line);
  return code == 530 || code == 534 || code == 535 || code == 538;
}

std::string reason_of(std::string_view line, const smtp_settings& settings) {
  line = line.substr(0, line.find_last_not_of(" \r\n") + 1);
  return holds_password(line, settings) ? std::to_string(reply_code(line)) : base::printable(line);
}

}  // namespace spillway::notify
