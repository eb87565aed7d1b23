#include "codec/member_header.hpp"

#include "codec/stitch.hpp"

#include <array>

namespace spillway::codec {
namespace {

constexpr std::uint32_t fixed_bytes = 10;
constexpr std::uint32_t flags_at = 3;
constexpr unsigned char flag_check = 0x02;
constexpr unsigned char flag_extra = 0x04;
constexpr unsigned char flag_name = 0x08;
constexpr unsigned char flag_comment = 0x10;
constexpr unsigned char flags_reserved = 0xe0;

// What is wrong if the byte at `at` of the fixed part is `byte`; empty if nothing.
std::string_view trouble_with(std::uint32_t at, unsigned char byte) {
  switch (at) {
    case 0: return byte == 0x1f ? "" : "this is no gzip member";
    case 1: return byte == 0x8b ? "" : "this is no gzip member";
    case 2: return byte == 0x08 ? "" : "the gzip member is not compressed with DEFLATE";
    case flags_at: return (byte & flags_reserved) == 0 ? "" : "the gzip header has flags that no standard knows";
    default: return "";
  }
}

}  // namespace

std::size_t member_header::read(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && !complete()) {
    take(static_cast<unsigned char>(bytes[taken]));
    if (!trouble_.empty()) {
      break;
    }
    ++taken;
  }
  read_bytes_ += taken;
  return taken;
}

void member_header::take(unsigned char byte) {
  if (field_ != field::check && (field_ == field::fixed || has(field::check))) {
    const char raw = static_cast<char>(byte);
    crc32_ = crc32_of({&raw, 1}, crc32_);
  }
  switch (field_) {
    case field::fixed: take_fixed(byte); break;
    case field::extra_length:
    case field::check:
      number_ |= std::uint32_t{byte} << (8 * field_bytes_);
      if (++field_bytes_ < 2) {
        break;
      }
      if (field_ == field::check && number_ != (crc32_ & 0xffffU)) {
        trouble_ = "the gzip header's CRC is wrong";
      } else if (field_ == field::extra_length && number_ > 0) {
        field_ = field::extra;
      } else {
        go_on_after(field_ == field::check ? field::check : field::extra);
      }
      break;
    case field::extra:
      if (--number_ == 0) {
        go_on_after(field::extra);
      }
      break;
    case field::name:
    case field::comment:
      if (byte == 0) {
        go_on_after(field_);
      }
      break;
    case field::none: break;
  }
}

void member_header::take_fixed(unsigned char byte) {
  trouble_ = trouble_with(field_bytes_, byte);
  if (field_bytes_ == flags_at) {
    flags_ = byte;
  }
  if (++field_bytes_ == fixed_bytes) {
    go_on_after(field::fixed);
  }
}

// The next field that this header has, in the order in which they stand.
void member_header::go_on_after(field done) {
  constexpr std::array optional_fields = {field::extra_length, field::name, field::comment, field::check};
  field_bytes_ = 0;
  number_ = 0;
  for (const field next : optional_fields) {
    if (next > done && has(next)) {
      field_ = next;
      return;
    }
  }
  field_ = field::none;
}

bool member_header::has(field optional) const {
  switch (optional) {
    case field::extra_length: return (flags_ & flag_extra) != 0;
    case field::name: return (flags_ & flag_name) != 0;
    case field::comment: return (flags_ & flag_comment) != 0;
    case field::check: return (flags_ & flag_check) != 0;
    default: return false;
  }
}

}  // namespace spillway::codec
