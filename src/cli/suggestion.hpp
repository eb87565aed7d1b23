// Commands that messages suggest, as they have to be typed here.
#pragma once

#include "cli/command_tree.hpp"

#include <string>
#include <string_view>

namespace spillway::cli {

// "see them: spillway connection list" as "see them: spillway connection list --state other.db", if `state_option` is
// " --state other.db": a command that is suggested is to be about the same state file. What has the option already, or
// a verb that knows no state file, stays as it is. A command ends with the text, a line, or one of ,;)| outside quotes.
std::string with_state_option(std::string text, const command_facts& root, std::string_view state_option);

}  // namespace spillway::cli
