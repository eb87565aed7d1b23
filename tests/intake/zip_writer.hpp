// Zips and gzips made by the byte, so that every field of them can be wrong.
#pragma once

#include "base/bytes.hpp"

#include <zlib.h>
#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace spillway::test {

using base::append_number;
using namespace std::string_view_literals;

// The compressed form of `text`; window_bits as zlib's deflateInit2 takes them.
inline std::string packed(std::string_view text, int window_bits) {
  z_stream stream{};
  BOOST_REQUIRE_EQUAL(deflateInit2(&stream, 6, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  BOOST_REQUIRE_EQUAL(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

// Raw DEFLATE, as zips hold it.
inline std::string deflated(std::string_view text) { return packed(text, -MAX_WBITS); }

// A gzip file of one member.
inline std::string gzipped(std::string_view text) { return packed(text, 16 + MAX_WBITS); }

enum method : std::uint16_t { stored = 0, deflate_method = 8, bzip2 = 12 };
enum flag : std::uint16_t { plain = 0, encrypted = 1, sizes_behind = 8, utf8_name = 0x800 };

// Writes zips by the byte (PKWARE's APPNOTE 4.3), so that every field of them can be wrong.
class zip_writer {
public:
  zip_writer& add(std::string_view name, std::string_view text, method how = deflate_method,
                  std::uint16_t flags = plain) {
    const std::string body = how == deflate_method ? deflated(text) : std::string(text);
    const auto crc =
        static_cast<std::uint32_t>(crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size()) ^ crc_damage_);
    const bool is_behind = (flags & sizes_behind) != 0;
    const auto offset = static_cast<std::uint32_t>(bytes.size());
    const std::string sizes = numbers(crc, body.size(), text.size());
    const std::string start = common_fields(how, flags) + (is_behind ? numbers(0, 0, 0) : sizes);
    bytes.append("PK\3\4").append(start);
    put16(bytes, name.size());
    put16(bytes, 0);
    bytes.append(name).append(body);
    if (is_behind) {
      bytes.append("PK\7\10").append(sizes);
    }
    list_.append("PK\1\2\x14\0"sv).append(common_fields(how, flags)).append(sizes);
    put16(list_, name.size());
    list_.append(std::string(12, '\0'));
    append_number(list_, offset);
    list_.append(name);
    ++members_;
    return *this;
  }
  zip_writer& damage_next_crc() {
    crc_damage_ = 1;
    return *this;
  }
  std::string finish(std::string_view comment = "") {
    const std::size_t list_at = bytes.size();
    bytes.append(list_).append("PK\5\6\0\0\0\0"sv);
    put16(bytes, members_);
    put16(bytes, members_);
    append_number(bytes, static_cast<std::uint32_t>(list_.size()));
    append_number(bytes, static_cast<std::uint32_t>(list_at));
    put16(bytes, comment.size());
    return bytes.append(comment);
  }

  std::string bytes;
  std::size_t members_ = 0;

private:
  static void put16(std::string& to, std::size_t value) { append_number(to, static_cast<std::uint16_t>(value)); }
  static std::string numbers(std::uint32_t crc, std::size_t packed, std::size_t whole) {
    std::string fields;
    append_number(fields, crc);
    append_number(fields, static_cast<std::uint32_t>(packed));
    append_number(fields, static_cast<std::uint32_t>(whole));
    return fields;
  }
  // Version 2.0, flags, method, noon of 2020-01-25.
  static std::string common_fields(method how, std::uint16_t flags) {
    std::string fields("\x14\0"sv);
    append_number(fields, flags);
    append_number(fields, static_cast<std::uint16_t>(how));
    return fields.append("\0\x60\x39\x50"sv);
  }

  std::string list_;
  std::uint32_t crc_damage_ = 0;
};

}  // namespace spillway::test
