// What a line of an SMTP server says: "550 5.1.1 <eve@example.com>: Recipient address rejected". Pure; for smtp.cpp.
#pragma once

#include "notify/smtp_settings.hpp"

#include <string>
#include <string_view>

namespace spillway::notify {

// The three digits at its front; 0: there are none.
int reply_code(std::string_view line);
std::string reply_code_text(std::string_view line);  // " (550)", or empty

bool is_temporary(std::string_view line);  // 4xx
bool is_permanent(std::string_view line);  // 5xx
bool is_closing(std::string_view line);    // 421: the server goes away, and nobody else is served either
// 530, 534, 535, 538: it is about the login, whichever command is answered so. Source: RFC 4954 section 6.
bool wants_login(std::string_view line);

// The line for people: at most 200 bytes, without what could harm a terminal. Only the code, where the server repeats
// the password or what a login by PLAIN or LOGIN sends.
std::string reason_of(std::string_view line, const smtp_settings& settings);

}  // namespace spillway::notify
