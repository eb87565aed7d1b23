#include "cli/program.hpp"

#include "base/bytes.hpp"
#include "base/environment.hpp"
#include "base/exception.hpp"
#include "base/shell_word.hpp"
#include "base/shortage.hpp"
#include "cli/shared_options.hpp"
#include "cli/signals.hpp"
#include "cli/suggestion.hpp"
#include "cli/verb_names.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <sstream>

#include <fmt/format.h>

#ifndef SPILLWAY_VERSION
#error "the build says which version this is"
#endif

namespace spillway::cli {
namespace {

constexpr const char* verbs_group = "Verbs";  // their heading in --help

std::string default_state_path() { return base::system_environment()("SPILLWAY_STATE").value_or("spillway.db"); }

// " org create", as far as a command line that can't be taken was understood.
std::string path_of(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? std::string() : ' ' + chosen.front()->get_name() + path_of(*chosen.front());
}

void name_positionals_of(CLI::App& app) {
  for (CLI::Option* each : app.get_options()) {
    if (each->get_positional()) {
      each->type_name("");
    }
  }
  for (CLI::App* each : app.get_subcommands({})) {
    name_positionals_of(*each);
  }
}

failure output_failure(int error_number) {
  constexpr std::string_view doing = "writing to standard output";
  return error_number == EPIPE ? failure{errc::unread, std::string(doing), "it was closed", {}}
                               : base::from_errno(error_number, std::string(doing));
}

std::string_view hint_of(const failure& failed) {
  return failed.hint.empty() ? base::hint_for(failed.code) : std::string_view(failed.hint);
}

result<exit_status> flushed(exit_status ended) {
  return std::fflush(stdout) == 0 ? result<exit_status>(ended) : output_failure(errno);
}

}  // namespace

exit_status status_of(const failure& failed) {
  switch (failed.code) {
    case errc::usage: return exit_status::wrong_usage;
    case errc::denied: return exit_status::denied;
    case errc::interrupted: return exit_status::interrupted;
    case errc::unread: return exit_status::unread;
    default: return exit_status::failed;
  }
}

program::program(std::stop_token stop)
    : app_("Delivers raw events hour by hour, as files like those of Amplitude's Amazon S3 destination.", "spillway"),
      stop_(std::move(stop)) {
  app_.set_version_flag("--version", "spillway " SPILLWAY_VERSION);
  app_.require_subcommand(1);
  app_.get_formatter()->label("SUBCOMMAND", "VERB");
  app_.set_help_all_flag("--help-all", "The help of every verb");
}

CLI::App& program::add_group(const std::string& name, const std::string& description) {
  CLI::App& group = *app_.add_subcommand(name, description)->group(verbs_group);
  group.require_subcommand(1);
  return group;
}

CLI::App& program::add_verb(const std::string& name, const std::string& description, uses_state with_state,
                            verb_body body) {
  return add_verb(app_, name, description, with_state, std::move(body));
}

CLI::App& program::add_verb(CLI::App& group, const std::string& name, const std::string& description,
                            uses_state with_state, verb_body body) {
  CLI::App& verb = *group.add_subcommand(name, description)->group(verbs_group);
  if (with_state == uses_state::yes) {
    verb.add_option("--state", state_path_, "The state file (default: $SPILLWAY_STATE, else ./spillway.db)")
        ->type_name("FILE");
  }
  verb.add_option("--now", now_, "The clock of this one command, like 2020-01-25T18:30:00Z")
      ->type_name("TIME")
      ->check(not_empty());
  verb.add_flag("--json", json_, "Print one JSON document");
  bodies_[&verb] = std::move(body);
  return verb;
}

void program::name_positionals() { name_positionals_of(app_); }

result<session> program::open_session() const {
  session opened;
  opened.state_path = state_path_.empty() ? default_state_path() : state_path_;
  opened.suggested = [this](std::string text) { return suggested(std::move(text)); };
  opened.output = json_ ? session::output::json : session::output::text;
  opened.stop = stop_;
  opened.aws = aws_;
  if (now_.empty()) {
    opened.clock = std::make_unique<base::system_clock>();
    return opened;
  }
  const auto now = base::parse_timestamp(now_);
  if (!now) {
    return failure{errc::usage, "reading --now", fmt::format("{} is not a time", base::printable(now_)),
                   "write it like 2020-01-25T18:30:00Z"};
  }
  opened.clock = std::make_unique<base::fixed_clock>(*now);
  return opened;
}

std::string program::suggested(std::string text) const {
  return state_path_.empty()
             ? text
             : with_state_option(std::move(text), facts_of(app_), " --state " + base::shell_word(state_path_));
}

int program::run(int argc, char** argv) {
  std::vector<std::string> words = with_help_behind({argv + std::min(argc, 1), argv + argc});
  if (const auto checked = check_verb(facts_of(app_), words); !checked) {
    print_failure(checked.error());
    return static_cast<int>(exit_status::wrong_usage);
  }
  std::ranges::reverse(words);  // as CLI11 wants them
  try {
    app_.parse(std::move(words));
  } catch (const CLI::Success& ended) {
    return print_help(ended);
  } catch (const CLI::ParseError& ended) {
    print_failure(
        {errc::usage, "reading the command line", ended.what(), fmt::format("spillway{} --help", path_of(app_))});
    return static_cast<int>(exit_status::wrong_usage);
  }
  const CLI::App* chosen = &app_;
  while (!chosen->get_subcommands().empty()) {
    chosen = chosen->get_subcommands().front();
  }
  const auto ended = [&]() -> result<exit_status> {
    SPILLWAY_TRY_ASSIGN(session opened, open_session());
    SPILLWAY_TRY_ASSIGN(const exit_status done, bodies_.at(chosen)(opened));
    return flushed(done);
  }();
  if (!ended && ended.error().code != errc::unread) {
    failure failed = ended.error();
    failed.hint = suggested(std::string(hint_of(failed)));
    print_failure(failed);
  }
  return static_cast<int>(ended ? *ended : status_of(ended.error()));
}

int program::print_help(const CLI::Success& asked) {
  std::ostringstream text;
  app_.exit(asked, text, text);
  const auto printed = [&]() -> result<exit_status> {
    SPILLWAY_TRY(print(text.str()));
    return flushed(exit_status::done);
  }();
  if (!printed && printed.error().code != errc::unread) {
    print_failure(printed.error());
  }
  return static_cast<int>(printed ? *printed : status_of(printed.error()));
}

void without_json(CLI::App& verb) { verb.remove_option(verb.get_option("--json")); }

result<std::uint64_t> file_bytes(const std::filesystem::path& path) {
  std::error_code unknown;
  const auto bytes = std::filesystem::file_size(path, unknown);
  if (unknown) {
    return base::from_errno(unknown.value(), "looking at " + path.string());
  }
  return bytes;
}

void print_note(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

void print_failure(const failure& failed) {
  print_note(fmt::format("error: {}\n", base::printable(failed.text(), base::shown_line_bytes_max)));
  const std::string_view hint = hint_of(failed);
  if (!hint.empty()) {
    print_note(fmt::format("try: {}\n", base::printable(hint, base::shown_line_bytes_max)));
  }
}

result<void> print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) {
    return output_failure(errno);
  }
  return {};
}

int run(int argc, char** argv) {
  try {
    const signal_watch signals;
    program made(signals.token());
    add_verbs(made);
    return made.run(argc, argv);
  } catch (const std::exception& thrown) {
    print_failure(base::failure_of(thrown, "running spillway"));
    return static_cast<int>(exit_status::failed);
  }
}

}  // namespace spillway::cli
