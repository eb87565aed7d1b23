#include "record/record_reader.hpp"

#include "base/result.hpp"
#include "record/json_scan.hpp"
#include "record/json_text.hpp"

#include <cstring>

#include <fmt/format.h>

namespace spillway::record {
namespace {

template <class Word>
bool same_ends(const char* one, const char* other, std::size_t bytes) {
  Word fronts[2];
  Word backs[2];
  std::memcpy(&fronts[0], one, sizeof(Word));
  std::memcpy(&fronts[1], other, sizeof(Word));
  std::memcpy(&backs[0], one + bytes - sizeof(Word), sizeof(Word));
  std::memcpy(&backs[1], other + bytes - sizeof(Word), sizeof(Word));
  return fronts[0] == fronts[1] && backs[0] == backs[1];
}

// Names are 3 to 25 bytes: overlapping loads compare them without a call, which costs more than they do.
bool same_name(std::string_view one, std::string_view other) {
  const std::size_t bytes = one.size();
  if (bytes != other.size()) {
    return false;
  }
  if (bytes >= 8 && bytes <= 16) {
    return same_ends<std::uint64_t>(one.data(), other.data(), bytes);
  }
  if (bytes >= 4 && bytes < 8) {
    return same_ends<std::uint32_t>(one.data(), other.data(), bytes);
  }
  if (bytes > 16 && bytes <= 32) {
    return same_ends<std::uint64_t>(one.data(), other.data(), 16) &&
           same_ends<std::uint64_t>(one.data() + bytes - 16, other.data() + bytes - 16, 16);
  }
  return one == other;
}

flaw too_long() { return {"longer than 4 MiB", line_bytes_max}; }

}  // namespace

record_reader::record_reader(intake_rules rules, form_table table) : rules_(rules), forms_(std::move(table)) {}

record_reader::expected_key record_reader::learn(std::string_view key) {
  const auto which = find_column(unescaped_text(key).get());
  return which ? expected_key{info_of(*which).name, *which} : expected_key();
}

// Most lines of a file have the same keys in the same order: the line before tells what to expect.
void record_reader::place_members(std::span<const member> members) {
  event_.clear();
  event_.spaced = parser_.spacing();
  if (expected_.size() < members.size()) {
    expected_.resize(members.size());
  }
  for (std::size_t place = 0; place < members.size(); ++place) {
    expected_key& expected = expected_[place];
    if (!same_name(expected.name, members[place].key)) {
      expected = learn(members[place].key);
    }
    if (!expected.name.empty()) {
      event_[expected.which] = members[place].value;  // a repeated column: the last wins
    }
  }
}

// After place_members, of a line that was encoded: of others nothing is dropped.
void record_reader::count_unknown(std::span<const member> members) {
  for (std::size_t place = 0; place < members.size(); ++place) {
    if (expected_[place].name.empty()) {
      unknown_.add(members[place].key);
    }
  }
}

// None of these columns is derived: what is there came.
void record_reader::count_left_out() {
  for (std::size_t i = 0; i < only_observed.size(); ++i) {
    left_out_[i] += event_.is_absent(only_observed[i]) ? 0 : 1;
  }
}

checked<event_facts> record_reader::take_line(std::string_view line, const input_place& at, std::string& out) {
  if (line.size() > line_bytes_max) {
    return too_long();
  }
  SPILLWAY_TRY_ASSIGN(const std::span<const member> members, parser_.parse_object(line));
  place_members(members);
  if (event_.is_absent(column::event_type) && is_merge(members)) {
    return take_merge(members, {line, at});
  }
  auto facts = finish({line, at}, out);
  if (facts && facts->kind == event_kind::event) {
    count_unknown(members);
    if (const auto said = find_merge(event_, *facts, data_parser_)) {
      merge_ = *said;
      facts->has_merge = true;
    }
  }
  return facts;
}

checked<event_facts> record_reader::take_merge(std::span<const member> members, const event_origin& origin) {
  SPILLWAY_TRY_ASSIGN(merge_, check_merge(members, rules_, origin, unknown_));
  event_facts facts;
  facts.kind = event_kind::merge;
  facts.has_merge = true;
  return facts;
}

checked<event_facts> record_reader::finish(const event_origin& origin, std::string& out) {
  SPILLWAY_TRY_ASSIGN(const event_facts facts, check_event(event_, rules_, forms_, origin));
  if (facts.kind == event_kind::applied) {
    out += origin.line;
    return facts;
  }
  const model::record_form form = forms_.form_of(facts.project);
  if (form == model::record_form::documented) {
    count_left_out();
  }
  encode(event_, form, out);
  return facts;
}

checked<void> record_reader::take_request_body(std::string_view body, const input_place& at, const body_sink& sink) {
  SPILLWAY_TRY_ASSIGN(const std::span<const member> members, parser_.outline_object(body));
  const value* events = find_events(members);
  if (events == nullptr) {
    return flaw{"no request body: it has no array \"events\"", 0};
  }
  if (const std::size_t count = count_elements(events->text); count > body_events_max) {
    return flaw{fmt::format("{} events in one request body, at most {} are taken: split it", count, body_events_max),
                0};
  }
  SPILLWAY_TRY_ASSIGN(request_, open_request_body(members, parser_, rules_.now, {body, at}));
  std::string line;
  dropped_keys unknown;
  for (const std::string_view text : request_.events) {
    const auto byte = static_cast<std::uint64_t>(text.data() - body.data());
    line.clear();
    unknown = {};
    const auto taken = [&]() -> checked<event_facts> {
      if (text.size() > line_bytes_max) {
        return too_long();
      }
      SPILLWAY_TRY_ASSIGN(const std::span<const member> each, parser_.parse_object(text));
      event_.clear();
      event_.spaced = parser_.spacing();
      SPILLWAY_TRY(map_request_event(each, request_, event_, unknown));
      return finish({text, {at.byte + byte, at.input}}, line);
    }();
    if (taken && taken->kind == event_kind::event) {
      unknown_.add_from(unknown);
    }
    sink(text, taken, line);
  }
  return {};
}

dropped_keys record_reader::dropped() const {
  dropped_keys all = unknown_;
  for (std::size_t i = 0; i < only_observed.size(); ++i) {
    if (left_out_[i] != 0) {
      all.add(info_of(only_observed[i]).name, left_out_[i]);
    }
  }
  return all;
}

}  // namespace spillway::record
