// The one source in C++23, for std::string::resize_and_overwrite.
#include "base/text_growth.hpp"

namespace spillway::base {

void resize_unwritten(std::string& text, std::size_t bytes) {
  text.resize_and_overwrite(bytes, [](char*, std::size_t all) { return all; });
}

}  // namespace spillway::base
