// Which verb a command line names, and what is said of one that is not there.
#pragma once

#include "base/result.hpp"
#include "cli/command_tree.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::cli {

// How many characters have to be put in, taken out or changed to make one word of the other.
std::size_t edit_distance(std::string_view a, std::string_view b);

// The one of `known` that was probably meant: at a distance of at most 2, of a short word 1.
std::optional<std::string> nearest_word(std::string_view typed, const std::vector<std::string>& known);

// "help org create" as "org create --help".
std::vector<std::string> with_help_behind(std::vector<std::string> words);

// `words` are a command line without the name of the program. errc::usage: they name no verb, or one that is not there;
// the hint says which was probably meant. Options are looked at by others.
result<void> check_verb(const command_facts& root, const std::vector<std::string>& words);

}  // namespace spillway::cli
