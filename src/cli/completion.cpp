// spillway completion: a script for the shell, made of the same facts as --help.
#include "cli/completion.hpp"

#include "cli/program.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace spillway::cli {
namespace {

// 'it'\''s': as sh and zsh read it.
std::string shell_quoted(std::string_view text) {
  std::string made = "'";
  for (const char each : text) {
    made += each == '\'' ? "'\\''" : std::string(1, each);
  }
  return made + '\'';
}

// fish knows two escapes in single quotes.
std::string fish_quoted(std::string_view text) {
  std::string made = "'";
  for (const char each : text) {
    made += each == '\'' || each == '\\' ? std::string{'\\', each} : std::string(1, each);
  }
  return made + '\'';
}

bool is_file(const option_facts& option) {
  static constexpr std::array<std::string_view, 5> files = {"FILE", "DIR", "INPUT", "DEST", "PATH"};
  return std::ranges::find(files, option.value) != files.end();
}

bool takes_files(const command_facts& command) {
  return std::ranges::any_of(command.options,
                             [](const option_facts& each) { return each.is_positional && is_file(each); });
}

// What may stand at a place without a dash, with descriptions: commands, or the choices of positionals.
struct word {
  std::string text;
  std::string description;
};
std::vector<word> words_at(const command_facts& command) {
  std::vector<word> all;
  for (const command_facts& each : command.commands) {
    all.push_back({each.name, each.description});
  }
  for (const option_facts& each : command.options) {
    if (each.is_positional) {
      std::ranges::transform(each.choices, std::back_inserter(all),
                             [](const std::string& choice) { return word{choice, ""}; });
    }
  }
  return all;
}

std::string joined_words(const command_facts& command) {
  std::string all;
  for (const word& each : words_at(command)) {
    all += all.empty() ? each.text : ' ' + each.text;
  }
  return all;
}

std::string joined_options(const command_facts& command) {
  std::string all;
  for (const option_facts& each : command.options) {
    if (!each.is_positional) {
      all += fmt::format("{}{}", all.empty() ? "" : " ", fmt::join(each.names, " "));
    }
  }
  return all;
}

// 'spillway export' | 'spillway org' | ...: every place that a word can lead to.
std::string places_below(const command_facts& root, std::string_view separator) {
  std::vector<std::string> all;
  for_each_command(root, [&](const command_facts& each) {
    if (&each != &root) {
      all.push_back(shell_quoted(each.path));
    }
  });
  return fmt::format("{}", fmt::join(all, separator));
}

// One branch of a case for every option of `root` and below that takes a value: `branch` says what is done in it.
template <class Branch>
std::string value_branches(const command_facts& root, const Branch& branch) {
  std::string all;
  for_each_command(root, [&](const command_facts& command) {
    for (const option_facts& each : command.options) {
      if (each.is_positional || each.value.empty()) {
        continue;
      }
      std::vector<std::string> patterns;
      for (const std::string& name : each.names) {
        patterns.push_back(shell_quoted(command.path + ' ' + name));
      }
      all += fmt::format("    {}) {} ;;\n", fmt::join(patterns, " | "), branch(each));
    }
  });
  return all;
}

// One branch for every command.
template <class Branch>
std::string command_branches(const command_facts& root, const Branch& branch) {
  std::string all;
  for_each_command(root, [&](const command_facts& command) {
    all += fmt::format("    {}) {} ;;\n", shell_quoted(command.path), branch(command));
  });
  return all;
}

// Without anything to offer, `complete -o default` offers files, unless that is taken away.
constexpr std::string_view no_files = "compopt +o default 2>/dev/null";

std::string bash_value(const option_facts& option) {
  if (!option.choices.empty()) {
    return fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$word\")); {}; return", fmt::join(option.choices, " "),
                       no_files);
  }
  return is_file(option) ? "return" : fmt::format("{}; return", no_files);
}

std::string bash_words(const command_facts& command) {
  return takes_files(command) ? fmt::format("words='{}'", joined_words(command))
                              : fmt::format("words='{}'; {}", joined_words(command), no_files);
}

std::string zsh_value(const option_facts& option) {
  if (!option.choices.empty()) {
    return fmt::format("found=({}); compadd -a found; return", fmt::join(option.choices, " "));
  }
  return is_file(option) ? "_files; return" : fmt::format("_message {}; return", shell_quoted(option.value));
}

std::string zsh_item(std::string_view name, std::string_view description) {
  return shell_quoted(fmt::format("{}:{}", name, description));
}

std::string zsh_options(const command_facts& command) {
  std::vector<std::string> items;
  for (const option_facts& each : command.options) {
    if (!each.is_positional) {
      std::ranges::transform(each.names, std::back_inserter(items),
                             [&](const std::string& name) { return zsh_item(name, each.description); });
    }
  }
  return fmt::format("found=({})", fmt::join(items, " "));
}

std::string zsh_words(const command_facts& command) {
  std::vector<std::string> items;
  for (const word& each : words_at(command)) {
    items.push_back(zsh_item(each.text, each.description));
  }
  if (items.empty()) {
    return takes_files(command) ? "_files" : ":";
  }
  return fmt::format("found=({}); _describe word found", fmt::join(items, " "));
}

