#include "codec/decode.hpp"

#include "codec/segment.hpp"

#include <isa-l.h>

#include <memory>

namespace spillway::codec {
namespace {

failure damaged(std::string cause) { return {errc::corrupt, "unpacking a segment", std::move(cause), {}}; }

// How every segment ends: an empty stored block, behind its three header bits.
constexpr std::string_view full_flush("\x00\x00\xff\xff", 4);

// True if all of `deflate` was taken and is valid so far.
bool feed(inflate_state& inflater, std::string_view deflate) {
  inflater.next_in = reinterpret_cast<unsigned char*>(const_cast<char*>(deflate.data()));
  inflater.avail_in = static_cast<std::uint32_t>(deflate.size());
  return isal_inflate(&inflater) == ISAL_DECOMP_OK && inflater.avail_in == 0;
}

}  // namespace

result<std::string> inflate_segment(std::string_view deflate, std::uint64_t text_bytes) {
  // The length comes from a file: it must not be able to ask for all of the memory.
  if (text_bytes > segment_text_bytes_max || deflate.size() > 2 * segment_text_bytes_max) {
    return damaged("it is longer than any segment");
  }
  if (deflate.empty() && text_bytes == 0) {
    return std::string();
  }
  if (!deflate.ends_with(full_flush)) {
    return damaged("it is cut short");
  }
  std::string text(static_cast<std::size_t>(text_bytes) + 1, '\0');  // room for a byte too many, to see that it comes
  const auto inflater = std::make_unique_for_overwrite<inflate_state>();
  isal_inflate_init(inflater.get());
  inflater->next_out = reinterpret_cast<unsigned char*>(text.data());
  inflater->avail_out = static_cast<std::uint32_t>(text.size());
  if (!feed(*inflater, deflate) || inflater->bfinal != 0) {
    return damaged("it is not valid");
  }
  // An empty final block fits behind whole blocks that end on a byte, and behind nothing else.
  if (!feed(*inflater, {"\x03\x00", 2}) || inflater->block_state != ISAL_BLOCK_FINISH ||
      inflater->read_in_length >= 8) {
    return damaged("it is cut short");
  }
  const std::size_t made = text.size() - inflater->avail_out;
  if (made != text_bytes) {
    return damaged("its text has not the recorded length of " + std::to_string(text_bytes) + " bytes");
  }
  text.resize(made);
  return text;
}

}  // namespace spillway::codec
