// How far the server's clock is from ours, read from its answers, so that a machine whose clock is wrong can still
// sign.
//
// The rule is that of the AWS SDKs of 2026 (crate aws-runtime 1.10.2, whose test cases are in fixtures/sigv4): the
// server's Date, less the middle between sending and receiving.
#pragma once

#include "base/time.hpp"
#include "s3/request.hpp"

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

namespace spillway::s3 {

using clock_skew = std::chrono::microseconds;  // add it to our clock to get the server's

// S3 and MinIO refuse what is further off (MaxAllowedSkewMilliseconds 900000). An answer that took longer than that
// says nothing about clocks.
inline constexpr std::chrono::minutes skew_allowed{15};
// From here on an error that may come from a wrong clock is taken for one.
inline constexpr std::chrono::minutes skew_suspicious{4};

// What one answer says, whatever its status. `sent_at` and `received_at`
// are of our uncorrected clock. nullopt: no Date, an Age (the answer was kept by a cache), or it took too long.
std::optional<clock_skew> measure_skew(const std::vector<header>& headers, base::instant sent_at,
                                       base::instant received_at);

// Whether signing again with the measured skew may help, when the refused request was signed with `used`.
// `error_code` is S3's; empty for an answer without a body.
bool is_clock_error(std::string_view error_code, clock_skew measured, clock_skew used);

}  // namespace spillway::s3
