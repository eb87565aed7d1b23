// spillway man: the manual, made of the same facts as --help.
#include "cli/man.hpp"

#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "fs/atomic_file.hpp"
#include "fs/directory.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json.hpp>

#ifndef SPILLWAY_VERSION
#error "the build says which version this is"
#endif

namespace spillway::cli {
namespace {

// A dash would become a hyphen, which nobody can type; a dot or a quote at the start of a line is a command of roff.
std::string roff(std::string_view text) {
  std::string made = text.starts_with('.') || text.starts_with('\'') ? "\\&" : "";
  for (const char each : text) {
    made += each == '\\' ? "\\e" : each == '-' ? "\\-" : std::string(1, each);
  }
  return made;
}

std::string bold(std::string_view text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + roff(text) + "\\fR"; }

std::string dashed(std::string path) {
  std::ranges::replace(path, ' ', '-');
  return path;
}

std::string sentence(std::string text) { return text.empty() || text.ends_with('.') ? text : text + '.'; }

// "spillway export [OPTION ...] PATH ..."
std::string synopsis(const command_facts& command) {
  std::string line = bold(command.path);
  if (!command.commands.empty()) {
    line += ' ' + italic("VERB");
  }
  line += " [" + italic("OPTION") + " ...]";
  for (const option_facts& each : command.options) {
    if (each.is_positional) {
      const std::string name = italic(each.names.front()) + (each.is_repeatable ? " ..." : "");
      line += each.is_required ? ' ' + name : " [" + name + ']';
    }
  }
  return line + '\n';
}

std::string entry_of(const option_facts& option) {
  std::vector<std::string> names;
  for (const std::string& each : option.names) {
    names.push_back(option.is_positional ? italic(each) : bold(each));
  }
  std::string text = fmt::format(".TP\n{}", fmt::join(names, ", "));
  if (!option.is_positional && !option.value.empty()) {
    text += ' ' + italic(option.value);
  }
  text += '\n' + roff(sentence(option.description));
  if (!option.choices.empty()) {
    text += fmt::format("\nOne of {}.", roff(fmt::format("{}", fmt::join(option.choices, ", "))));
  }
  if (!option.default_value.empty()) {
    text += fmt::format("\nDefault: {}.", roff(option.default_value));
  }
  return text + '\n';
}

std::string entries_of(const command_facts& command) {
  std::string text;
  for (const option_facts& each : command.options) {
    text += entry_of(each);
  }
  return text;
}

std::string without_stop(std::string_view text) {
  return std::string(text.ends_with('.') ? text.substr(0, text.size() - 1) : text);
}

std::string heading(const command_facts& command, std::string_view version) {
  std::string title = dashed(command.path);
  std::ranges::transform(title, title.begin(),
                         [](unsigned char each) { return static_cast<char>(std::toupper(each)); });
  return fmt::format(".TH {} 1 \"\" \"{}\" \"Spillway\"\n.SH NAME\n{} \\- {}\n", roff(title), roff(version),
                     roff(dashed(command.path)), roff(without_stop(command.description)));
}

std::string references(const std::vector<std::string>& pages) {
  std::string text = ".SH SEE ALSO\n";
  for (const std::string& each : pages) {
    text += fmt::format(".BR {} (1){}\n", roff(each), &each == &pages.back() ? "" : ",");
  }
  return text;
}

constexpr std::string_view program_sections =
    ".SH EXIT STATUS\n"
    ".TP\n0\nDone.\n"
    ".TP\n1\nFailed.\n"
    ".TP\n2\nWrong usage.\n"
    ".TP\n3\nAccess was denied; the message names the permission.\n"
    ".TP\n4\nDone, but some input lines were rejected.\n"
    ".TP\n130\nInterrupted. \\fBspillway run\\fR without \\fB\\-\\-once\\fR ends with 0.\n"
    ".TP\n141\nStandard output was closed, as by head(1).\n"
    ".SH ENVIRONMENT\n"
    ".TP\n\\fBSPILLWAY_STATE\\fR\nThe state file, if \\fB\\-\\-state\\fR does not name one.\n"
    ".TP\n\\fBSPILLWAY_SMTP_URL\\fR\nThe mail server of \\fBspillway run\\fR, if "
    "\\fB\\-\\-smtp\\-file\\fR does not name one.\n"
    ".TP\n\\fBAWS_ACCESS_KEY_ID\\fR, \\fBAWS_SECRET_ACCESS_KEY\\fR, \\fBAWS_SESSION_TOKEN\\fR\nCredentials for S3.\n"
    ".TP\n\\fBAWS_DEFAULT_PROFILE\\fR, \\fBAWS_PROFILE\\fR\n"
    "The profile, if neither \\fB\\-\\-profile\\fR names one nor those variables hold keys; the first of the two goes "
    "before.\n"
    ".TP\n\\fBAWS_SHARED_CREDENTIALS_FILE\\fR, \\fBAWS_CONFIG_FILE\\fR\n"
    "Where profiles are, if not in \\fI~/.aws/credentials\\fR and \\fI~/.aws/config\\fR; \\fI~\\fR is \\fBHOME\\fR.\n"
    ".TP\n\\fBAWS_REGION\\fR, \\fBAWS_DEFAULT_REGION\\fR\nThe region, if \\fB\\-\\-region\\fR does not name one.\n"
    ".TP\n\\fBAWS_ENDPOINT_URL_S3\\fR, \\fBAWS_ENDPOINT_URL\\fR\n"
    "Another S3 service than AWS's, if \\fB\\-\\-endpoint\\-url\\fR does not name one.\n"
    ".TP\n\\fBAWS_ENDPOINT_URL_STS\\fR\n"
    "Where roles are assumed, whatever \\fB\\-\\-endpoint\\-url\\fR says; without it at \\fBAWS_ENDPOINT_URL\\fR.\n"
    ".TP\n\\fBAWS_IGNORE_CONFIGURED_ENDPOINT_URLS\\fR\n"
    "\\fItrue\\fR: endpoints of these variables and of profiles are passed over.\n"
    ".TP\n\\fBAWS_CA_BUNDLE\\fR\nAuthorities to trust, if \\fB\\-\\-ca\\-bundle\\fR does not name them.\n"
    ".TP\n\\fBSPILLWAY_EVENT\\fR\nIs set for the command of \\fB\\-\\-on\\-incident\\fR: "
    "\\fIblocked\\fR or \\fIrecovered\\fR.\n"
    ".TP\n\\fBTMPDIR\\fR\nWhere a dry run has its copy of the state file, if not in \\fI/tmp\\fR.\n"
    ".TP\n\\fBTERM\\fR\nWhere it is \\fBdumb\\fR, no progress is shown.\n"
    ".SH FILES\n"
    ".TP\n\\fI./spillway.db\\fR\nThe state file, if nothing names another one.\n";

man_page page_of_program(const command_facts& root, std::string_view version) {
  std::string text = heading(root, version);
  text += ".SH SYNOPSIS\n" + synopsis(root) + ".SH DESCRIPTION\n" + roff(sentence(root.description)) + "\n.SH VERBS\n";
  std::vector<std::string> pages;
  for (const command_facts& each : root.commands) {
    text += fmt::format(".TP\n{}\n{}\n", bold(each.name), roff(sentence(each.description)));
    pages.push_back(dashed(each.path));
  }
  text += ".SH OPTIONS\n" + entries_of(root);
  text += program_sections;
  return {root.name + ".1", text + references(pages)};
}

man_page page_of(const command_facts& command, const command_facts& root, std::string_view version) {
  std::string text = heading(command, version) + ".SH SYNOPSIS\n";
  if (command.commands.empty()) {
    text += synopsis(command);
  }
  for (const command_facts& each : command.commands) {
    text += synopsis(each) + (&each == &command.commands.back() ? "" : ".br\n");
  }
  text += ".SH DESCRIPTION\n" + roff(sentence(command.description)) + '\n';
  for (const command_facts& each : command.commands) {
    text += fmt::format(".SS {}\n{}\n{}", roff(each.path), roff(sentence(each.description)), entries_of(each));
  }
  text += ".SH OPTIONS\n" + entries_of(command);
  return {dashed(command.path) + ".1", text + references({root.name})};
}

}  // namespace

std::vector<man_page> man_pages(const command_facts& root, std::string_view version) {
  std::vector<man_page> pages = {page_of_program(root, version)};
  for (const command_facts& each : root.commands) {
    pages.push_back(page_of(each, root, version));
  }
  return pages;
}

namespace {

constexpr mode_t page_mode = 0644;

result<exit_status> man(const program& of, const std::string& directory, const session& with) {
  const auto pages = man_pages(cli::facts_of(of.app()), "spillway " SPILLWAY_VERSION);
  if (directory.empty()) {
    for (const man_page& each : pages) {
      SPILLWAY_TRY(print(each.text));
    }
    return exit_status::done;
  }
  SPILLWAY_TRY(fs::make_directories(directory));
  boost::json::array files;
  for (const man_page& each : pages) {
    const std::filesystem::path path = std::filesystem::path(directory) / each.file;
    SPILLWAY_TRY(fs::write_file(path, each.text, page_mode));
    files.emplace_back(path.string());
  }
  if (with.output == session::output::json) {
    SPILLWAY_TRY(print_json(boost::json::object{{"files", std::move(files)}}));
  }
  return exit_status::done;
}

}  // namespace

void add_man(program& to) {
  auto directory = std::make_shared<std::string>();
  CLI::App& verb = to.add_verb("man", "Print the manual, a page a verb, for man(1)", program::uses_state::no,
                               [&to, directory](session& with) { return man(to, *directory, with); });
  CLI::Option* output =
      verb.add_option("--output", *directory, "Write the pages into this directory")->type_name("DIR");
  verb.get_option("--json")->needs(output)->description("Print one JSON document with the names of the files");
}

}  // namespace spillway::cli
