// SHA-256 of a stream as a whole and of each of its parts, for little more than the price of one.
//
// A processor's SHA instructions wait for each other: the rounds of one sum take as long as those of two that go side
// by side. Both sums here are over the same blocks, so that the message schedule is made once for them. Processors
// without these instructions do one after the other (base/hashes.hpp). FIPS 180-4.
#pragma once

#include "base/hashes.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

namespace spillway::base {

// Not thread-safe; movable.
class parts_sha256 {
public:
  enum class engine { fastest, portable };  // portable: for tests

  static constexpr std::size_t block_bytes = 64;

  explicit parts_sha256(engine wanted = engine::fastest);
  ~parts_sha256();
  parts_sha256(parts_sha256&&) noexcept;
  parts_sha256& operator=(parts_sha256&&) noexcept;

  void update(std::string_view bytes);

  // Of what came since the last part. REQUIRES: that is a multiple of block_bytes, or nothing comes any more.
  sha256_digest finish_part();

  // Of all that came. REQUIRES: nothing comes any more.
  sha256_digest finish();

private:
  struct sums;
  std::unique_ptr<sums> sums_;
};

}  // namespace spillway::base
