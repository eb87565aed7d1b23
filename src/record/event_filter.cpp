#include "record/event_filter.hpp"

#include "base/time.hpp"
#include "record/fold_case.hpp"
#include "record/held_values.hpp"
#include "record/number_order.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <vector>

namespace spillway::record {
namespace {

using enum filter_operator;

bool is_negation(filter_operator comparison) {
  return comparison == is_not || comparison == does_not_contain || comparison == set_is_not;
}

bool holds(filter_operator comparison, std::strong_ordering order) {
  switch (comparison) {
    case less: return order < 0;
    case less_or_equal: return order <= 0;
    case greater: return order > 0;
    default: return order >= 0;
  }
}

// Capital letters are small, and a time has one separator, however both sides are written.
std::string search_text(std::string_view characters, spelling spelled) {
  std::string text(characters);
  if (spelled == spelling::time) {
    std::ranges::replace(text, ' ', 'T');
  }
  fold_case(text);
  return text;
}

// A condition, ready to be compared with what an event holds. Room for what has to be converted is kept.
class condition_test {
public:
  explicit condition_test(const filter_condition& wanted)
      : comparison_(wanted.comparison), spelled_(spelling_of(wanted)), set_(wanted.values, spelled_) {
    if (comparison_ == contains || comparison_ == does_not_contain) {
      for (const filter_value& each : wanted.values) {
        needles_.push_back(search_text(each.text, spelled_));
      }
    }
    limit_ = wanted.values.empty() ? std::string() : characters_of(wanted.values.front(), spelled_);
  }

  bool matches(std::span<const value> held) { return holds_for(held) != is_negation(comparison_); }

private:
  // The operator without its "not".
  bool holds_for(std::span<const value> held) {
    switch (comparison_) {
      case is:
      case is_not:
        return std::ranges::any_of(held, [this](const value& each) { return set_.find(each, room_).has_value(); });
      case set_is:
      case set_is_not: return is_same_set(held);
      case contains:
      case does_not_contain: return std::ranges::any_of(held, [this](const value& each) { return has_needle(each); });
      default: return std::ranges::any_of(held, [this](const value& each) { return is_within(each); });
    }
  }

  bool is_same_set(std::span<const value> held) {
    found_.assign(set_.size(), false);
    for (const value& each : held) {
      const auto place = set_.find(each, room_);
      if (!place) {
        return false;
      }
      found_[*place] = true;
    }
    return std::ranges::find(found_, false) == found_.end();
  }

  bool has_needle(const value& held) {
    if (held.kind != value_kind::string) {
      return false;
    }
    const std::string text = search_text(characters_of(held, spelled_, room_), spelled_);
    return std::ranges::any_of(needles_,
                               [&text](const std::string& each) { return text.find(each) != std::string::npos; });
  }

  bool is_within(const value& held) {
    if (spelled_ == spelling::time) {
      // Times of one length are in the order of their characters.
      return held.kind == value_kind::string && held.text.size() == base::timestamp_bytes &&
             holds(comparison_, characters_of(held, spelled_, room_) <=> std::string_view(limit_));
    }
    return held.kind == value_kind::number && holds(comparison_, compare_numbers(held.text, limit_));
  }

  filter_operator comparison_;
  spelling spelled_;
  value_set set_;
  std::vector<std::string> needles_;
  std::string limit_;
  std::string room_;
  std::vector<bool> found_;
};

}  // namespace

// The filter as a tree of numbers of tests. What several tests look at is found once.
class event_filter::program {
public:
  explicit program(const filter& wanted) : root_(add(wanted)) {}

  checked<bool> matches(std::string_view line) {
    const auto members = parser_.parse_object(line);
    if (!members) {
      return members.error();
    }
    members_ = *members;
    for (held_values& each : held_) {
      each.forget();
    }
    return matches_node(root_);
  }

private:
  struct node {
    filter::shape is;
    std::size_t test = 0;  // of a condition
    std::size_t held = 0;  // what it looks at
    std::vector<node> parts;
  };

  node add(const filter& wanted) {
    node made{wanted.is, 0, 0, {}};
    for (const filter& part : wanted.parts) {
      made.parts.push_back(add(part));
    }
    if (wanted.is == filter::shape::condition) {
      const auto found =
          std::ranges::find_if(held_, [&](const held_values& each) { return each.is_of(wanted.condition); });
      made.held = static_cast<std::size_t>(found - held_.begin());
      if (found == held_.end()) {
        held_.emplace_back(wanted.condition.which, wanted.condition.property);
      }
      made.test = tests_.size();
      tests_.emplace_back(wanted.condition);
    }
    return made;
  }

  bool matches_node(const node& which) {
    const auto holds = [this](const node& part) { return matches_node(part); };
    switch (which.is) {
      case filter::shape::all: return std::ranges::all_of(which.parts, holds);
      case filter::shape::any: return std::ranges::any_of(which.parts, holds);
      default: return tests_[which.test].matches(held_[which.held].find(members_));
    }
  }

  json_parser parser_;
  std::vector<held_values> held_;
  std::vector<condition_test> tests_;
  node root_;  // behind what it is made with
  std::span<const member> members_;
};

event_filter::event_filter(const filter& wanted) : program_(std::make_unique<program>(wanted)) {}
event_filter::~event_filter() = default;
event_filter::event_filter(event_filter&&) noexcept = default;
event_filter& event_filter::operator=(event_filter&&) noexcept = default;

checked<bool> event_filter::matches(std::string_view line) { return program_->matches(line); }

}  // namespace spillway::record
