#include "bucket/bucket.hpp"

#include <algorithm>

namespace spillway::bucket {
namespace {

// How a read is ended that has given what was wanted: no error, and never shown.
constexpr std::string_view enough = "enough";

}  // namespace

result<void> body_source::read_range(std::uint64_t first, std::uint64_t count, const piece_sink& sink) {
  std::uint64_t left = count;
  std::uint64_t to_skip = first;
  const auto made = read([&](std::string_view piece) -> result<void> {
    const std::uint64_t skipped = std::min<std::uint64_t>(to_skip, piece.size());
    to_skip -= skipped;
    piece = piece.substr(skipped, left);
    left -= piece.size();
    if (!piece.empty()) {
      SPILLWAY_TRY(sink(piece));
    }
    return left > 0 ? result<void>() : failure{errc::interrupted, {}, std::string(enough), {}};
  });
  return made || (left == 0 && made.error().cause == enough) ? result<void>() : made;
}

}  // namespace spillway::bucket
