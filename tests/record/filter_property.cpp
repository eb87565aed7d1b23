// Random filters and random events, the same in every run: both forms of a filter are equal, and what it selects is
// what a second, simple evaluator selects.
#include "record/event_filter.hpp"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cctype>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::record_filter_property_tests {
namespace {

using namespace spillway::record;
namespace json = boost::json;
using enum filter_operator;

class random_source {
public:
  explicit random_source(std::uint32_t seed) : random_(seed) {}
  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }
  template <class Container>
  const auto& one_of(const Container& all) {
    return all[below(std::size(all))];
  }

private:
  std::mt19937 random_;
};

// ---- filters ----

// Little to choose from, so that filters and events meet.
constexpr std::string_view texts[] = {"", "a", "B", "ab", "1", "null", "é", "\"\\\n\x01", "東京", "and", "x y"};
constexpr std::string_view numbers[] = {"0",   "1", "1.0", "-1.5", "2e1", "20", "9007199254740993", "9007199254740992",
                                        "0.25"};
constexpr std::string_view times[] = {"2020-01-25", "2020-01-25 17:00:00", "2020-01-25T17:00:00.000001",
                                      "2020-01-26T00:00:00+01:00"};
constexpr std::string_view keys[] = {"x", "y", "my key", "a.b", "is", "", "é\"\\"};
constexpr column dicts[] = {column::event_properties, column::user_properties, column::group_properties, column::data};
constexpr column scalars[] = {column::city,       column::app,          column::paying,
                              column::event_time, column::location_lat, column::uuid};

filter_value text_value(random_source& random) { return {value_kind::string, std::string(random.one_of(texts))}; }
filter_value number_value(random_source& random) { return {value_kind::number, std::string(random.one_of(numbers))}; }
filter_value time_value(random_source& random) { return {value_kind::string, std::string(random.one_of(times))}; }

filter_value any_value(random_source& random) {
  switch (random.below(5)) {
    case 0: return {};
    case 1: return {value_kind::boolean, random.below(2) == 0 ? "true" : "false"};
    case 2: return number_value(random);
    default: return text_value(random);
  }
}

filter_value value_for(column which, random_source& random) {
  if (random.below(6) == 0) {
    return {};
  }
  switch (info_of(which).type) {
    case column_type::dict: return {};
    case column_type::timestamp: return time_value(random);
    case column_type::boolean: return {value_kind::boolean, random.below(2) == 0 ? "true" : "false"};
    case column_type::integer:
    case column_type::number: return number_value(random);
    default: return text_value(random);
  }
}

bool is_order(filter_operator which) { return which >= less && which <= greater_or_equal; }
bool is_search(filter_operator which) { return which == contains || which == does_not_contain; }

filter_condition random_condition(random_source& random) {
  filter_condition made;
  made.which = random.below(3) == 0 ? random.one_of(scalars) : random.one_of(dicts);
  const column_type type = info_of(made.which).type;
  for (std::size_t keys_left = type == column_type::dict ? random.below(3) : 0; keys_left > 0; --keys_left) {
    made.property.emplace_back(random.one_of(keys));
  }
  const bool is_property = !made.property.empty();
  const bool is_text = is_property || type == column_type::string || type == column_type::uuid;
  const bool is_number = is_property || type == column_type::integer || type == column_type::number;
  do {
    made.comparison = static_cast<filter_operator>(random.below(10));
  } while ((is_order(made.comparison) && !is_number && type != column_type::timestamp) ||
           (is_search(made.comparison) && !is_text));
  const bool is_set = made.comparison == set_is || made.comparison == set_is_not;
  const std::size_t count = is_order(made.comparison) ? 1 : is_set ? random.below(4) : 1 + random.below(3);
  for (std::size_t i = 0; i < count; ++i) {
    if (is_order(made.comparison)) {
      made.values.push_back(type == column_type::timestamp ? time_value(random) : number_value(random));
    } else if (is_search(made.comparison)) {
      made.values.push_back(text_value(random));
    } else {
      made.values.push_back(is_property ? any_value(random) : value_for(made.which, random));
    }
  }
  return made;
}

// `forbidden`: the shape of what it becomes a part of.
filter random_filter(random_source& random, int depth, filter::shape forbidden) {
  filter made;
  if (depth == 0 || random.below(2) == 0) {
    made.condition = random_condition(random);
    return made;
  }
  made.is = forbidden == filter::shape::all   ? filter::shape::any
            : forbidden == filter::shape::any ? filter::shape::all
            : random.below(2) == 0            ? filter::shape::all
                                              : filter::shape::any;
  for (std::size_t parts = 2 + random.below(3); parts > 0; --parts) {
    made.parts.push_back(random_filter(random, depth - 1, made.is));
  }
  return made;
}

filter random_filter(random_source& random) { return random_filter(random, 5, filter::shape::condition); }

// ---- events ----

