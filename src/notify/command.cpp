#include "notify/command.hpp"

#include "base/bytes.hpp"
#include "fs/program.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

namespace spillway::notify {
namespace {

constexpr std::size_t output_bytes_max = std::size_t{4} << 10;

// What the command has no use for, and what is set for it.
constexpr std::array<std::string_view, 4> left_out{
    "AWS_SECRET_ACCESS_KEY=", "AWS_SESSION_TOKEN=", "SPILLWAY_SMTP_URL=", "SPILLWAY_EVENT="};

std::vector<std::string> environment_for(incident_event event) {
  std::vector<std::string> variables;
  for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
    const std::string_view variable = *each;
    if (std::ranges::none_of(left_out, [variable](std::string_view name) { return variable.starts_with(name); })) {
      variables.emplace_back(variable);
    }
  }
  variables.push_back("SPILLWAY_EVENT=" + std::string(to_string(event)));
  return variables;
}

failure failed(errc code, std::string cause) {
  return {code, "running the command of --on-incident", std::move(cause),
          "run it by hand: it gets the incident as JSON on standard input"};
}

}  // namespace

result<std::string> run_incident_command(const std::string& command, const incident& about, incident_event event,
                                         std::chrono::milliseconds patience, const std::stop_token& stop) {
  fs::program shell;
  shell.words = {"/bin/sh", "-c", command};
  shell.input = to_json(about, event);
  shell.environment = environment_for(event);
  shell.group = fs::process_group::own;
  shell.streams = fs::output_streams::both;
  shell.excess = fs::excess_output::drop;
  shell.output_bytes_max = output_bytes_max;
  const auto ended = fs::run_program(shell, patience, stop);
  if (!ended) {
    const errc code = ended.error().code;
    return failed(code == errc::unavailable || code == errc::interrupted ? code : errc::io, ended.error().cause);
  }
  if (ended->signal != 0) {
    return failed(errc::io, fmt::format("it was ended by signal {}", ended->signal));
  }
  if (ended->exit_status != 0) {
    return failed(errc::io, fmt::format("it ended with status {}", ended->exit_status));
  }
  const std::size_t last = ended->output.find_last_not_of(" \r\n");
  return base::printable(std::string_view(ended->output).substr(0, last + 1), output_bytes_max);
}

}  // namespace spillway::notify
