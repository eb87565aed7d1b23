// Which lines a connection delivers.
#pragma once

#include "base/result.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace spillway::exporting {

// Whether an encoded line, "{...}" without '\n', is delivered. Thread rule: one thread.
using line_filter = std::function<bool(std::string_view line)>;

// `filter` is JSON as connections and the ledger keep it, and not empty. errc::usage: it can't be read.
result<line_filter> make_line_filter(std::string_view filter);

}  // namespace spillway::exporting
