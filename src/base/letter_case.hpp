// Letters of ASCII in lower case: names that programs give each other have no others.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace spillway::base {

constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), to_lower);
  return lower;
}

}  // namespace spillway::base
