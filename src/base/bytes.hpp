// Byte views, hexadecimal, and little-endian numbers in blobs.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace spillway::base {

// Text and compressed bytes both travel as char: std::string owns, std::string_view looks.
using bytes_view = std::string_view;

std::string to_hex(std::span<const unsigned char> bytes);
std::string to_hex(std::uint32_t value);  // 8 digits

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

// Text for a terminal or a log: control bytes, ESC and bidirectional marks are written as \xNN, and the whole is cut at
// `bytes_max` with "..." behind it.
std::string printable(std::string_view text, std::size_t bytes_max);

// "12.3 MB": decimal units, as `aws s3 ls --human-readable` and disks count.
std::string human_bytes(std::uint64_t bytes);

}  // namespace spillway::base
