// Says of encoded events whether a filter selects them.
//
// What a condition compares is a set of values, the *held* ones:
//
//   - of a string, a number or a boolean, that value;
//   - of an array its elements, of which `[]` has none;
//   - of what is null or absent (Amplitude's "(none)"), null; so for a column whose value is `{}`, as columns of
//     properties are written that did not come. A property that is `{}` is an object;
//   - of an object, and of an array in an array, something that equals nothing.
//
// A property's path goes through objects by their keys, and through arrays to each object in them: of
// {"cart":[{"price":5},{"price":7}]}, event_properties.cart.price holds 5 and 7. Of a repeated key the last counts.
//
//   is                 any held value equals any given one
//   contains           any held string has any given one in it, capital or small
//   less, greater, ..  any held number (of a column of times: time) is less, greater, .. than the given one
//   set is             the held values and the given ones are the same, whatever their order and number
//   is not, does not contain, set is not
//                      the opposite, so that they select events without the property too
//
// Equal are: strings of the same characters, however JSON escapes them; in columns of times the same instants, with 'T'
// or with a space, in any zone; UUIDs in `uuid`, capital or small; numbers that are the same number (compare_numbers);
// null and null; true and true. A string equals no number: "42" is not 42.
#pragma once

#include "record/filter.hpp"
#include "record/json.hpp"

#include <cstdint>
#include <memory>
#include <string_view>

namespace spillway::record {

// A filter that is ready to be used, with a JSON parser of its own. Reusable; not thread-safe: one for each thread.
class event_filter {
public:
  // REQUIRES: `wanted` is as parse_filter gives it.
  explicit event_filter(const filter& wanted);
  ~event_filter();
  event_filter(event_filter&&) noexcept;
  event_filter& operator=(event_filter&&) noexcept;

  // Of one line as `encode` writes it, in either form, with or without '\n'. A flaw: the line is no JSON object.
  checked<bool> matches(std::string_view line);

private:
  class program;
  std::unique_ptr<program> program_;
};

}  // namespace spillway::record
