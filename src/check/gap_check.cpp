#include "check/gap_check.hpp"

#include "model/hour.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace spillway::check {
namespace {

std::string marker_key(const listing_folder& project, std::int64_t hour) {
  return project.key_of({hour, 0, 0, model::object_kind::marker});
}

// Walks the entries of a project, which are in the order of hours.
class gap_finder {
public:
  gap_finder(const listing_folder& project, gap_rule rule, const unmarked_hours& unmarked, const finding_sink& sink)
      : project_(project), rule_(rule), unmarked_(unmarked), sink_(sink) {}

  // The present hour, with all its entries.
  result<void> take(std::int64_t hour, bool has_data, bool has_marker) {
    if (!has_data) {
      marked_since_data_.push_back(hour);
      return {};
    }
    if (before_ && is_gap_missed(*before_, hour)) {
      SPILLWAY_TRY(report_missing(*before_ + 1, hour));
    }
    before_ = hour;
    marked_since_data_.clear();
    return has_marker || unmarked_.contains({hour})
               ? result<void>()
               : sink_({finding_kind::unmarked, marker_key(project_, hour), 0,
                        "the hour has events, and no marker says that they are complete", 1});
  }

private:
  // Who delivered one of the two hours without a marker marked no hour without events at that time.
  bool is_gap_missed(std::int64_t before, std::int64_t hour) const {
    const bool is_near = rule_ == gap_rule::all || hour - before <= model::gap_hours_max;
    return is_near && !unmarked_.contains({before}) && !unmarked_.contains({hour});
  }

  // The hours from `first` until before `end` that have no marker, a finding a run.
  result<void> report_missing(std::int64_t first, std::int64_t end) {
    for (const std::int64_t marked : marked_since_data_) {
      SPILLWAY_TRY(report_run(first, marked));
      first = marked + 1;
    }
    return report_run(first, end);
  }

  result<void> report_run(std::int64_t first, std::int64_t end) {
    if (first >= end) {
      return {};
    }
    std::string what = "an hour with neither files nor a marker";
    if (end - first > 1) {
      what = fmt::format("{} hours with neither files nor a marker, up to {}", end - first,
                         model::to_string(model::hour{end - 1}));
    }
    return sink_({finding_kind::gap, marker_key(project_, first), 0, std::move(what), 1});
  }

  const listing_folder& project_;
  gap_rule rule_;
  const unmarked_hours& unmarked_;
  const finding_sink& sink_;
  std::optional<std::int64_t> before_;           // the last hour with data
  std::vector<std::int64_t> marked_since_data_;  // hours with only a marker since then
};

}  // namespace

result<void> check_gaps(const listing_folder& project, gap_rule rule, const unmarked_hours& unmarked,
                        const finding_sink& sink) {
  const auto is_marker = [](const listing_entry& entry) { return entry.kind == model::object_kind::marker; };
  if (std::ranges::none_of(project.entries, is_marker)) {
    return {};
  }
  gap_finder gaps(project, rule, unmarked, sink);
  for (auto at = project.entries.begin(); at != project.entries.end();) {
    const std::int64_t hour = at->hour;
    const auto end = std::find_if(at, project.entries.end(), [hour](const auto& entry) { return entry.hour != hour; });
    // In an hour, the marker stands last.
    SPILLWAY_TRY(gaps.take(hour, !is_marker(*at), is_marker(*(end - 1))));
    at = end;
  }
  return {};
}

}  // namespace spillway::check
