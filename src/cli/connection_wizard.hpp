// The set-up of a connection in steps, on a terminal, as the specification has it: choose data, filter, policy, verify.
#pragma once

#include "cli/program.hpp"
#include "model/connection.hpp"

#include <stop_token>
#include <string>
#include <string_view>

namespace spillway::cli {

// What the steps may change, with what the command line said as their defaults.
struct wizard_choices {
  std::string data;    // "events", "merged-ids", "both"
  std::string filter;  // text or JSON; empty: every event
};

// Who asks: for messages, "deleting connection 1", and until when.
struct asking {
  std::string doing;
  std::stop_token stop;
};

// True where somebody can be asked: standard input and standard error are a terminal.
bool can_ask();

// All questions: errc::interrupted: the input ended, or `stop` was asked.

// Asks for the data and the filter, until both can be taken.
result<void> ask_for_choices(wizard_choices& choices, const asking& by);

// Shows the policies that the bucket and the KMS key need, and waits until they are set. Nothing to do for a directory.
result<void> show_policies(const model::connection& wanted, const asking& by);

// "yes" or "no" to a question about a change; after a "no" it says that nothing was changed.
result<bool> ask(std::string_view question, const asking& by);

}  // namespace spillway::cli
