#include "record/json_scan.hpp"

namespace spillway::record {

value find_member(std::string_view object, std::string_view key) {
  value found;
  for_each_member(object, [&](std::string_view name, const value& held) {
    const bool is_plain = name.find('\\') == std::string_view::npos;
    if (is_plain ? name == key : unescape(name) == key) {
      found = held;
    }
  });
  return found;
}

}  // namespace spillway::record
