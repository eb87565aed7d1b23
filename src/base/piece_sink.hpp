// Takes text piece by piece; a failure that it returns ends whoever hands the pieces out, with that failure.
#pragma once

#include "base/result.hpp"

#include <functional>
#include <string_view>

namespace spillway::base {

using piece_sink = std::function<result<void>(std::string_view)>;

}  // namespace spillway::base
