// The lines of a text.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace spillway::test {

// std::memchr, because a loop over the bytes of whole objects is half of a test's time where nothing is optimized.
inline std::int64_t count_lines(std::string_view text) {
  std::int64_t lines = 0;
  const char* const end = text.data() + text.size();
  for (const char* at = text.data(); at != end; ++lines) {
    const void* const found = std::memchr(at, '\n', static_cast<std::size_t>(end - at));
    if (found == nullptr) {
      break;
    }
    at = static_cast<const char*>(found) + 1;
  }
  return lines;
}

}  // namespace spillway::test