// Any text, in quotes, with some of its characters as escapes.
std::string quoted(std::string_view text, random_source& random) {
  std::string out = json::serialize(json::string(text));
  for (const auto& [plain, escaped] : {std::pair{"é", R"(\u00e9)"}, {"東", R"(\u6771)"}, {"a", R"(\u0061)"}}) {
    if (const std::size_t at = out.find(plain); at != std::string::npos && random.below(2) == 0) {
      out.replace(at, std::string_view(plain).size(), escaped);
    }
  }
  return out;
}

std::string random_json(random_source& random, int depth) {
  switch (random.below(depth > 0 ? 8 : 5)) {
    case 0: return "null";
    case 1: return random.below(2) == 0 ? "true" : "false";
    case 2: return std::string(random.one_of(numbers));
    case 3:
    case 4: return quoted(random.one_of(texts), random);
    case 5: {
      std::string object = "{";
      for (std::size_t left = random.below(4); left > 0; --left) {
        object +=
            (object.size() > 1 ? "," : "") + quoted(random.one_of(keys), random) + ":" + random_json(random, depth - 1);
      }
      return object + "}";
    }
    default: {
      std::string array = "[";
      for (std::size_t left = random.below(4); left > 0; --left) {
        array += (array.size() > 1 ? "," : "") + random_json(random, depth - 1);
      }
      return array + "]";
    }
  }
}

std::string random_column(column which, random_source& random) {
  if (random.below(5) == 0) {
    return "null";
  }
  switch (info_of(which).type) {
    case column_type::dict: {
      std::string object = random_json(random, 3);
      while (object.front() != '{') {
        object = random_json(random, 3);
      }
      return object;
    }
    case column_type::timestamp:
      return random.below(2) == 0 ? R"("2020-01-25T17:00:00.000000")" : R"("2020-01-25 17:00:00.000001")";
    case column_type::boolean: return random.below(2) == 0 ? "true" : "false";
    case column_type::integer:
    case column_type::number: return std::string(random.one_of(numbers));
    default: return quoted(random.one_of(texts), random);
  }
}

std::string random_line(random_source& random) {
  std::string line = "{";
  const auto add = [&](column which) {
    if (random.below(8) != 0) {
      line +=
          (line.size() > 1 ? ",\"" : "\"") + std::string(info_of(which).name) + "\":" + random_column(which, random);
    }
  };
  std::ranges::for_each(scalars, add);
  std::ranges::for_each(dicts, add);
  return line + "}\n";
}

// ---- the second evaluator ----

// A value as a text of its type and spelling: equal ones have equal texts.
std::string key_of(const json::value& held) {
  if (held.is_string()) {
    return "s" + std::string(held.get_string());
  }
  if (held.is_double() && held.get_double() != std::floor(held.get_double())) {
    return "n" + std::to_string(held.get_double());
  }
  if (held.is_number()) {
    return "n" + std::to_string(held.is_double() ? static_cast<std::int64_t>(held.get_double())
                                                 : held.to_number<std::int64_t>());
  }
  return held.is_bool() ? (held.get_bool() ? "true" : "false") : held.is_null() ? "null" : "";
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) {
    return c < 0x80 ? static_cast<char>(std::tolower(c)) : static_cast<char>(c);
  });
  return text;
}

std::string canonical_time(std::string_view text) {
  if (text.size() == 10) {
    return std::string(text) + "T00:00:00.000000";
  }
  return base::format_timestamp(base::parse_timestamp(text).value(), 'T');
}

class simple_evaluator {
public:
  simple_evaluator(const filter& whole, const json::object& event) : whole_(whole), event_(event) {}
  bool evaluate() const { return evaluate(whole_); }

private:
  bool evaluate(const filter& each) const {
    const auto holds = [this](const filter& part) { return evaluate(part); };
    switch (each.is) {
      case filter::shape::all: return std::ranges::all_of(each.parts, holds);
      case filter::shape::any: return std::ranges::any_of(each.parts, holds);
      default: return evaluate(each.condition);
    }
  }

  static void gather(const json::value& from, const std::vector<std::string>& path, std::size_t depth,
                     std::vector<json::value>& out, bool& found) {
    if (depth == path.size()) {
      found = true;
      if (from.is_array()) {
        out.insert(out.end(), from.get_array().begin(), from.get_array().end());
      } else {
        out.push_back(from);
      }
    } else if (from.is_object() && from.get_object().contains(path[depth])) {
      gather(from.get_object().at(path[depth]), path, depth + 1, out, found);
    } else if (from.is_array()) {
      for (const json::value& each : from.get_array()) {
        if (each.is_object()) {
          gather(each, path, depth, out, found);
        }
      }
    }
  }

  std::vector<json::value> held(const filter_condition& condition) const {
    std::vector<json::value> out;
    bool found = false;
    const json::value* const whole = event_.if_contains(info_of(condition.which).name);
    const bool is_none = whole == nullptr || (condition.property.empty() && *whole == json::value(json::object()));
    gather(is_none ? json::value() : *whole, condition.property, 0, out, found);
    if (!found) {
      out.emplace_back();
    }
    return out;
  }

