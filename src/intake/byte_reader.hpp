// A stream of bytes that is pulled: a file, standard input, an inflated file, a member of a zip.
#pragma once

#include "base/result.hpp"

#include <cstddef>

namespace spillway::intake {

// Thread rule: one caller at a time.
class byte_reader {
public:
  virtual ~byte_reader() = default;

  // Up to `bytes_max` bytes at `out`, as many as are there without waiting for more than one; 0 is the end, and stays
  // so. REQUIRES: `bytes_max` is above 0. Whatever fails here fails again, or is a bug of the caller to ask for.
  virtual result<std::size_t> read(char* out, std::size_t bytes_max) = 0;
};

}  // namespace spillway::intake
