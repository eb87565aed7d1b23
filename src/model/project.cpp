#include "model/project.hpp"

namespace spillway::model {

std::string to_string(compression which) { return which.level == 0 ? "fast" : std::to_string(which.level); }

std::optional<compression> parse_compression(std::string_view text) {
  if (text == "fast") {
    return compression{0};
  }
  if (text.size() == 1 && text[0] >= '1' && text[0] <= '9') {
    return compression{text[0] - '0'};
  }
  return std::nullopt;
}

}  // namespace spillway::model
