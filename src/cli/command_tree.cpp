#include "cli/command_tree.hpp"

#include <algorithm>
#include <string_view>

namespace spillway::cli {
namespace {

// CLI11 writes the type of an option as "FORM:{documented,observed}": its name, then what its checks say.
std::string value_name(std::string_view type) {
  const std::string_view name = type.substr(0, type.find(':'));
  return name.empty() ? "VALUE" : std::string(name);
}

std::vector<std::string> choices_in(std::string_view type) {
  const std::size_t opening = type.find(":{");
  const std::size_t closing = type.find('}', opening);
  if (opening == std::string_view::npos || closing == std::string_view::npos) {
    return {};
  }
  std::string_view rest = type.substr(opening + 2, closing - opening - 2);
  std::vector<std::string> choices;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    choices.emplace_back(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return choices;
}

std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& each : option.get_lnames()) {
    names.push_back("--" + each);
  }
  for (const std::string& each : option.get_snames()) {
    names.push_back("-" + each);
  }
  return names;
}

option_facts facts_of(const CLI::Option& option) {
  option_facts made;
  made.is_positional = !option.nonpositional();
  made.names = made.is_positional ? std::vector{option.get_name(true)} : names_of(option);
  made.is_required = option.get_required();
  made.is_repeatable = option.get_expected_max() >= CLI::detail::expected_max_vector_size;
  if (option.get_items_expected_max() != 0) {
    made.value = made.is_positional ? made.names.front() : value_name(option.get_type_name());
    made.choices = choices_in(option.get_type_name());
    made.default_value = option.get_default_str();
  }
  made.description = option.get_description();
  return made;
}

// An option without a group is hidden. An unnamed command is a group of options of its parent.
void add_options(const CLI::App& from, std::vector<option_facts>& to) {
  for (const CLI::Option* each : from.get_options()) {
    if (!each->get_group().empty()) {
      to.push_back(facts_of(*each));
    }
  }
}

command_facts facts_below(const CLI::App& app, const std::string& above) {
  command_facts made;
  made.name = app.get_name();
  made.path = above.empty() ? made.name : above + ' ' + made.name;
  made.description = app.get_description();
  add_options(app, made.options);
  for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (!each->get_name().empty() && !each->get_group().empty()) {
      made.commands.push_back(facts_below(*each, made.path));
    } else if (each->get_name().empty()) {
      add_options(*each, made.options);
    }
  }
  return made;
}

}  // namespace

command_facts facts_of(const CLI::App& app) { return facts_below(app, {}); }

}  // namespace spillway::cli
