// The form of a filter that people read. `and` binds tighter than `or`.
#include "record/filter_reader.hpp"
#include "record/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace spillway::record {
namespace {

using enum filter_operator;

class text_parser {
public:
  explicit text_parser(filter_reader& reader) : reader_(reader) {}

  // Terms joined by `or`, up to what joins no more.
  result<filter> parse_any() {
    const std::size_t begin = reader_.at();
    std::vector<filter> parts;
    do {
      SPILLWAY_TRY_ASSIGN(filter part, parse_all());
      parts.push_back(std::move(part));
    } while (reader_.take_keyword("or"));
    return join_at(begin, filter::shape::any, std::move(parts));
  }

private:
  // `and` and `or` nest without parentheses too.
  result<filter> join_at(std::size_t begin, filter::shape shape, std::vector<filter> parts) {
    filter joined = join(shape, std::move(parts));
    if (depth_of(joined) > filter_depth_max) {
      return reader_.fault(begin, fmt::format("more than {} of \"and\" and \"or\" in each other", filter_depth_max));
    }
    return joined;
  }

  result<filter> parse_all() {
    const std::size_t begin = reader_.at();
    std::vector<filter> parts;
    do {
      SPILLWAY_TRY_ASSIGN(filter part, parse_term());
      parts.push_back(std::move(part));
    } while (reader_.take_keyword("and"));
    return join_at(begin, filter::shape::all, std::move(parts));
  }

  result<filter> parse_term() {
    const std::size_t open = reader_.at();
    if (!reader_.take('(')) {
      return parse_condition();
    }
    if (++depth_ > filter_depth_max) {
      return reader_.fault(open, fmt::format("more than {} parentheses in each other", filter_depth_max));
    }
    SPILLWAY_TRY_ASSIGN(filter inner, parse_any());
    if (!reader_.take(')')) {
      return reader_.expected_here("'and', 'or' or ')'");
    }
    --depth_;
    return inner;
  }

  result<filter> parse_condition() {
    filter_condition condition;
    condition_places places;
    SPILLWAY_TRY(parse_subject(condition, places));
    places.comparison = reader_.at();
    SPILLWAY_TRY_ASSIGN(condition.comparison, parse_operator());
    places.list = reader_.at();
    if (reader_.here() == '[') {
      SPILLWAY_TRY(reader_.read_list(condition.values, places.values));
    } else {
      places.values.push_back(reader_.at());
      SPILLWAY_TRY_ASSIGN(filter_value value, parse_value());
      condition.values.push_back(std::move(value));
    }
    return reader_.finish(std::move(condition), places);
  }

  result<void> parse_subject(filter_condition& condition, condition_places& places) {
    places.column = reader_.at();
    const std::string_view name = reader_.take_word();
    if (name.empty()) {
      return reader_.expected_here("a column or '('", "begin with a column, as event_type is \"purchase\"");
    }
    SPILLWAY_TRY_ASSIGN(condition.which, read_column(reader_, places.column, name));
    reader_.skip_space();
    places.property = reader_.at();
    while (reader_.take('.')) {
      SPILLWAY_TRY_ASSIGN(std::string key, parse_key());
      condition.property.push_back(std::move(key));
      reader_.skip_space();
    }
    return {};
  }

  result<std::string> parse_key() {
    if (reader_.here() == '"') {
      return reader_.read_string();
    }
    const std::string_view key = reader_.take_word();
    if (key.empty()) {
      return reader_.expected_here("the name of a property",
                                   "put other names than of letters, digits, _, - and $ in double quotes");
    }
    return std::string(key);
  }

  result<filter_operator> parse_operator() {
    if (reader_.take_keyword("is")) {
      return reader_.take_keyword("not") ? is_not : is;
    }
    if (reader_.take_keyword("contains")) {
      return contains;
    }
    if (reader_.take_keyword("does")) {
      return parse_rest({"not", "contain"}, does_not_contain);
    }
    if (reader_.take_keyword("set")) {
      SPILLWAY_TRY(parse_rest({"is"}, set_is));
      return reader_.take_keyword("not") ? set_is_not : set_is;
    }
    if (reader_.take_keyword("less")) {
      return reader_.take_keyword("or") ? parse_rest({"equal"}, less_or_equal) : less;
    }
    if (reader_.take_keyword("greater")) {
      return reader_.take_keyword("or") ? parse_rest({"equal"}, greater_or_equal) : greater;
    }
    return reader_.expected_here("an operator", "write one of: " + std::string(operator_names));
  }

  result<filter_operator> parse_rest(std::initializer_list<std::string_view> words, filter_operator complete) {
    for (const std::string_view word : words) {
      if (!reader_.take_keyword(word)) {
        return reader_.expected_here(fmt::format("'{}'", word), "write one of: " + std::string(operator_names));
      }
    }
    return complete;
  }

  // `(none)` is how Amplitude's pages show null.
  result<filter_value> parse_value() {
    if (!reader_.take('(')) {
      return reader_.read_value("a value");
    }
    if (!reader_.take_keyword("none") || !reader_.take(')')) {
      return reader_.expected_here("'none)'", "write (none) or null for what is absent");
    }
    return filter_value{};
  }

  filter_reader& reader_;
  int depth_ = 0;
};

void append_key(std::string_view key, std::string& out) {
  const filter_reader reader(key, letters::as_they_are);
  if (!key.empty() && reader.word() == key) {
    out += key;
  } else {
    append_quoted(key, out);
  }
}

void append_condition_text(const filter_condition& condition, std::string& out) {
  out += info_of(condition.which).name;
  for (const std::string& key : condition.property) {
    out += '.';
    append_key(key, out);
  }
  out += ' ';
  out += to_string(condition.comparison);
  out += ' ';
  const bool is_list = condition.values.size() != 1;
  out += is_list ? "[" : "";
  for (std::size_t i = 0; i < condition.values.size(); ++i) {
    out += i == 0 ? "" : ", ";
    append_filter_value(condition.values[i], out);
  }
  out += is_list ? "]" : "";
}

void append_text(const filter& whole, std::string& out) {
  if (whole.is == filter::shape::condition) {
    append_condition_text(whole.condition, out);
    return;
  }
  for (std::size_t i = 0; i < whole.parts.size(); ++i) {
    if (i > 0) {
      out += whole.is == filter::shape::all ? " and " : " or ";
    }
    // `or` inside of `and`; the other way round would do without, and is easier to read with.
    const bool is_joined = whole.parts[i].is != filter::shape::condition;
    out += is_joined ? "(" : "";
    append_text(whole.parts[i], out);
    out += is_joined ? ")" : "";
  }
}

}  // namespace

result<filter> parse_filter_text(filter_reader& reader) {
  reader.skip_space();
  SPILLWAY_TRY_ASSIGN(filter whole, text_parser(reader).parse_any());
  return reader.is_end() ? result<filter>(std::move(whole)) : reader.expected_here("'and', 'or' or the end");
}

std::string to_text(const filter& whole) {
  std::string out;
  append_text(whole, out);
  return out;
}

}  // namespace spillway::record
