#include "codec/segment_engine.hpp"

#include "base/result.hpp"
#include "codec/deflate_block.hpp"
#include "codec/line_matcher.hpp"
#include "codec/segment.hpp"

#include <zlib.h>

namespace spillway::codec {
namespace {

// A buffer that grows and is never zeroed.
class scratch {
public:
  char* at_least(std::size_t bytes) {
    if (bytes > capacity_) {
      memory_ = std::make_unique_for_overwrite<char[]>(bytes);
      capacity_ = bytes;
    }
    return memory_.get();
  }

private:
  std::unique_ptr<char[]> memory_;
  std::size_t capacity_ = 0;
};

// Room for any segment of so much text. Both engines store what does not compress; noise, measured up to 8 MiB, grows by
// 0.03 % at most and short texts by 16 bytes, so an eighth and 4 KiB never run out.
std::size_t room_for(std::size_t text_bytes) { return text_bytes + text_bytes / 8 + 4096; }

unsigned char* as_bytes(char* text) { return reinterpret_cast<unsigned char*>(text); }

// Neither library writes to its input; both leave out the const.
unsigned char* as_input(std::string_view text) { return as_bytes(const_cast<char*>(text.data())); }

// Our own, for lines of records: what it looks for is in codec/line_matcher.hpp.
class line_engine final : public segment_engine {
public:
  std::string_view compress(std::string_view text) override {
    char* const begin = out_.at_least(room_for(text.size()) + block_room_bytes);
    bit_writer out(begin);
    matcher_->start(text);
    for (matched_text part = matcher_->next(); !part.tokens.empty(); part = matcher_->next()) {
      out = write_block(out, part);
    }
    out = write_flush(out);
    return {begin, out.at()};
  }

private:
  std::unique_ptr<line_matcher> matcher_ = std::make_unique<line_matcher>();
  scratch out_;
};

class zlib_engine final : public segment_engine {
public:
  explicit zlib_engine(int level) {
    constexpr int raw_deflate_window_bits = -15;  // 32 KiB, negative: no zlib header
    constexpr int memory_level = 8;               // zlib's default; part of what decides the bytes
    SPILLWAY_ASSERT(
        deflateInit2(&stream_, level, Z_DEFLATED, raw_deflate_window_bits, memory_level, Z_DEFAULT_STRATEGY) == Z_OK);
  }
  ~zlib_engine() override { deflateEnd(&stream_); }
  zlib_engine(const zlib_engine&) = delete;
  zlib_engine& operator=(const zlib_engine&) = delete;

  std::string_view compress(std::string_view text) override {
    const std::size_t room = room_for(text.size());
    char* const out = out_.at_least(room);
    SPILLWAY_ASSERT(deflateReset(&stream_) == Z_OK);
    stream_.next_in = as_input(text);
    stream_.avail_in = static_cast<uInt>(text.size());
    stream_.next_out = as_bytes(out);
    stream_.avail_out = static_cast<uInt>(room);
    SPILLWAY_ASSERT(deflate(&stream_, Z_FULL_FLUSH) == Z_OK);
    SPILLWAY_ASSERT(stream_.avail_in == 0 && stream_.avail_out > 0);
    return {out, room - stream_.avail_out};
  }

private:
  z_stream stream_{};
  scratch out_;
};

}  // namespace

std::unique_ptr<segment_engine> make_segment_engine(model::compression engine) {
  SPILLWAY_ASSERT(engine.level >= 0 && engine.level <= 9);
  if (engine.level == 0) {
    return std::make_unique<line_engine>();
  }
  return std::make_unique<zlib_engine>(engine.level);
}

std::string engine_name(model::compression engine) {
  if (engine.level == 0) {
    return "lines-1";  // a change of the bytes counts this up
  }
  return std::string("zlib-") + zlibVersion() + '/' + std::to_string(engine.level);
}

}  // namespace spillway::codec
