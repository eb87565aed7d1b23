// The form of a filter that programs write. Members may stand in any order, and none twice.
#include "base/bytes.hpp"
#include "record/filter_reader.hpp"
#include "record/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace spillway::record {
namespace {

constexpr std::string_view shapes_hint =
    R"(write {"column":"event_type","operator":"is","values":["purchase"]}, {"all":[...]} or {"any":[...]})";

class json_filter_parser {
public:
  explicit json_filter_parser(filter_reader& reader) : reader_(reader) {}

  // A condition, {"all":[...]}, {"any":[...]}, or a list, which is "all".
  result<filter> parse_node() { return reader_.here() == '[' ? parse_parts(filter::shape::all) : parse_object(); }

private:
  enum member : std::uint8_t { column_name, property, operator_name, values, member_count };

  // What has come of a condition.
  struct unfinished {
    filter_condition condition;
    condition_places places;
    std::array<bool, member_count> has{};
  };

  result<filter> parse_parts(filter::shape shape) {
    const std::size_t open = reader_.at();
    if (!reader_.take('[')) {
      return reader_.expected_here("a list", std::string(shapes_hint));
    }
    if (++depth_ > filter_depth_max) {
      return reader_.fault(open, fmt::format("more than {} of \"all\" and \"any\" in each other", filter_depth_max));
    }
    std::vector<filter> parts;
    if (!reader_.take(']')) {
      do {
        SPILLWAY_TRY_ASSIGN(filter part, parse_node());
        parts.push_back(std::move(part));
      } while (reader_.take(','));
      if (!reader_.take(']')) {
        return reader_.expected_here("',' or ']'");
      }
    }
    if (parts.empty()) {
      return reader_.fault(open, "a list without a condition", std::string(shapes_hint));
    }
    --depth_;
    return join(shape, std::move(parts));
  }

  result<filter> parse_object() {
    const std::size_t open = reader_.at();
    if (!reader_.take('{')) {
      return reader_.expected_here("'{' or '['", std::string(shapes_hint));
    }
    const std::size_t begin = reader_.at();
    SPILLWAY_TRY_ASSIGN(const std::string name, parse_name());
    if (name != "all" && name != "any") {
      return parse_condition(open, begin, name);
    }
    SPILLWAY_TRY_ASSIGN(filter node, parse_parts(name == "all" ? filter::shape::all : filter::shape::any));
    return reader_.take('}') ? result<filter>(std::move(node)) : reader_.expected_here("'}'");
  }

  // `"name":`
  result<std::string> parse_name() {
    if (reader_.here() != '"') {
      return reader_.expected_here("a name in double quotes", std::string(shapes_hint));
    }
    SPILLWAY_TRY_ASSIGN(std::string name, reader_.read_string());
    reader_.skip_space();
    return reader_.take(':') ? result<std::string>(std::move(name)) : reader_.expected_here("':'");
  }

  // `begin` is where the first name stands, which is passed.
  result<filter> parse_condition(std::size_t open, std::size_t begin, std::string name) {
    unfinished part;
    SPILLWAY_TRY(parse_member(part, begin, name));
    while (reader_.take(',')) {
      begin = reader_.at();
      SPILLWAY_TRY_ASSIGN(name, parse_name());
      SPILLWAY_TRY(parse_member(part, begin, name));
    }
    if (!reader_.take('}')) {
      return reader_.expected_here("',' or '}'");
    }
    static constexpr std::array<std::string_view, member_count> names = {"column", "property", "operator", "values"};
    for (const member needed : {column_name, operator_name, values}) {
      if (!part.has[needed]) {
        return reader_.fault(open, fmt::format("a condition without \"{}\"", names[needed]), std::string(shapes_hint));
      }
    }
    return reader_.finish(std::move(part.condition), part.places);
  }

