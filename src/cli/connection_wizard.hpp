// The set-up of a connection in steps, on a terminal, as the specification has it: choose data, filter, policy, verify.
#pragma once

#include "cli/program.hpp"
#include "model/connection.hpp"

#include <string>

namespace spillway::cli {

// What the steps may change, with what the command line said as their defaults.
struct wizard_choices {
  std::string data;    // "events", "merged-ids", "both"
  std::string filter;  // text or JSON; empty: every event
};

// True where somebody can be asked: standard input and standard error are a terminal.
bool can_ask();

// Asks for the data and the filter, until both can be taken. errc::interrupted: the input ended.
result<void> ask_for_choices(wizard_choices& choices);

// Shows the policy that the bucket needs, and waits until it is set. Nothing to do for a directory.
result<void> show_policy(const model::connection& wanted);

// "yes" or "no" to a question; errc::interrupted: the input ended.
result<bool> ask(std::string_view question);

}  // namespace spillway::cli
