// The order of JSON's numbers, by the numbers that are written and not by the doubles next to them.
#pragma once

#include <compare>
#include <string_view>

namespace spillway::record {

// 1, 1.0 and 10e-1 are equal; 9007199254740993 and 9007199254740992 are not, nor are 0.1 and 0.10000000000000000001.
// Exponents beyond 10^15 count as 10^15. REQUIRES: both are numbers of JSON.
std::strong_ordering compare_numbers(std::string_view left, std::string_view right);

}  // namespace spillway::record
