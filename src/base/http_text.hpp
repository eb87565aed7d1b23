// What HTTP allows in the names and values of fields. Pure; for whoever signs requests and whoever sends them.
#pragma once

#include <string_view>

namespace spillway::base {

// RFC 9110, 5.6.2, token: the name of a method or a field.
bool is_http_token(std::string_view text);

// RFC 9110, 5.5, the value of a field: visible characters, spaces, tabs, and bytes from 0x80 on.
bool is_http_field_value(std::string_view text);

}  // namespace spillway::base