std::string fish_option(const option_facts& option) {
  std::string made;
  for (const std::string& name : option.names) {
    made += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (!option.choices.empty()) {
    made += fmt::format(" -x -a '{}'", fmt::join(option.choices, " "));
  } else if (!option.value.empty()) {
    made += is_file(option) ? " -r -F" : " -x";
  }
  return made + " -d " + fish_quoted(option.description);
}

std::string fish_command(const command_facts& command) {
  const std::string start = fmt::format("complete -c spillway -n 'test (__spillway_place) = \"{}\"'", command.path);
  std::string all;
  for (const word& each : words_at(command)) {
    all += fmt::format("{} -a {} -d {}\n", start, each.text, fish_quoted(each.description));
  }
  for (const option_facts& each : command.options) {
    if (!each.is_positional) {
      all += start + fish_option(each) + '\n';
    }
  }
  return takes_files(command) ? all + start + " -F\n" : all;
}

}  // namespace

std::string bash_completion(const command_facts& root) {
  std::string script =
      "# Completion of spillway for bash: source it, or save it as\n"
      "# ~/.local/share/bash-completion/completions/spillway\n"
      "_spillway() {\n"
      "  local place=spillway word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words= i\n"
      "  # \"--record=doc\" comes as three words.\n"
      "  if [[ $word == = ]]; then\n"
      "    word=\n"
      "  elif [[ $before == = && COMP_CWORD -ge 2 ]]; then\n"
      "    before=${COMP_WORDS[COMP_CWORD-2]}\n"
      "  fi\n"
      "  for ((i = 1; i < COMP_CWORD; ++i)); do\n"
      "    case \"$place ${COMP_WORDS[i]}\" in\n";
  script += fmt::format("      {}) place=\"$place ${{COMP_WORDS[i]}}\" ;;\n", places_below(root, " | "));
  script +=
      "    esac\n"
      "  done\n"
      "  COMPREPLY=()\n"
      "  case \"$place $before\" in\n";
  script += value_branches(root, bash_value);
  script +=
      "  esac\n"
      "  if [[ $word == -* ]]; then\n"
      "    case \"$place\" in\n";
  script +=
      command_branches(root, [](const command_facts& each) { return fmt::format("words='{}'", joined_options(each)); });
  script +=
      "    esac\n"
      "  else\n"
      "    case \"$place\" in\n";
  script += command_branches(root, bash_words);
  return script +
         "    esac\n"
         "  fi\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
         "}\n"
         "complete -o default -F _spillway spillway\n";
}

std::string zsh_completion(const command_facts& root) {
  std::string script =
      "#compdef spillway\n"
      "# Completion of spillway for zsh: save it as _spillway in a directory of $fpath, or source it after compinit.\n"
      "_spillway() {\n"
      "  local place=spillway before=${words[CURRENT-1]} i\n"
      "  local -a found\n"
      "  for ((i = 2; i < CURRENT; ++i)); do\n"
      "    case \"$place ${words[i]}\" in\n";
  script += fmt::format("      ({}) place=\"$place ${{words[i]}}\" ;;\n", places_below(root, " | "));
  script +=
      "    esac\n"
      "  done\n"
      "  case \"$place $before\" in\n";
  script += value_branches(root, zsh_value);
  script +=
      "  esac\n"
      "  if [[ ${words[CURRENT]} == -* ]]; then\n"
      "    case \"$place\" in\n";
  script += command_branches(root, zsh_options);
  script +=
      "    esac\n"
      "    _describe -o option found\n"
      "    return\n"
      "  fi\n"
      "  case \"$place\" in\n";
  script += command_branches(root, zsh_words);
  return script +
         "  esac\n"
         "}\n"
         "if [[ ${funcstack[1]} == _spillway ]]; then\n"
         "  _spillway \"$@\"\n"
         "else\n"
         "  compdef _spillway spillway\n"
         "fi\n";
}

std::string fish_completion(const command_facts& root) {
  std::string script =
      "# Completion of spillway for fish: save it as ~/.config/fish/completions/spillway.fish\n"
      "function __spillway_place\n"
      "  set -l place spillway\n"
      "  for word in (commandline -opc)\n"
      "    switch \"$place $word\"\n";
  script += fmt::format("      case {}\n", places_below(root, " "));
  script +=
      "        set place \"$place $word\"\n"
      "    end\n"
      "  end\n"
      "  echo $place\n"
      "end\n"
      "complete -c spillway -f\n";
  for_each_command(root, [&](const command_facts& each) { script += fish_command(each); });
  return script;
}

void add_completion(program& to) {
  auto shell = std::make_shared<std::string>();
  CLI::App& verb = to.add_verb("completion", "Print a script that completes the command line", program::uses_state::no,
                               [&to, shell](session&) -> result<exit_status> {
                                 const command_facts root = facts_of(to.app());
                                 SPILLWAY_TRY(print(*shell == "bash"  ? bash_completion(root)
                                                    : *shell == "zsh" ? zsh_completion(root)
                                                                      : fish_completion(root)));
                                 return exit_status::done;
                               });
  without_json(verb);
  verb.add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
}

}  // namespace spillway::cli
