#include "record/record_reader.hpp"

#include "base/result.hpp"
#include "record/json_text.hpp"
#include "record/request_body.hpp"

#include <cstring>

namespace spillway::record {
namespace {

constexpr std::array forms = {model::record_form::documented, model::record_form::observed};

// Names are 3 to 25 bytes: two overlapping loads compare most of them without a call, which costs more than they do.
bool same_name(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) {
    return false;
  }
  if (one.size() < 8 || one.size() > 16) {
    return one == other;
  }
  std::uint64_t fronts[2];
  std::uint64_t backs[2];
  std::memcpy(&fronts[0], one.data(), 8);
  std::memcpy(&fronts[1], other.data(), 8);
  std::memcpy(&backs[0], one.data() + one.size() - 8, 8);
  std::memcpy(&backs[1], other.data() + other.size() - 8, 8);
  return fronts[0] == fronts[1] && backs[0] == backs[1];
}

}  // namespace

record_reader::record_reader(intake_rules rules, form_table table) : rules_(rules), forms_(std::move(table)) {}

// Most lines of a file have the same keys in the same order: the line before tells what to expect.
std::optional<column> record_reader::expected_column(std::size_t place, std::string_view key) {
  if (place >= expected_.size()) {
    expected_.resize(place + 1);
  }
  std::optional<column>& expected = expected_[place];
  if (expected && same_name(info_of(*expected).name, key)) {
    return expected;
  }
  expected = key.find('\\') == std::string_view::npos ? find_column(key) : find_column(unescape(key));
  return expected;
}

void record_reader::place_members(std::span<const member> members) {
  event_.clear();
  event_.spaced = parser_.spacing();
  std::size_t place = 0;
  for (const member& each : members) {
    if (const auto which = expected_column(place, each.key)) {
      event_[*which] = each.value;  // a repeated column: the last wins
    }
    ++place;
  }
}

// After place_members, of a line that was encoded: of others nothing is dropped.
void record_reader::count_unknown(std::span<const member> members) {
  for (std::size_t place = 0; place < members.size(); ++place) {
    if (!expected_[place]) {
      unknown_.add(members[place].key);
    }
  }
}

checked<event_facts> record_reader::take_line(std::string_view line, std::uint64_t input_byte, std::string& out) {
  if (line.size() > line_bytes_max) {
    return flaw{"longer than 4 MiB", line_bytes_max};
  }
  SPILLWAY_TRY_ASSIGN(const std::span<const member> members, parser_.parse_object(line));
  place_members(members);
  auto facts = finish({line, input_byte}, out);
  if (facts && facts->kind == event_kind::event) {
    count_unknown(members);
  }
  return facts;
}

checked<event_facts> record_reader::finish(const event_origin& origin, std::string& out) {
  // Counted before the check derives what is absent.
  std::array<bool, column_count> came;
  for (std::size_t i = 0; i < column_count; ++i) {
    came[i] = event_.values[i].kind != value_kind::absent;
  }
  SPILLWAY_TRY_ASSIGN(const event_facts facts, check_event(event_, rules_, origin));
  if (facts.kind == event_kind::applied) {
    out += origin.line;
    return facts;
  }
  const model::record_form form = forms_.form_of(facts.project);
  auto& counts = came_[static_cast<std::size_t>(form)];
  for (std::size_t i = 0; i < column_count; ++i) {
    counts[i] += came[i] ? 1 : 0;
  }
  encode(event_, form, out);
  return facts;
}

checked<void> record_reader::take_request_body(std::string_view body, std::uint64_t input_byte, const body_sink& sink) {
  SPILLWAY_TRY_ASSIGN(const std::span<const member> members, parser_.parse_object(body));
  if (find_events(members) == nullptr) {
    return flaw{"no request body: it has no array \"events\"", 0};
  }
  const request_body request = open_request_body(members, parser_, rules_.now);
  std::string line;
  dropped_keys unknown;
  for (const std::string_view text : request.events) {
    const auto byte = static_cast<std::uint64_t>(text.data() - body.data());
    line.clear();
    unknown = {};
    const auto taken = [&]() -> checked<event_facts> {
      SPILLWAY_TRY_ASSIGN(const std::span<const member> each, parser_.parse_object(text));
      event_.clear();
      event_.spaced = parser_.spacing();
      SPILLWAY_TRY(map_request_event(each, request, event_, unknown));
      return finish({text, input_byte + byte}, line);
    }();
    if (taken && taken->kind == event_kind::event) {
      unknown_.add_from(unknown);
    }
    sink(byte, taken, taken ? std::string_view(line) : text);
  }
  return {};
}

dropped_keys record_reader::dropped() const {
  dropped_keys all = unknown_;
  for (const model::record_form form : forms) {
    for (std::size_t i = 0; i < column_count; ++i) {
      const auto which = static_cast<column>(i);
      const std::uint64_t count = came_[static_cast<std::size_t>(form)][i];
      if (count != 0 && !has_column(form, which)) {
        all.add(info_of(which).name, count);
      }
    }
  }
  return all;
}

}  // namespace spillway::record
