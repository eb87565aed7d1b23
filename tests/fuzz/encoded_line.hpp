// What holds of every line that `encode` has written, be its event a raw one or of a request body.
#pragma once

#include "record/record_reader.hpp"

#include <boost/json/fwd.hpp>

#include <string_view>

namespace spillway::fuzz {

// Fixed, so that an input means the same next year.
record::intake_rules rules();

inline constexpr model::record_form forms[] = {model::record_form::documented, model::record_form::observed};

// A value as Boost.JSON reads it, which knows nothing of our parser; null if it can't: it takes no exponent of over 31
// bits, though 1e-9999999999 is 0 to everybody else. REQUIRES of the input: it is JSON.
boost::json::value read_json(std::string_view text);

// - One line of JSON with the form's columns in their order, each of its type or null.
// - Taken in again it gives the same bytes and the same facts; from the documented form also by way of the other one.
void require_encoded(std::string_view line, model::record_form form, const record::event_facts& facts);

}  // namespace spillway::fuzz
