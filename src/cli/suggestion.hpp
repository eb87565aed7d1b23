// Commands that messages suggest, as they have to be typed here.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace spillway::cli {

struct command_facts;

// "see them: spillway connection list" as "see them: spillway connection list --state other.db", if `state_option` is
// " --state other.db": a command that is suggested is to be about the same state file. What has the option already, or
// a verb that knows no state file, stays as it is. A command ends with the text, a line, or one of ,;)|> outside
// quotes.
std::string with_state_option(std::string text, const command_facts& root, std::string_view state_option);

// What that makes of a message of this command. Tables, in which others' names stand, do not go through it.
using suggesting = std::function<std::string(std::string)>;
inline std::string as_it_is(std::string text) { return text; }

}  // namespace spillway::cli
