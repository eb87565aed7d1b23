// One column at a time: is its value of the documented type, or can it become so without losing anything?
#pragma once

#include "record/event.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace spillway::record {

// Brings the value of `which` to its column's type. Returns what is wrong: "a string, not an integer".
// A timestamp is left as 26 characters "2015-08-10?12:00:00.000000" ('?': 'T' or ' ') and read into `when`.
std::optional<std::string> coerce(columns& event, column which, base::instant& when);

// The integer of 64 bits that a value is, or becomes without loss: "42" and 42.0 are 42. Returns what is wrong.
std::optional<std::string> read_integer(const value& held, std::int64_t& number);

}  // namespace spillway::record
