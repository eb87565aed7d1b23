// The table of languages as it stands in its file, and letters as the C library has them: not by the code under test.
#pragma once

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <locale.h>
#include <wchar.h>
#include <wctype.h>

namespace spillway::test {

// Tags and names.
inline std::vector<std::pair<std::string, std::string>> language_rows() {
  std::ifstream in(SPILLWAY_LANGUAGE_NAMES);
  std::vector<std::pair<std::string, std::string>> rows;
  for (std::string line; std::getline(in, line);) {
    const std::size_t tab = line.find('\t');
    BOOST_REQUIRE(tab != std::string::npos);
    rows.emplace_back(line.substr(0, tab), line.substr(tab + 1));
  }
  return rows;
}

// The characters of UTF-8 text.
inline std::wstring wide(std::string_view text) {
  std::wstring out;
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    if (code < 0x80) {
      out += static_cast<wchar_t>(code);
    } else if (code >= 0xc0) {
      out += static_cast<wchar_t>(code & (code >= 0xe0 ? 0x0f : 0x1f));
    } else {
      out.back() = static_cast<wchar_t>(out.back() << 6 | (code & 0x3f));
    }
  }
  return out;
}

inline std::string narrow(std::wstring_view text) {
  std::string out;
  for (const wchar_t code : text) {
    if (code < 0x80) {
      out += static_cast<char>(code);
    } else if (code < 0x800) {
      out += {static_cast<char>(0xc0 | code >> 6), static_cast<char>(0x80 | (code & 0x3f))};
    } else {
      out += {static_cast<char>(0xe0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 0x3f)),
              static_cast<char>(0x80 | (code & 0x3f))};
    }
  }
  return out;
}

// `change` is towupper_l or towlower_l. Characters of up to three bytes.
inline std::string with_letters(std::string_view text, wint_t (*change)(wint_t, locale_t)) {
  static const locale_t letters = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  BOOST_REQUIRE(letters != nullptr);
  std::wstring characters = wide(text);
  for (wchar_t& each : characters) {
    each = static_cast<wchar_t>(change(static_cast<wint_t>(each), letters));
  }
  return narrow(characters);
}

// As a JSON string's inside: every character, also those of ASCII, as \u and four digits.
inline std::string escaped(std::string_view text) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const wchar_t each : wide(text)) {
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) {
      out += digits[static_cast<std::size_t>(each >> shift & 0xf)];
    }
  }
  return out;
}

}  // namespace spillway::test
