// What the two forms of a filter have in common while they are read: characters, words, values, places, limits.
// Internal to record/filter*.cpp.
#pragma once

#include "record/filter.hpp"

#include "base/time.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::record {

// Where the parts of a condition stand in the text, as bytes from 0: a fault of what they mean points there.
struct condition_places {
  std::size_t column = 0;
  std::size_t property = 0;
  std::size_t comparison = 0;
  std::size_t list = 0;  // of the values, or of the only one
  std::vector<std::size_t> values;
};

// Whether keywords may be written in capitals: JSON's may not.
enum class letters : std::uint8_t { as_they_are, any_case };

// Goes over a text from its front. The text is valid UTF-8 and stays as it is.
class filter_reader {
public:
  filter_reader(std::string_view text, letters keywords) : text_(text), keywords_(keywords) {}

  std::size_t at() const { return at_; }
  bool is_end() const { return at_ == text_.size(); }
  char here() const { return is_end() ? '\0' : text_[at_]; }

  void skip_space();
  // Passes over `c`, and over the white space behind it.
  bool take(char c);
  // The letters, digits, '_', '-' and '$' that stand here.
  std::string_view word() const;
  std::string_view take_word();
  // Passes over the word if it stands here, and over the white space behind it.
  bool take_keyword(std::string_view keyword);

  // What stands in quotes here, unescaped.
  result<std::string> read_string();
  // A string, a number, true, false or null, and the white space behind it. `expected` names it in a failure.
  result<filter_value> read_value(std::string_view expected);
  // `[` values `]`, appended.
  result<void> read_list(std::vector<filter_value>& values, std::vector<std::size_t>& places);

  // Takes a condition to account, and refuses what can't be meant.
  result<filter> finish(filter_condition condition, const condition_places& places);

  failure fault(std::size_t byte, std::string_view what, std::string hint = {}) const;
  // "at character 17: an operator is expected here, not "foo"".
  failure expected_here(std::string_view what, std::string hint = {}) const;

private:
  result<filter_value> read_number();

  std::string_view text_;
  letters keywords_;
  std::size_t at_ = 0;
  std::size_t conditions_ = 0;
  std::size_t values_ = 0;
};

// Joins parts in the form that `filter` describes. REQUIRES: at least one part.
filter join(filter::shape shape, std::vector<filter> parts);
// How many "all" and "any" are in each other.
int depth_of(const filter& whole);

// What is wrong with a condition, with the place it stands at.
struct condition_fault {
  std::size_t byte = 0;
  std::string what;
  std::string hint;
};
std::optional<condition_fault> find_fault(const filter_condition& condition, const condition_places& places);

// The failure for a name that is no column: it proposes what may have been meant.
failure unknown_column(const filter_reader& reader, std::size_t byte, std::string_view name);
// The column of this name, which stands at `byte`.
result<column> read_column(const filter_reader& reader, std::size_t byte, std::string_view name);

// The instant in a time, or at the start of a date, as a filter gives it: "2020-01-25", "2020-01-25 17:00:00".
std::optional<base::instant> parse_filter_time(std::string_view text);

result<filter> parse_filter_text(filter_reader& reader);
result<filter> parse_filter_json(filter_reader& reader);

inline constexpr std::string_view operator_names =
    "is, is not, contains, does not contain, less, less or equal, greater, greater or equal, set is, set is not";

// Appends a value as JSON, which is also how text has it.
void append_filter_value(const filter_value& value, std::string& out);

}  // namespace spillway::record
