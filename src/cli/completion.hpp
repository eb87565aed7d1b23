// What a shell needs to complete spillway's command line. All three scripts do the same: they walk the words before the
// cursor to the command that they are in, then offer its commands, its options, the choices of a value, or files.
#pragma once

#include "cli/command_tree.hpp"

#include <string>

namespace spillway::cli {

std::string bash_completion(const command_facts& root);
std::string zsh_completion(const command_facts& root);
std::string fish_completion(const command_facts& root);

}  // namespace spillway::cli
