#include "codec/segment_engine.hpp"

#include "base/result.hpp"
#include "codec/segment.hpp"

#include <isa-l.h>
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

// Room for any segment of so much text, from the length alone: were it to depend on what the buffer happens to hold,
// so could the bytes. Both libraries store what does not compress; noise, measured up to 8 MiB, grows by 0.03 % at most
// and short texts by 16 bytes, so an eighth and 4 KiB never run out.
std::size_t room_for(std::size_t text_bytes) { return text_bytes + text_bytes / 8 + 4096; }

unsigned char* as_bytes(char* text) { return reinterpret_cast<unsigned char*>(text); }

// Neither library writes to its input; both leave out the const.
unsigned char* as_input(std::string_view text) { return as_bytes(const_cast<char*>(text.data())); }

class isal_engine final : public segment_engine {
public:
  isal_engine() { isal_deflate_init(stream_.get()); }

  std::string_view compress(std::string_view text) override {
    const std::size_t room = room_for(text.size());
    char* const out = out_.at_least(room);
    isal_zstream& stream = *stream_;
    isal_deflate_reset(&stream);
    stream.level = 1;
    stream.level_buf = as_bytes(level_buffer_.get());
    stream.level_buf_size = level_buffer_bytes;
    stream.end_of_stream = 0;
    stream.next_out = as_bytes(out);
    stream.avail_out = static_cast<std::uint32_t>(room);
    if (text.size() > lead_bytes) {
      take(text.substr(0, lead_bytes), SYNC_FLUSH);
      text.remove_prefix(lead_bytes);
    }
    take(text, FULL_FLUSH);
    return {out, room - stream.avail_out};
  }

private:
  // ISA-L 2.30 enters the third byte of a long input into its table of matches under a hash of the stream's own address
  // (igzip_icf_body_h1_gr_bt.asm, .write_first_byte, reads tmp2 before anything is in it), so that about one address in
  // 5,000 gives other bytes. Short inputs and later calls take another way: a lead of the fewest bytes that count as
  // history, for 9 bytes a segment.
  static constexpr std::size_t lead_bytes = 4;

  void take(std::string_view text, std::uint16_t flush) {
    stream_->flush = flush;
    stream_->next_in = as_input(text);
    stream_->avail_in = static_cast<std::uint32_t>(text.size());
    SPILLWAY_ASSERT(isal_deflate(stream_.get()) == COMP_OK);
    SPILLWAY_ASSERT(stream_->avail_in == 0 && stream_->avail_out > 0);
    SPILLWAY_ASSERT(stream_->internal_state.state == ZSTATE_NEW_HDR);
  }

  // How many symbols a block may have, which is part of what decides the bytes. Measured on events: the next larger
  // size gives the same ratio.
  static constexpr std::uint32_t level_buffer_bytes = ISAL_DEF_LVL1_LARGE;

  std::unique_ptr<isal_zstream> stream_ = std::make_unique_for_overwrite<isal_zstream>();
  std::unique_ptr<char[]> level_buffer_ = std::make_unique_for_overwrite<char[]>(level_buffer_bytes);
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
    return std::make_unique<isal_engine>();
  }
  return std::make_unique<zlib_engine>(engine.level);
}

// ISA-L cannot be asked for its version at run time; its soname changes with the major one.
std::string engine_name(model::compression engine) {
  if (engine.level == 0) {
    return "isal-" + std::to_string(ISAL_MAJOR_VERSION) + '.' + std::to_string(ISAL_MINOR_VERSION) + '.' +
           std::to_string(ISAL_PATCH_VERSION) + "/1";
  }
  return std::string("zlib-") + zlibVersion() + '/' + std::to_string(engine.level);
}

}  // namespace spillway::codec
