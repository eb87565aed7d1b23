// A text of a JSON object. Only for this folder.
#pragma once

#include <optional>
#include <string_view>

#include <boost/json.hpp>

namespace spillway::bucket {

// Looks into `object`; nullopt: there is none of this name, or it is no text.
inline std::optional<std::string_view> text_in(const boost::json::object& object, std::string_view name) {
  const boost::json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) {
    return std::nullopt;
  }
  return std::string_view(value->get_string());
}

}  // namespace spillway::bucket
