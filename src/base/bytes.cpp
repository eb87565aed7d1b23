#include "base/bytes.hpp"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

namespace spillway::base {

static_assert(std::endian::native == std::endian::little, "blobs are read and written without swapping");

std::string to_hex(std::span<const unsigned char> bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const unsigned char byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

std::string to_hex(std::uint32_t value) { return fmt::format("{:08x}", value); }

namespace {

constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string to_base64(std::span<const unsigned char> bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t taken = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8 | (i < taken ? bytes[at + i] : 0u);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      text += i <= taken ? base64_digits[group >> (18 - 6 * i) & 63] : '=';
    }
  }
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  if (text.size() % 4 != 0) {
    return std::nullopt;
  }
  std::string bytes;
  std::uint32_t bits = 0;
  int bits_held = 0;
  for (const char digit : text.substr(0, text.size() - padding)) {
    const std::size_t value = base64_digits.find(digit);
    if (value == std::string_view::npos) {
      return std::nullopt;
    }
    bits = (bits << 6 | static_cast<std::uint32_t>(value)) & 0xffff;
    bits_held += 6;
    if (bits_held >= 8) {
      bits_held -= 8;
      bytes += static_cast<char>(bits >> bits_held & 0xff);
    }
  }
  // Bits behind the last byte that are not zero would make two spellings of the same bytes.
  return (bits & ((1u << bits_held) - 1)) == 0 ? std::optional(bytes) : std::nullopt;
}

namespace {

struct character {
  std::uint32_t code = 0;
  std::size_t bytes = 0;  // 0: what stands here is no UTF-8
};

// The character at the front of `text`, which is not empty. Overlong forms and surrogates are no UTF-8.
character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) {
    return {lead, 1};
  }
  const std::size_t bytes = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (bytes == 0 || text.size() < bytes) {
    return {};
  }
  std::uint32_t code = lead & (0x7fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) {
      return {};
    }
    code = code << 6 | (next & 0x3fu);
  }
  static constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = code >= 0xd800 && code <= 0xdfff;
  return code < least[bytes] || code > 0x10ffff || is_surrogate ? character{} : character{code, bytes};
}

// Control characters (U+009B alone starts an escape sequence on many terminals), and the marks that turn the direction
// of text around, which can make a terminal show a lie.
bool is_harmful(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code <= 0x9f) || (code >= 0x202a && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069);
}

}  // namespace

std::string printable(std::string_view text, std::size_t bytes_max) {
  std::string shown;
  while (!text.empty()) {
    const character next = first_character(text);
    const std::size_t bytes = next.bytes == 0 ? 1 : next.bytes;
    std::string piece(text.substr(0, bytes));
    if (next.bytes == 0 || is_harmful(next.code)) {
      piece.clear();
      for (const char byte : text.substr(0, bytes)) {
        piece += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
      }
    }
    if (shown.size() + piece.size() > bytes_max) {
      return shown + "...";
    }
    shown += piece;
    text.remove_prefix(bytes);
  }
  return shown;
}

std::string human_bytes(std::uint64_t bytes) {
  static constexpr std::string_view units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  // 999.95 and more would be rounded to "1000.0".
  while (value >= (unit == 0 ? 1000 : 999.95) && unit + 1 < std::size(units)) {
    value /= 1000;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, units[unit]);
}

}  // namespace spillway::base
