// From the bytes of an input to the text in it: plain, gzip, or a zip whose members are either. What an input is, is
// recognised by its first bytes: 1f 8b 08 is gzip, "PK" is a zip. What is packed twice otherwise is errc::invalid.
#pragma once

#include "codec/gunzip.hpp"
#include "intake/byte_reader.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace spillway::intake {

// One text after another: a file has one, a zip one for each member. Thread rule: one caller at a time.
class text_source {
public:
  virtual ~text_source() = default;
  // Goes on to the next text and says its name: "" for a file's own, "187520/187520_2020-01-25_17#1.json.gz" for a
  // member's. nullopt: there are no more.
  virtual result<std::optional<std::string>> next() = 0;
  // Bytes of the current text; 0 is its end.
  virtual result<std::size_t> read(char* out, std::size_t bytes_max) = 0;
};

// Opens a zip over a source that starts with "PK". The core has no zip of its own: the binary hands one in.
using zip_opener =
    std::function<result<std::unique_ptr<text_source>>(byte_reader& source, codec::gunzip_limits limits)>;

// `source` outlives what comes back. Without `open_zip` a zip is errc::invalid, as is what zstd, xz or bzip2 has
// compressed. errc::corrupt: all that `source` gives are the first one to three bytes of a gzip or a zip.
result<std::unique_ptr<text_source>> open_text(byte_reader& source, const zip_opener& open_zip,
                                               codec::gunzip_limits limits);

// A reader whose first bytes can be looked at.
class peeking_reader final : public byte_reader {
public:
  explicit peeking_reader(byte_reader& source) : source_(source) {}
  // Up to `bytes` first bytes, fewer at the end. REQUIRES: nothing was read yet.
  result<std::string_view> peek(std::size_t bytes);
  result<std::size_t> read(char* out, std::size_t bytes_max) override;

private:
  byte_reader& source_;
  std::string peeked_;
  std::size_t given_ = 0;
};

// What a gzip file holds.
class gunzip_reader final : public byte_reader {
public:
  gunzip_reader(byte_reader& source, codec::gunzip_limits limits);
  result<std::size_t> read(char* out, std::size_t bytes_max) override;

private:
  byte_reader& source_;
  codec::gunzip gunzip_;
  std::string compressed_;
  std::string_view left_;
  bool ended_ = false;
};

}  // namespace spillway::intake
