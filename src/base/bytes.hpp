// Hexadecimal, base64, and little-endian numbers in blobs.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace spillway::base {

std::string to_hex(std::span<const unsigned char> bytes);
std::string to_hex(std::uint32_t value);  // 8 digits

// RFC 4648 section 4, with padding: "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=".
std::string to_base64(std::span<const unsigned char> bytes);
// nullopt: not base64 with its padding, or not the one spelling of its bytes.
std::optional<std::string> from_base64(std::string_view text);

// Numbers in our blobs are little-endian, unaligned.
template <class Number>
void append_number(std::string& blob, Number value) {
  char raw[sizeof(Number)];
  std::memcpy(raw, &value, sizeof raw);
  blob.append(raw, sizeof raw);
}
template <class Number>
Number read_number(const char* raw) {
  Number value;
  std::memcpy(&value, raw, sizeof value);
  return value;
}

// How much is shown of a word that was mistyped, of a name or a path, of a text in an answer of S3, of a failure with
// all that led to it, and of a whole line of output. They keep a screen readable; nothing else depends on them.
inline constexpr std::size_t shown_word_bytes_max = 40;
inline constexpr std::size_t shown_name_bytes_max = 300;
inline constexpr std::size_t shown_answer_bytes_max = 500;
inline constexpr std::size_t shown_failure_bytes_max = 1'000;
inline constexpr std::size_t shown_line_bytes_max = 4'096;

// Text for a terminal, a log or a message in JSON: control characters, marks that turn the direction of text around,
// and bytes that are no UTF-8 are written as \xNN each. The result is UTF-8; it ends in "..." behind at most
// `bytes_max` bytes, cut between characters, if there was more.
std::string printable(std::string_view text, std::size_t bytes_max = shown_name_bytes_max);

// "12.3 MB": decimal units, as `aws s3 ls --human-readable` and disks count.
std::string human_bytes(std::uint64_t bytes);

}  // namespace spillway::base
