#include "base/shell_word.hpp"

#include <algorithm>

namespace spillway::base {

std::string shell_word(std::string_view text) {
  const bool is_plain = !text.empty() && text.front() != '-' && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/:._-+=@,").find(c) != std::string_view::npos;
  });
  if (is_plain) {
    return std::string(text);
  }
  std::string quoted = "'";
  for (const char c : text) {
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return quoted + "'";
}

}  // namespace spillway::base
