// Reads the header of a gzip member (RFC 1952, 2.3), in pieces of any size, keeping nothing of it.
//
//     1f 8b 08 FLG MTIME(4) XFL OS [XLEN(2) extra] [name 00] [comment 00] [CRC16(2)]
//
// For this folder alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace spillway::codec {

class member_header {
public:
  // Takes what belongs to the header from the start of `bytes`; says how many bytes that were. Stops before the byte
  // that makes the header wrong.
  std::size_t read(std::string_view bytes);

  bool untouched() const { return read_bytes_ == 0; }
  bool complete() const { return field_ == field::none; }
  // Why this is no header that can be read; empty if all is well so far.
  std::string_view trouble() const { return trouble_; }

private:
  enum class field { fixed, extra_length, extra, name, comment, check, none };

  void take(unsigned char byte);
  void take_fixed(unsigned char byte);
  void go_on_after(field done);
  bool has(field optional) const;

  field field_ = field::fixed;
  std::uint64_t read_bytes_ = 0;
  std::uint32_t field_bytes_ = 0;  // read of the present field
  std::uint32_t number_ = 0;       // extra: bytes left; extra_length, check: the number as far as it was read
  std::uint32_t crc32_ = 0;        // of the header so far; kept up only if it has a check
  unsigned char flags_ = 0;
  std::string_view trouble_;
};

}  // namespace spillway::codec
