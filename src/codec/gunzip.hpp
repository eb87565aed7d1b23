// Reads gzip as a stream: any number of members, in pieces of any size, with limits against compression bombs.
//
// Every member's header, CRC-32 and length are checked. Zero bytes after the last member are padding (gzip(1) skips
// them too: tar and tapes leave them); anything else there is damage. A gzip inside a gzip is not unpacked.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string_view>

namespace spillway::codec {

struct gunzip_limits {
  std::uint64_t text_bytes_max = std::numeric_limits<std::uint64_t>::max();
  // Text bytes a compressed byte, over the whole stream; real events have 5 to 20, a file of zeros has 1,030.
  std::uint64_t ratio_max = 200;
  // Up to so much text the ratio is not looked at: small files of equal lines compress very well.
  std::uint64_t ratio_free_bytes = std::uint64_t{1} << 20;
};

// For who keeps none of the text, however well it was compressed.
inline constexpr gunzip_limits no_gunzip_limits{.ratio_max = std::numeric_limits<std::uint64_t>::max()};

// True if a file that starts with `first_bytes` is gzip: 1f 8b 08. Three bytes are enough, fewer give false.
bool looks_like_gzip(std::string_view first_bytes);

// Thread rule: one thread at a time. Movable. Holds 86 KiB, whatever it reads.
class gunzip {
public:
  explicit gunzip(gunzip_limits limits = {});
  ~gunzip();
  gunzip(gunzip&&) noexcept;
  gunzip& operator=(gunzip&&) noexcept;

  struct progress {
    std::size_t consumed;  // bytes of `compressed` that must not be given again
    std::size_t produced;  // bytes written to the start of `out`
  };

  // Goes on with the stream until `compressed` is used up or `out` is full. produced == out.size(): there may be more
  // text; call again with what was not consumed, even if that is nothing. Otherwise everything was consumed.
  // Pieces of 64 KiB or more are fastest.
  // errc::corrupt: the bytes are no gzip, or damaged; the cause names the offset in the compressed stream.
  // errc::too_large: a limit was passed.
  // After a failure `out` holds nothing of use, and every further call gives the same failure.
  result<progress> inflate(std::string_view compressed, std::span<char> out);

  // To be called when the input has ended and all of it was consumed.
  // errc::corrupt: it ended inside a member, or before the first; or inflate() has failed.
  result<void> finish() const;

  std::uint64_t members() const;         // complete and checked
  std::uint64_t consumed_bytes() const;  // of the compressed stream
  std::uint64_t text_bytes() const;      // written so far

private:
  struct implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace spillway::codec
