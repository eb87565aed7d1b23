// The error codes that S3's servers are known to send, and what each is. Only for this folder.
#pragma once

#include "s3/error_class.hpp"

#include <optional>
#include <string_view>

namespace spillway::s3 {

// nullopt: a code that is not known, so that the status has to do.
std::optional<error_class> class_of_code(std::string_view code);

enum class body_kind { none, some };
error_class class_of_status(int status, body_kind body);

}  // namespace spillway::s3
