// Members of a JSON object that may be absent or of another kind.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <boost/json.hpp>

namespace spillway::base {

// Looks into `object`; nullopt: there is none of this name, or it is no text.
inline std::optional<std::string_view> text_in(const boost::json::object& object, std::string_view name) {
  const boost::json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) {
    return std::nullopt;
  }
  return std::string_view(value->get_string());
}

// nullopt: there is none of this name, or it is no integer of 64 bits with a sign.
inline std::optional<std::int64_t> integer_in(const boost::json::object& object, std::string_view name) {
  const boost::json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_int64()) {
    return std::nullopt;
  }
  return value->get_int64();
}

}  // namespace spillway::base
