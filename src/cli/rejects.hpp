// How a reject is shown; the verb is in rejects.cpp.
#pragma once

#include "store/reject_log.hpp"

#include <boost/json/fwd.hpp>

#include <optional>
#include <string>

namespace spillway::cli {

// {"file":"a.jsonl","line":2,"byte":118,"reason":"...","text":"...","text_bytes":130}
boost::json::object to_json(const store::reject_row& row);

// The line to be corrected and taken in again, with '\n'; an element of a request body that was spread over several
// lines becomes one. nullopt: only its front was kept.
std::optional<std::string> line_of(const store::reject_row& row);

}  // namespace spillway::cli
