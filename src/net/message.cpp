#include "net/message.hpp"

#include "base/letter_case.hpp"

#include <algorithm>

namespace spillway::net {

bool is_same_name(std::string_view one, std::string_view other) {
  return std::ranges::equal(one, other, {}, base::to_lower, base::to_lower);
}

std::optional<std::string_view> find_field(const http_fields& fields, std::string_view name) {
  const auto found = std::ranges::find_if(fields, [&](const auto& each) { return is_same_name(each.first, name); });
  return found == fields.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

http_body memory_body(std::string_view text) {
  return {text.size(), [text](const piece_sink& sink) { return sink(text); }};
}

}  // namespace spillway::net
