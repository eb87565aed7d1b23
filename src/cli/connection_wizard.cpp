#include "cli/connection_wizard.hpp"

#include "connection/delivery.hpp"
#include "connection/incidents.hpp"
#include "net/waiter.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include <fmt/format.h>

#include <unistd.h>

namespace spillway::cli {
namespace {

// A terminal hands out no longer ones. Source: termios(3), "Canonical and noncanonical mode".
constexpr std::size_t line_bytes_max = 4'096;

// Questions go where progress and errors go, so that standard output is what it is without them.
result<std::string> ask_for(std::string_view question, const asking& by) {
  print_note(fmt::format("{} ", question));
  SPILLWAY_TRY_ASSIGN(const auto waiting, net::waiter::make({net::moment::max(), by.stop}));
  std::string answer;
  while (!answer.ends_with('\n')) {
    if (waiting->wait(STDIN_FILENO, net::interest::read, net::moment::max()) == net::wait_end::stopped) {
      print_note("\n");
      return failure{errc::interrupted, by.doing, "asked to stop", "run the same command again"};
    }
    std::array<char, line_bytes_max> piece{};
    const ssize_t got = ::read(STDIN_FILENO, piece.data(), piece.size());
    if (got < 0 && errno != EINTR && errno != EAGAIN) {
      return base::from_errno(errno, by.doing);
    }
    if (got == 0) {
      print_note("\n");
      return failure{errc::interrupted, by.doing, "the input ended", "give --yes, and what is asked for as options"};
    }
    answer.append(piece.data(), static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  }
  answer.pop_back();
  return answer;
}

// nullopt: neither yes nor no.
std::optional<bool> meaning_of(std::string_view answer) {
  if (answer == "y" || answer == "yes") {
    return true;
  }
  return answer == "n" || answer == "no" ? std::optional(false) : std::nullopt;
}

}  // namespace

bool can_ask() { return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1; }

result<bool> ask(std::string_view question, const asking& by) {
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const std::string answer, ask_for(fmt::format("{} [y/n]", question), by));
    const std::optional<bool> meant = meaning_of(answer);
    if (meant == false) {
      print_note("nothing was changed\n");
    }
    if (meant) {
      return *meant;
    }
  }
}

result<void> ask_for_choices(wizard_choices& choices, const asking& by) {
  for (;;) {
    SPILLWAY_TRY_ASSIGN(
        const std::string data,
        ask_for(fmt::format("1 of 4. What to export: events, merged-ids or both? [{}]", choices.data), by));
    choices.data = data.empty() ? choices.data : data;
    if (base::parse_name<model::data_choice>(choices.data)) {
      break;
    }
    choices.data = "events";
  }
  for (;;) {
    SPILLWAY_TRY_ASSIGN(
        const std::string filter,
        ask_for(fmt::format("2 of 4. Only events like (event_type is \"purchase\"; empty: all)? [{}]", choices.filter),
                by));
    const std::string& wanted = filter.empty() ? choices.filter : filter;
    const auto made = connection::canonical_filter(wanted);
    if (made) {
      choices.filter = wanted;
      return {};
    }
    print_failure(made.error());
  }
}

result<void> show_policies(const model::connection& wanted, const asking& by) {
  const std::string policy = connection::policy_of(wanted);
  if (policy.empty()) {
    return {};
  }
  print_note(fmt::format("3 of 4. The policy that lets exports in:\n\n{}\n", policy));
  if (const std::string of_key = connection::key_policy_of(wanted); !of_key.empty()) {
    print_note(fmt::format("The policy of the KMS key {}:\n\n{}\n", wanted.access.kms_key_id, of_key));
  }
  SPILLWAY_TRY(ask_for(
      "Set what is shown (spillway policy writes other formats), then press Enter. 4 of 4 verifies the access.", by));
  return {};
}

}  // namespace spillway::cli
