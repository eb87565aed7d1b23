#include "cli/verb_names.hpp"

#include "base/bytes.hpp"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include <fmt/format.h>

namespace spillway::cli {
namespace {

// They are answered without a verb.
bool asks_for_help(std::string_view word) {
  constexpr std::string_view words[] = {"-h", "--help", "--help-all", "--version"};
  return std::ranges::find(words, word) != std::end(words);
}

failure no_such_verb(const command_facts& group, const std::string& path, const std::string& typed) {
  std::vector<std::string> known;
  for (const command_facts& each : group.commands) {
    known.push_back(each.name);
  }
  const auto meant = nearest_word(typed, known);
  return {errc::usage, "reading the command line",
          "there is no verb " + base::printable(path.empty() ? typed : path + ' ' + typed),
          meant ? fmt::format("{} {}", group.path, *meant) : fmt::format("{} --help lists them", group.path)};
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Row by row of the table of distances between the fronts of both.
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t k = 0; k < b.size(); ++k) {
      const std::size_t changed = diagonal + (a[i] == b[k] ? 0 : 1);
      diagonal = row[k + 1];
      row[k + 1] = std::min({changed, row[k] + 1, row[k + 1] + 1});
    }
  }
  return row.back();
}

std::optional<std::string> nearest_word(std::string_view typed, const std::vector<std::string>& known) {
  const std::size_t distance_max = typed.size() < 4 ? 1 : 2;
  const auto distance = [typed](const std::string& each) { return edit_distance(typed, each); };
  const auto nearest = std::ranges::min_element(known, {}, distance);
  return nearest != known.end() && distance(*nearest) <= distance_max ? std::optional(*nearest) : std::nullopt;
}

std::vector<std::string> with_help_behind(std::vector<std::string> words) {
  if (!words.empty() && words.front() == "help") {
    words.erase(words.begin());
    words.emplace_back("--help");
  }
  return words;
}

result<void> check_verb(const command_facts& root, const std::vector<std::string>& words) {
  const command_facts* at = &root;
  std::string path;  // "org", behind the program's name
  for (const std::string& word : words) {
    if (at->commands.empty()) {
      return {};
    }
    if (word.starts_with('-')) {
      continue;
    }
    const auto found = std::ranges::find(at->commands, word, &command_facts::name);
    if (found == at->commands.end()) {
      return no_such_verb(*at, path, word);
    }
    at = &*found;
    path += path.empty() ? word : ' ' + word;
  }
  if (at->commands.empty() || std::ranges::any_of(words, asks_for_help)) {
    return {};
  }
  return failure{errc::usage, "reading the command line", path.empty() ? "no verb is named" : "which verb of " + path,
                 fmt::format("{} --help lists them", at->path)};
}

}  // namespace spillway::cli
