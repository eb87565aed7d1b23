#include "record/json_scan.hpp"

namespace spillway::record {

std::size_t count_elements(std::string_view array) {
  std::size_t count = 0;
  for_each_element(array, [&count](const value&) { ++count; });
  return count;
}

value find_member(std::string_view object, std::string_view key) {
  value found;
  for_each_member(object, [&](std::string_view name, const value& held) {
    if (unescaped_text(name).get() == key) {
      found = held;
    }
  });
  return found;
}

}  // namespace spillway::record
