// Waiting by a clock that may be set back.
#pragma once

#include "base/time.hpp"

namespace spillway::base {

// Whether what waits until `at`, for `wait_max` at most, is due. An instant that is further away was reckoned by a
// clock that was ahead and is set back since: it is not waited for.
constexpr bool is_due(instant at, instant now, std::chrono::microseconds wait_max) {
  return now >= at || at - now > wait_max;
}

}  // namespace spillway::base