  bool evaluate(const filter_condition& condition) const {
    const bool is_time = info_of(condition.which).type == column_type::timestamp;
    std::vector<json::value> held_values = held(condition);
    std::vector<json::value> given;
    for (const filter_value& each : condition.values) {
      given.push_back(each.kind == value_kind::string ? json::value(each.text) : json::parse(each.text));
    }
    for (auto* values : {&held_values, &given}) {
      for (json::value& each : *values) {
        if (is_time && each.is_string()) {
          each = json::value(canonical_time(each.get_string()));
        }
      }
    }
    return compare(condition.comparison, held_values, given);
  }

  static bool compare(filter_operator comparison, const std::vector<json::value>& held,
                      const std::vector<json::value>& given) {
    switch (comparison) {
      case is_not: return !compare(is, held, given);
      case does_not_contain: return !compare(contains, held, given);
      case set_is_not: return !compare(set_is, held, given);
      case set_is: return has_all(held, given) && has_all(given, held);
      default: break;
    }
    return std::ranges::any_of(held, [&](const json::value& one) {
      return std::ranges::any_of(given, [&](const json::value& other) { return compare_one(comparison, one, other); });
    });
  }

  static bool has_all(const std::vector<json::value>& of, const std::vector<json::value>& in) {
    return std::ranges::all_of(of, [&](const json::value& one) {
      return std::ranges::any_of(in, [&](const json::value& other) { return compare_one(is, one, other); });
    });
  }

  static bool compare_one(filter_operator comparison, const json::value& held, const json::value& given) {
    if (comparison == is) {
      return !key_of(held).empty() && key_of(held) == key_of(given);
    }
    if (comparison == contains) {
      return held.is_string() &&
             lower(std::string(held.get_string())).find(lower(std::string(given.get_string()))) != std::string::npos;
    }
    if (held.is_string() && given.is_string()) {
      return in_order(comparison, held.get_string(), given.get_string());
    }
    if (!held.is_number() || !given.is_number()) {
      return false;
    }
    const auto number = [](const json::value& each) {
      return each.is_double() ? static_cast<long double>(each.get_double())
                              : static_cast<long double>(each.get_int64());
    };
    return in_order(comparison, number(held), number(given));
  }

  template <class Value>
  static bool in_order(filter_operator comparison, const Value& held, const Value& given) {
    switch (comparison) {
      case less: return held < given;
      case less_or_equal: return held <= given;
      case greater: return held > given;
      default: return held >= given;
    }
  }

  const filter& whole_;
  const json::object& event_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(record_filter_property)

BOOST_AUTO_TEST_CASE(a_filter_is_equal_to_what_is_read_of_either_form) {
  random_source random(1);
  for (int i = 0; i < 5000; ++i) {
    const filter whole = random_filter(random);
    const auto from_text = parse_filter(to_text(whole));
    const auto from_json = parse_filter(to_json(whole));
    BOOST_REQUIRE_MESSAGE(from_text.has_value(), to_text(whole) << ": " << from_text.error().text());
    BOOST_REQUIRE_MESSAGE(from_json.has_value(), to_json(whole) << ": " << from_json.error().text());
    BOOST_REQUIRE_MESSAGE(*from_text == whole, to_text(whole));
    BOOST_REQUIRE_MESSAGE(*from_json == whole, to_json(whole));
    BOOST_REQUIRE_EQUAL(to_text(*from_json), to_text(whole));
    BOOST_REQUIRE_EQUAL(to_json(*from_text), to_json(whole));
  }
}

BOOST_AUTO_TEST_CASE(both_forms_select_the_same_events_which_a_simple_evaluator_selects_too) {
  random_source random(2);
  std::vector<std::string> lines;
  std::vector<json::object> events;
  for (int i = 0; i < 200; ++i) {
    lines.push_back(random_line(random));
    events.push_back(json::parse(lines.back()).as_object());
  }
  std::size_t selected = 0;
  std::size_t all = 0;
  for (int i = 0; i < 2000; ++i) {
    const filter whole = random_filter(random);
    event_filter by_text(parse_filter(to_text(whole)).value());
    event_filter by_json(parse_filter(to_json(whole)).value());
    for (std::size_t k = i % 10U; k < lines.size(); k += 10) {
      const bool wanted = simple_evaluator(whole, events[k]).evaluate();
      BOOST_REQUIRE_MESSAGE(by_text.matches(lines[k]).value() == wanted, to_text(whole) << " of " << lines[k]);
      BOOST_REQUIRE_MESSAGE(by_json.matches(lines[k]).value() == wanted, to_json(whole) << " of " << lines[k]);
      selected += wanted ? 1 : 0;
      ++all;
    }
  }
  // Neither nearly nothing nor nearly everything, or the comparison says little.
  BOOST_TEST(selected > all / 5);
  BOOST_TEST(selected < all * 4 / 5);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::record_filter_property_tests
