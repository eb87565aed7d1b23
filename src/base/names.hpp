// Enumerations that have names, as options, the state file and --json spell them. Each has beside it
//
//     constexpr std::array<std::string_view, 2> names_of(connection_state) { return {"enabled", "disabled"}; }
//
// in the order of its enumerators, which count from 0.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <string_view>

namespace spillway::base {

template <class Enumeration>
concept named = requires(Enumeration value) {
  { names_of(value).front() } -> std::convertible_to<std::string_view>;
};

template <named Enumeration>
constexpr std::string_view to_string(Enumeration value) {
  return names_of(value)[static_cast<std::size_t>(value)];
}

template <named Enumeration>
constexpr std::optional<Enumeration> parse_name(std::string_view text) {
  constexpr auto names = names_of(Enumeration());
  const auto found = std::ranges::find(names, text);
  return found == names.end() ? std::nullopt : std::optional(static_cast<Enumeration>(found - names.begin()));
}

}  // namespace spillway::base
