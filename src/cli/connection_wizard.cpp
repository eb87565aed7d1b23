#include "cli/connection_wizard.hpp"

#include "connection/delivery.hpp"
#include "connection/incidents.hpp"

#include <algorithm>
#include <cstdio>
#include <iostream>

#include <fmt/format.h>

#include <unistd.h>

namespace spillway::cli {
namespace {

// Questions go where progress and errors go, so that standard output is what it is without them.
result<std::string> ask_for(std::string_view question) {
  fmt::print(stderr, "{} ", question);
  std::string answer;
  if (!std::getline(std::cin, answer)) {
    return failure{errc::interrupted, "setting up a connection", "the input ended", "give everything as options, and --yes"};
  }
  return answer;
}

}  // namespace

bool can_ask() { return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1; }

result<bool> ask(std::string_view question) {
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const std::string answer, ask_for(fmt::format("{} [y/n]", question)));
    if (answer == "y" || answer == "yes" || answer == "n" || answer == "no") {
      return answer.front() == 'y';
    }
  }
}

result<void> ask_for_choices(wizard_choices& choices) {
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const std::string data, ask_for(fmt::format("1 of 4. What to export: events, merged-ids or both? [{}]",
                                                                    choices.data)));
    choices.data = data.empty() ? choices.data : data;
    if (model::parse_data_choice(choices.data)) {
      break;
    }
    choices.data = "events";
  }
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const std::string filter,
                        ask_for(fmt::format("2 of 4. Only events like (event_type is \"purchase\"; empty: all)? [{}]", choices.filter)));
    const std::string& wanted = filter.empty() ? choices.filter : filter;
    const auto made = connection::canonical_filter(wanted);
    if (made) {
      choices.filter = wanted;
      return {};
    }
    print_failure(made.error());
  }
}

result<void> show_policy(const model::connection& wanted) {
  const std::string policy = connection::policy_of(wanted);
  if (policy.empty()) {
    return {};
  }
  fmt::print(stderr, "3 of 4. The policy that lets exports in:\n\n{}\n", policy);
  SPILLWAY_TRY(ask_for("Set it (spillway policy writes other formats), then press Enter. 4 of 4 verifies the access."));
  return {};
}

}  // namespace spillway::cli
