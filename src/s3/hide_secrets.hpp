// Texts of servers, without what must not be shown.
#pragma once

#include "s3/sigv4.hpp"

#include <string>
#include <string_view>

namespace spillway::s3 {

// "[hidden]" wherever the text repeats the secret key or the session token, as it is or as it stands in a URL. A server
// is free to say what it was sent, and there are some that do.
std::string hide_secrets(std::string_view text, const credentials& of);

}  // namespace spillway::s3
