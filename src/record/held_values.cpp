#include "record/held_values.hpp"

#include "base/time.hpp"
#include "record/filter_reader.hpp"
#include "record/json_scan.hpp"
#include "record/json_text.hpp"
#include "record/number_order.hpp"

#include <algorithm>

namespace spillway::record {
namespace {

constexpr std::size_t separator_place = 10;  // in "2020-01-25T17:00:00.000000"

constexpr value null{"null", value_kind::null};

void make_small(std::string& uuid) {
  for (char& c : uuid) {
    c = c >= 'A' && c <= 'F' ? static_cast<char>(c + ('a' - 'A')) : c;
  }
}

bool is_less(std::string_view left, std::string_view right) { return compare_numbers(left, right) < 0; }
bool is_equal(std::string_view left, std::string_view right) { return compare_numbers(left, right) == 0; }

}  // namespace

spelling spelling_of(const filter_condition& condition) {
  if (!condition.property.empty()) {
    return spelling::plain;
  }
  switch (info_of(condition.which).type) {
    case column_type::uuid: return spelling::uuid;
    case column_type::timestamp: return spelling::time;
    default: return spelling::plain;
  }
}

std::string_view characters_of(const value& held, spelling spelled, std::string& room) {
  if (held.text.find('\\') != std::string_view::npos) {
    room = unescape(held.text);
    return room;
  }
  if (spelled == spelling::plain) {
    return held.text;
  }
  room = held.text;
  if (spelled == spelling::uuid) {
    make_small(room);
  } else if (room.size() == base::timestamp_bytes) {
    room[separator_place] = 'T';
  }
  return room;
}

std::string characters_of(const filter_value& given, spelling spelled) {
  std::string text = given.text;
  if (spelled == spelling::uuid) {
    make_small(text);
  } else if (spelled == spelling::time) {
    if (const auto when = parse_filter_time(text)) {
      text = base::format_timestamp(*when, 'T');
    }
  }
  return text;
}

value_set::value_set(std::span<const filter_value> values, spelling spelled) : spelled_(spelled) {
  for (const filter_value& each : values) {
    if (each.kind == value_kind::string) {
      strings_.push_back(characters_of(each, spelled));
    } else {
      (each.kind == value_kind::number ? numbers_ : constants_).push_back(each.text);
    }
  }
  for (auto* texts : {&strings_, &constants_}) {
    std::ranges::sort(*texts);
    texts->erase(std::unique(texts->begin(), texts->end()), texts->end());
  }
  std::ranges::sort(numbers_, is_less);
  numbers_.erase(std::unique(numbers_.begin(), numbers_.end(), is_equal), numbers_.end());
}

std::optional<std::size_t> value_set::find(const value& held, std::string& room) const {
  const auto place = [](const std::vector<std::string>& texts, auto found) {
    return static_cast<std::size_t>(found - texts.begin());
  };
  if (held.kind == value_kind::string) {
    const std::string_view characters = characters_of(held, spelled_, room);
    const auto found = std::ranges::lower_bound(strings_, characters, std::less<>());
    return found != strings_.end() && *found == characters ? std::optional(place(strings_, found)) : std::nullopt;
  }
  if (held.kind == value_kind::number) {
    const auto found = std::ranges::lower_bound(numbers_, held.text, is_less);
    return found != numbers_.end() && is_equal(*found, held.text)
               ? std::optional(strings_.size() + place(numbers_, found))
               : std::nullopt;
  }
  if (held.kind == value_kind::object || held.kind == value_kind::array) {
    return std::nullopt;
  }
  const auto found = std::ranges::find(constants_, held.text);
  return found != constants_.end() ? std::optional(strings_.size() + numbers_.size() + place(constants_, found))
                                   : std::nullopt;
}

value held_values::find_column(std::span<const member> members) {
  const std::string_view name = info_of(which_).name;
  if (place_ >= members.size() || members[place_].key != name) {
    place_ = static_cast<std::size_t>(std::ranges::find(members, name, &member::key) - members.begin());
  }
  return place_ < members.size() ? members[place_].value : null;
}

void held_values::collect(const value& from, std::size_t depth) {
  if (depth == path_.size()) {
    is_there_ = true;
    if (from.kind == value_kind::array) {
      for_each_element(from.text, [this](const value& each) { values_.push_back(each); });
    } else {
      values_.push_back(from);
    }
  } else if (from.kind == value_kind::object) {
    if (const value next = find_member(from.text, path_[depth]); next.kind != value_kind::absent) {
      collect(next, depth + 1);
    }
  } else if (from.kind == value_kind::array) {
    for_each_element(from.text, [this, depth](const value& each) {
      if (each.kind == value_kind::object) {
        collect(each, depth);
      }
    });
  }
}

std::span<const value> held_values::find(std::span<const member> members) {
  if (is_found_) {
    return values_;
  }
  is_found_ = true;
  is_there_ = false;
  values_.clear();
  const value whole = find_column(members);
  const bool is_none = path_.empty() && whole.kind == value_kind::object && whole.text == "{}";
  collect(is_none ? null : whole, 0);
  if (!is_there_) {
    values_.push_back(null);
  }
  return values_;
}

}  // namespace spillway::record
