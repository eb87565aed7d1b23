#include "bucket/shell_words.hpp"

namespace spillway::bucket {

std::optional<std::vector<std::string>> shell_words(std::string_view line) {
  constexpr std::string_view blanks = " \t\r\n";
  std::vector<std::string> words;
  bool is_in_word = false;
  char quote = 0;
  for (std::size_t at = 0; at < line.size(); ++at) {
    const char c = line[at];
    if (quote == 0 && blanks.find(c) != std::string_view::npos) {
      is_in_word = false;
      continue;
    }
    if (!is_in_word) {
      words.emplace_back();
      is_in_word = true;
    }
    const bool is_quote = c == '\'' || c == '"';
    if (is_quote && (quote == 0 || quote == c)) {
      quote = quote == 0 ? c : 0;
    } else if (c == '\\' && quote != '\'') {
      if (++at == line.size()) {
        return std::nullopt;
      }
      const bool is_kept = quote == '"' && line[at] != '"' && line[at] != '\\';
      words.back() += is_kept ? std::string{c, line[at]} : std::string{line[at]};
    } else {
      words.back() += c;
    }
  }
  return quote == 0 ? std::optional(std::move(words)) : std::nullopt;
}

}  // namespace spillway::bucket
