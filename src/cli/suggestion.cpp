#include "cli/suggestion.hpp"

#include "cli/command_tree.hpp"

#include <algorithm>

namespace spillway::cli {
namespace {

constexpr std::string_view word_letters = "abcdefghijklmnopqrstuvwxyz-";
constexpr std::string_view ends_of_commands = ",;)|>\n";

bool has_state_option(const command_facts& verb) {
  return std::ranges::any_of(verb.options, [](const option_facts& each) {
    return std::ranges::find(each.names, "--state") != each.names.end();
  });
}

// Follows the words of `text` from `at` on, which is behind the program's name, to the end of the verb's name.
const command_facts& find_verb(const command_facts& root, std::string_view text, std::size_t& at) {
  const command_facts* found = &root;
  while (at < text.size() && text[at] == ' ') {
    const std::size_t end = std::min(text.find_first_not_of(word_letters, at + 1), text.size());
    const auto next = std::ranges::find(found->commands, text.substr(at + 1, end - at - 1), &command_facts::name);
    if (next == found->commands.end()) {
      break;
    }
    found = &*next;
    at = end;
  }
  return *found;
}

// Where the command ends: before a comma, a bracket and the like that no quotes enclose, or with the text.
std::size_t end_of_command(std::string_view text, std::size_t at) {
  bool is_quoted = false;
  for (; at < text.size(); ++at) {
    if (text[at] == '\\' && !is_quoted) {
      ++at;  // a quote, as in 'it'\''s'
    } else if (text[at] == '\'') {
      is_quoted = !is_quoted;
    } else if (!is_quoted && ends_of_commands.find(text[at]) != std::string_view::npos) {
      break;
    }
  }
  at = std::min(at, text.size());
  while (text[at - 1] == ' ') {
    --at;
  }
  return at;
}

}  // namespace

std::string with_state_option(std::string text, const command_facts& root, std::string_view state_option) {
  const std::string name = root.name + ' ';
  if (state_option.empty()) {
    return text;
  }
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at)) {
    const bool is_word = at == 0 || text[at - 1] == ' ' || text[at - 1] == '(';
    at += root.name.size();
    if (!is_word || !has_state_option(find_verb(root, text, at))) {
      continue;
    }
    const std::size_t end = end_of_command(text, at);
    const bool has_option = std::string_view(text).substr(at, end - at).find(" --state ") != std::string_view::npos;
    const std::string_view added = has_option ? std::string_view() : state_option;
    text.insert(end, added);
    at = end + added.size();
  }
  return text;
}

}  // namespace spillway::cli
