// The one form of HTTP's dates that servers send today: "Sun, 06 Nov 1994 08:49:37 GMT".
#pragma once

#include "base/time.hpp"

#include <optional>
#include <string_view>

namespace spillway::s3 {

// Source: RFC 9110 section 5.6.7, IMF-fixdate. The name of the day is not checked. nullopt: anything else.
std::optional<base::instant> parse_http_date(std::string_view text);

}  // namespace spillway::s3
