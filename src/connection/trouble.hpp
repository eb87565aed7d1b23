// What follows when a delivery fails: access that is refused, and what only people can put right, becomes an incident;
// everything else is tried again.
// Pure: the time comes in as an argument.
//
//     refused at 0, 1, 5, 15, 30 min ----> blocked: an incident, and one probe every 15 min
//     anything that is delivered ----> over
#pragma once

#include "base/result.hpp"
#include "store/connections.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::connection {

// Source: our design. "After several tries" is what the specification says.
inline constexpr std::chrono::minutes access_tries[] = {std::chrono::minutes{0}, std::chrono::minutes{1},
                                                        std::chrono::minutes{5}, std::chrono::minutes{15},
                                                        std::chrono::minutes{30}};
inline constexpr std::chrono::minutes access_probe_interval{15};
// Between two of them.
inline constexpr std::chrono::minutes access_wait_max{15};

// A refusal, or settings that can't be used: a profile, a CA bundle or a bucket that is not there.
bool needs_a_person(errc code);

// The trouble after one more refusal; `before` is what was known of it.
store::access_trouble after_refusal(const std::optional<store::access_trouble>& before, const failure& refused,
                                    base::instant now);

// The longest wait after so many failures in a row that are no refusals: 1 s, doubling to retry_delay_longest. Full
// jitter is the caller's.
inline constexpr std::chrono::seconds retry_delay_longest{300};
std::chrono::seconds retry_delay_max(int failures);

// "s3:PutObject" of a sentence that names a permission; empty: it names none.
std::string permission_in(std::string_view text);

}  // namespace spillway::connection
