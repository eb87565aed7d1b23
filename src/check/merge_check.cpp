#include "check/merge_check.hpp"

#include "base/bytes.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

namespace spillway::check {
namespace {

constexpr std::array<std::string_view, 5> merge_keys = {"scope", "merge_time", "merge_server_time", "amplitude_id",
                                                        "merged_amplitude_id"};
constexpr std::size_t scope_at = 0;
constexpr std::size_t server_time_at = 2;
constexpr std::int64_t ms_a_hour = 3'600'000;

std::optional<std::int64_t> integer_of(const record::value& held) {
  std::int64_t number = 0;
  const char* const end = held.text.data() + held.text.size();
  const auto [stop, error] = std::from_chars(held.text.data(), end, number);
  return held.kind == record::value_kind::number && error == std::errc{} && stop == end ? std::optional(number)
                                                                                        : std::nullopt;
}

}  // namespace

void merge_check::open(std::int64_t scope, model::hour hour) {
  scope_ = scope;
  hour_ = hour;
  seen_.clear();
}

void merge_check::check(std::int64_t line, std::string_view text, tally& findings) {
  const auto members = parser_.parse_object(text);
  if (!members) {
    findings.add(finding_kind::record, {}, line,
                 fmt::format("not a JSON object: {} (at byte {})", members.error().reason, members.error().byte));
    return;
  }
  if (!std::ranges::equal(*members, merge_keys, {}, &record::member::key)) {
    findings.add(finding_kind::keys, {}, line, fmt::format("its keys are not {}", fmt::join(merge_keys, ", ")));
    return;
  }
  numbers said{};
  for (std::size_t i = 0; i < merge_keys.size(); ++i) {
    const record::value& held = (*members)[i].value;
    const auto number = integer_of(held);
    if (!number) {
      findings.add(finding_kind::type, merge_keys[i], line,
                   fmt::format("{} is {}, not an integer", merge_keys[i],
                               base::printable(held.text, base::shown_word_bytes_max)));
      return;
    }
    said[i] = *number;
  }
  if (said[scope_at] != scope_) {
    findings.add(finding_kind::merge, "scope", line, fmt::format("scope is {}, not {}", said[scope_at], scope_));
  }
  if (!seen_.insert(said).second) {
    findings.add(finding_kind::merge, "again", line, "the merge was there already");
  }
  // Compared in milliseconds: a wild number is no time at all.
  const std::int64_t start_ms = hour_.number * ms_a_hour;
  if (said[server_time_at] < start_ms || said[server_time_at] - start_ms >= ms_a_hour) {
    findings.add(finding_kind::hour, {}, line,
                 fmt::format("a record in the wrong hour: merge_server_time is {}", said[server_time_at]));
  }
}

}  // namespace spillway::check
