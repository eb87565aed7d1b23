#include "record/merge.hpp"

#include "base/result.hpp"
#include "record/coerce.hpp"
#include "record/json_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace spillway::record {
namespace {

enum merge_field : std::size_t { scope, merge_time, merge_server_time, former_amplitude_id, merged_amplitude_id };
constexpr std::array<std::string_view, 5> field_names = {"scope", "merge_time", "merge_server_time", "amplitude_id",
                                                         "merged_amplitude_id"};
using merge_values = std::array<value, field_names.size()>;

std::optional<merge_field> find_field(std::string_view key) {
  const auto found = std::ranges::find(field_names, unescaped_text(key).get());
  return found == field_names.end() ? std::nullopt
                                    : std::optional(static_cast<merge_field>(found - field_names.begin()));
}

checked<std::array<std::int64_t, field_names.size()>> check_integers(const merge_values& values,
                                                                     const event_origin& origin) {
  std::array<std::int64_t, field_names.size()> numbers{};
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].kind == value_kind::absent) {
      return flaw{fmt::format("a merge without {}", field_names[i]), 0};
    }
    if (const auto wrong = read_integer(values[i], numbers[i])) {
      return flaw_at(values[i].text, origin, fmt::format("{} is {}", field_names[i], *wrong));
    }
  }
  return numbers;
}

// Why no organization is meant by a scope; empty if one is.
std::string scope_fault(std::int64_t number, const intake_rules& rules) {
  if (number >= 0) {
    return fmt::format("scope is {}, but a merge's is the negative organization id", number);
  }
  if (number < -model::id_max) {
    return fmt::format("scope is {}, which is no negative organization id", number);
  }
  if (rules.only_organization && *rules.only_organization != -number) {
    return fmt::format("scope is {}, but only organization {} is taken in", number, *rules.only_organization);
  }
  return {};
}

std::string server_time_fault(std::int64_t ms, base::instant now) {
  const auto looks_like = [ms](std::string_view unit) { return wrong_unit_fault("merge_server_time", ms, unit); };
  if (ms < ms_min) {
    return looks_like_seconds(ms)
               ? looks_like("seconds")
               : fmt::format("merge_server_time is {}, which is no number of milliseconds since 1970", ms);
  }
  if (ms >= ms_max) {
    return looks_like(ms < ms_max * 1'000 ? "microseconds" : "nanoseconds");
  }
  const base::instant when{std::chrono::milliseconds{ms}};
  if (when > now + upload_ahead_max) {
    return fmt::format("merge_server_time is {}, more than an hour after the clock ({})", base::format_utc(when),
                       base::format_utc(now));
  }
  return {};
}

std::int64_t to_ms(base::instant when) {
  return std::chrono::floor<std::chrono::milliseconds>(when.time_since_epoch()).count();
}

std::optional<std::int64_t> merged_id_of(std::string_view data, json_parser& parser) {
  constexpr std::string_view name = field_names[merged_amplitude_id];
  if (data.find(name) == std::string_view::npos && data.find('\\') == std::string_view::npos) {
    return std::nullopt;
  }
  const auto members = parser.parse_object(data);
  std::optional<std::int64_t> found;
  for (const member& each : members ? *members : std::span<const member>()) {
    std::int64_t number = 0;
    if (find_field(each.key) == merged_amplitude_id) {
      found = read_integer(each.value, number) ? std::nullopt : std::optional(number);
    }
  }
  return found;
}

}  // namespace

bool is_merge(std::span<const member> members) {
  return std::ranges::any_of(members, [](const member& each) { return find_field(each.key) == merged_amplitude_id; });
}

checked<model::merge> check_merge(std::span<const member> members, const intake_rules& rules,
                                  const event_origin& origin, dropped_keys& dropped) {
  merge_values values;
  for (const member& each : members) {
    if (const auto field = find_field(each.key)) {
      values[*field] = each.value;
    }
  }
  SPILLWAY_TRY_ASSIGN(const auto numbers, check_integers(values, origin));
  if (std::string fault = scope_fault(numbers[scope], rules); !fault.empty()) {
    return flaw_at(values[scope].text, origin, std::move(fault));
  }
  if (std::string fault = server_time_fault(numbers[merge_server_time], rules.now); !fault.empty()) {
    return flaw_at(values[merge_server_time].text, origin, std::move(fault));
  }
  for (const member& each : members) {
    if (!find_field(each.key)) {
      dropped.add(each.key);
    }
  }
  return model::merge{-numbers[scope], numbers[merge_time], numbers[merge_server_time], numbers[former_amplitude_id],
                      numbers[merged_amplitude_id]};
}

std::optional<model::merge> find_merge(const columns& event, const event_facts& facts, json_parser& parser) {
  if (facts.kind != event_kind::event || !event.has(column::data) || !event.has(column::amplitude_id)) {
    return std::nullopt;
  }
  const auto merged_id = merged_id_of(event[column::data].text, parser);
  std::int64_t id = 0;
  if (!merged_id || read_integer(event[column::amplitude_id], id) || id == *merged_id) {
    return std::nullopt;
  }
  if (to_ms(facts.uploaded_at) < ms_min) {
    return std::nullopt;  // as a line it would be refused when it comes back
  }
  // A null came in event_time, and stays one in the event.
  const auto happened =
      event.has(column::event_time) ? base::parse_canonical_timestamp(event[column::event_time].text) : std::nullopt;
  return model::merge{0, to_ms(happened.value_or(facts.uploaded_at)), to_ms(facts.uploaded_at), id, *merged_id};
}

}  // namespace spillway::record
