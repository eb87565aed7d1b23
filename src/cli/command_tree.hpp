// The command line as plain facts: what completions and man pages are made of, read from what --help is made of.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace spillway::cli {

struct option_facts {
  std::vector<std::string> names;  // "--json", "-h"; of a positional "INPUT"
  bool is_positional = false;
  bool is_required = false;
  bool is_repeatable = false;
  std::string value;                 // "FILE"; empty: a flag
  std::vector<std::string> choices;  // the only values there are; empty: any
  std::string default_value;
  std::string description;
};

struct command_facts {
  std::string path;  // "spillway", "spillway org", "spillway org create"
  std::string name;  // the last word of it
  std::string description;
  std::vector<option_facts> options;  // in the order of --help
  std::vector<command_facts> commands;
};

command_facts facts_of(const CLI::App& app);

// Calls `visit` with `command` and then with all below it.
template <class Visit>
void for_each_command(const command_facts& command, const Visit& visit) {
  visit(command);
  for (const command_facts& each : command.commands) {
    for_each_command(each, visit);
  }
}

}  // namespace spillway::cli
