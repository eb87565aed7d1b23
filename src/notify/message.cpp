#include "notify/message.hpp"

#include "base/bytes.hpp"

#include <algorithm>
#include <chrono>
#include <span>

#include <fmt/format.h>

namespace spillway::notify {
namespace {

// RFC 5321, 4.5.3.1.1 to 4.5.3.1.3: a path is 256 with its brackets.
constexpr std::size_t local_bytes_max = 64;
constexpr std::size_t domain_bytes_max = 253;
constexpr std::size_t address_bytes_max = 254;
constexpr std::size_t label_bytes_max = 63;  // RFC 1035, 2.3.4

constexpr std::size_t line_bytes_max = 78;     // RFC 5322, 2.1.1: what a line should not pass
constexpr std::size_t encoded_bytes_max = 76;  // RFC 2045, 6.7 (5): of quoted-printable
constexpr std::string_view line_end = "\r\n";

bool is_letter_or_digit(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool is_local_character(char c) {
  constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~";
  return is_letter_or_digit(c) || others.find(c) != std::string_view::npos;
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= label_bytes_max && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

bool is_word(std::string_view word) { return !word.empty() && std::ranges::all_of(word, is_local_character); }

// Every part between dots passes.
template <class Check>
bool all_between_dots(std::string_view text, Check check) {
  for (;;) {
    const std::size_t dot = std::min(text.find('.'), text.size());
    if (!check(text.substr(0, dot))) {
      return false;
    }
    if (dot == text.size()) {
      return true;
    }
    text.remove_prefix(dot + 1);
  }
}

bool is_id(std::string_view id) {
  return !id.empty() && id.size() <= local_bytes_max &&
         std::ranges::all_of(id, [](char c) { return is_letter_or_digit(c) || c == '-'; });
}

// What printable() would change could end a header line, turn the direction of text around, or is no UTF-8.
bool is_one_line(std::string_view text) { return base::printable(text, std::string_view::npos) == text; }

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// "Sat, 25 Jan 2020 17:00:00 +0000". Source: RFC 5322 section 3.3.
std::string date_text(base::instant when) {
  static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(std::chrono::floor<std::chrono::seconds>(when - day));
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000", days[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), time.hours().count(), time.minutes().count(),
                     time.seconds().count());
}

// How many bytes of valid UTF-8 make up at most `bytes_max`, cut between characters.
std::size_t whole_characters(std::string_view text, std::size_t bytes_max) {
  std::size_t end = std::min(bytes_max, text.size());
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) {
    --end;
  }
  return end;
}

// "=?utf-8?B?...?=", one a line. Source: RFC 2047 section 2: a line with an encoded word has at most 76 characters.
std::string encoded_words(std::string_view text) {
  constexpr std::size_t bytes_max = 39;  // 52 in base64, which leaves room for "Subject: "
  std::string words;
  while (!text.empty()) {
    const std::size_t bytes = whole_characters(text, bytes_max);
    const auto* first = reinterpret_cast<const unsigned char*>(text.data());
    words += words.empty() ? "=?utf-8?B?" : "\r\n =?utf-8?B?";
    words += base::to_base64(std::span(first, bytes)) + "?=";
    text.remove_prefix(bytes);
  }
  return words;
}

std::string subject_line(std::string_view subject) {
  constexpr std::string_view name = "Subject: ";
  const bool is_plain = is_ascii(subject) && subject.find("=?") == std::string_view::npos &&
                        name.size() + subject.size() <= line_bytes_max;
  return std::string(name) + (is_plain ? std::string(subject) : encoded_words(subject));
}

std::string recipients_line(const std::vector<std::string>& to) {
  std::string line = "To: ";
  for (const std::string& address : to) {
    line += (&address == &to.front() ? "" : ",\r\n ") + address;
  }
  return line;
}

// One line, without its end. Source: RFC 2045 section 6.7.
std::string quoted_printable(std::string_view line) {
  std::string encoded;
  std::size_t column = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char c = line[at];
    // A space at the end of a line may get lost on the way.
    const bool is_plain = (c > ' ' && c <= '~' && c != '=') || (c == ' ' && at + 1 < line.size());
    const std::string piece = is_plain ? std::string(1, c) : fmt::format("={:02X}", static_cast<unsigned char>(c));
    // One less than the most, for the '=' of a line that goes on.
    if (column + piece.size() >= encoded_bytes_max) {
      encoded += "=\r\n";
      column = 0;
    }
    encoded += piece;
    column += piece.size();
  }
  return encoded;
}

std::string encoded_body(std::string_view body) {
  std::string encoded;
  while (!body.empty()) {
    const std::size_t end = std::min(body.find('\n'), body.size());
    encoded += quoted_printable(body.substr(0, end));
    encoded += line_end;
    body.remove_prefix(std::min(end + 1, body.size()));
  }
  return encoded;
}

failure unfit(std::string cause) { return {errc::invalid, "writing a mail", std::move(cause), {}}; }

result<void> check_fields(const mail& what) {
  SPILLWAY_TRY(parse_address(what.from));
  if (what.to.empty()) {
    return unfit("it has no recipient");
  }
  for (const std::string& address : what.to) {
    SPILLWAY_TRY(parse_address(address));
  }
  if (!is_one_line(what.subject)) {
    return unfit("its subject is not one line of text");
  }
  if (!is_id(what.id) || (!what.in_reply_to.empty() && !is_id(what.in_reply_to))) {
    return unfit("its id has other characters than letters, digits and '-'");
  }
  if (what.body.find('\0') != std::string::npos) {
    return unfit("its text holds a NUL");
  }
  return {};
}

}  // namespace

result<std::string> parse_address(std::string_view text) {
  const std::size_t at = text.rfind('@');
  const std::string_view local = text.substr(0, std::min(at, text.size()));
  const std::string_view domain = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  const bool is_short =
      text.size() <= address_bytes_max && local.size() <= local_bytes_max && domain.size() <= domain_bytes_max;
  if (!is_short || !all_between_dots(local, is_word) || !all_between_dots(domain, is_label)) {
    return failure{errc::invalid, "", "\"" + base::printable(text) + "\" is not a mail address",
                   "write it as name@example.com"};
  }
  return std::string(text);
}

result<std::string> to_message(const mail& what) {
  SPILLWAY_TRY(check_fields(what));
  const std::string domain = what.from.substr(what.from.rfind('@'));
  std::string text;
  const auto add = [&text](std::string_view line) { text.append(line).append(line_end); };
  add("Date: " + date_text(what.created_at));
  add("From: Spillway <" + what.from + ">");
  add(recipients_line(what.to));
  add("Message-ID: <" + what.id + domain + ">");
  if (!what.in_reply_to.empty()) {
    add("In-Reply-To: <" + what.in_reply_to + domain + ">");
    add("References: <" + what.in_reply_to + domain + ">");
  }
  add(subject_line(what.subject));
  add("Auto-Submitted: auto-generated");  // RFC 3834: nobody's absence is answered to us
  add("MIME-Version: 1.0");
  add("Content-Type: text/plain; charset=utf-8");
  add("Content-Transfer-Encoding: quoted-printable");
  add("");
  return text + encoded_body(what.body);
}

}  // namespace spillway::notify