  result<void> parse_member(unfinished& part, std::size_t begin, std::string_view name) {
    if (name == "column") {
      SPILLWAY_TRY(once(part, column_name, begin));
      return parse_column(part);
    }
    if (name == "property") {
      SPILLWAY_TRY(once(part, property, begin));
      return parse_property(part);
    }
    if (name == "operator") {
      SPILLWAY_TRY(once(part, operator_name, begin));
      return parse_operator(part);
    }
    if (name == "values") {
      SPILLWAY_TRY(once(part, values, begin));
      part.places.list = reader_.at();
      return reader_.read_list(part.condition.values, part.places.values);
    }
    return reader_.fault(begin,
                         fmt::format("a condition has no \"{}\"", base::printable(name, base::shown_word_bytes_max)),
                         std::string(shapes_hint));
  }

  result<void> once(unfinished& part, member which, std::size_t begin) {
    return std::exchange(part.has[which], true) ? reader_.fault(begin, "this stands twice in the condition")
                                                : result<void>();
  }

  result<std::string> parse_string(std::string_view expected) {
    if (reader_.here() != '"') {
      return reader_.expected_here(fmt::format("{} in double quotes", expected));
    }
    SPILLWAY_TRY_ASSIGN(std::string text, reader_.read_string());
    reader_.skip_space();
    return text;
  }

  result<void> parse_column(unfinished& part) {
    part.places.column = reader_.at();
    SPILLWAY_TRY_ASSIGN(const std::string name, parse_string("a column"));
    SPILLWAY_TRY_ASSIGN(part.condition.which, read_column(reader_, part.places.column, name));
    return {};
  }

  result<void> parse_property(unfinished& part) {
    part.places.property = reader_.at();
    if (!reader_.take('[')) {
      return reader_.expected_here("a list of names", "write it as [\"price\"]");
    }
    do {
      SPILLWAY_TRY_ASSIGN(std::string key, parse_string("the name of a property"));
      part.condition.property.push_back(std::move(key));
    } while (reader_.take(','));
    return reader_.take(']') ? result<void>() : reader_.expected_here("',' or ']'");
  }

  result<void> parse_operator(unfinished& part) {
    part.places.comparison = reader_.at();
    SPILLWAY_TRY_ASSIGN(const std::string name, parse_string("an operator"));
    for (int i = 0; i <= static_cast<int>(filter_operator::set_is_not); ++i) {
      if (name == to_string(static_cast<filter_operator>(i))) {
        part.condition.comparison = static_cast<filter_operator>(i);
        return {};
      }
    }
    return reader_.fault(part.places.comparison,
                         fmt::format("there is no operator {}", base::printable(name, base::shown_word_bytes_max)),
                         "write one of: " + std::string(operator_names));
  }

  filter_reader& reader_;
  int depth_ = 0;
};

void append_condition_json(const filter_condition& condition, std::string& out) {
  out += "{\"column\":";
  append_quoted(info_of(condition.which).name, out);
  for (std::size_t i = 0; i < condition.property.size(); ++i) {
    out += i == 0 ? ",\"property\":[" : ",";
    append_quoted(condition.property[i], out);
  }
  out += condition.property.empty() ? "" : "]";
  out += ",\"operator\":";
  append_quoted(to_string(condition.comparison), out);
  out += ",\"values\":[";
  for (std::size_t i = 0; i < condition.values.size(); ++i) {
    out += i == 0 ? "" : ",";
    append_filter_value(condition.values[i], out);
  }
  out += "]}";
}

void append_json(const filter& whole, std::string& out) {
  if (whole.is == filter::shape::condition) {
    append_condition_json(whole.condition, out);
    return;
  }
  out += whole.is == filter::shape::all ? "{\"all\":[" : "{\"any\":[";
  for (std::size_t i = 0; i < whole.parts.size(); ++i) {
    out += i == 0 ? "" : ",";
    append_json(whole.parts[i], out);
  }
  out += "]}";
}

}  // namespace

result<filter> parse_filter_json(filter_reader& reader) {
  reader.skip_space();
  SPILLWAY_TRY_ASSIGN(filter whole, json_filter_parser(reader).parse_node());
  return reader.is_end() ? result<filter>(std::move(whole)) : reader.expected_here("the end");
}

std::string to_json(const filter& whole) {
  std::string out;
  append_json(whole, out);
  return out;
}

}  // namespace spillway::record
