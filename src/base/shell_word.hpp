// Text for commands that a person may copy from a message.
#pragma once

#include <string>
#include <string_view>

namespace spillway::base {

// As one word of a shell's line: s3://raw/analytics, 's3://raw/with space'.
std::string shell_word(std::string_view text);

}  // namespace spillway::base
