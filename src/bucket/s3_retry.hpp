// How often one request to S3 is tried, and how long it waits in between: retry.hpp's numbers, and what the answer asks
// for. Uploads in parts have a machine of their own for this (s3_upload.hpp).
#pragma once

#include "bucket/retry.hpp"
#include "bucket/s3_requester.hpp"

#include <chrono>
#include <optional>

namespace spillway::bucket {

// How long to wait before attempt `attempt` (2 to request_attempts_max), given the answer to the one before; nullopt:
// that answer is final. What did not arrive as it was sent is read and sent again once. `random` is in [0, 1).
std::optional<std::chrono::milliseconds> pause_before(int attempt, const result<s3_answer>& last, double random);

// errc::interrupted: it was asked to stop while it waited.
result<s3_answer> ask_with_retries(s3_requester& requester, const retry_world& world, const s3_requester::asking& what);

}  // namespace spillway::bucket
