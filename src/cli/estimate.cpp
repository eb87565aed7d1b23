// spillway estimate: how large a month's exports will be, judged by what the state file holds.
#include "cli/estimate.hpp"

#include "base/bytes.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/progress.hpp"
#include "cli/shared_options.hpp"
#include "cli/table.hpp"
#include "codec/segment.hpp"
#include "connection/delivery.hpp"
#include "record/event_filter.hpp"
#include "store/overview.hpp"
#include "store/volume.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/json.hpp>

#include <algorithm>
#include <cmath>

namespace spillway::cli {
namespace json = boost::json;
namespace {

double ratio(double part, double whole) { return whole == 0 ? 0 : part / whole; }

std::int64_t rounded(double number) { return static_cast<std::int64_t>(std::llround(number)); }

std::string size_text(double bytes) { return base::human_bytes(static_cast<std::uint64_t>(rounded(bytes))); }

json::object to_json(const month_volume& month) {
  return {{"events", rounded(month.events)},
          {"text_bytes", rounded(month.text_bytes)},
          {"compressed_bytes", rounded(month.compressed_bytes)}};
}

// Whole numbers: whoever wants more digits has the sums that the averages are of.
json::object to_json(const event_estimate& of) {
  const bool has_events = of.sample.events_stored != 0;
  return {{"id", of.sample.project},
          {"events_stored", of.sample.events_stored},
          {"events", of.sample.events},
          {"text_bytes", of.sample.text_bytes},
          {"compressed_bytes", rounded(static_cast<double>(of.sample.text_bytes) * of.sample.compressed_ratio)},
          {"measured_text_bytes", of.sample.compressed_text_bytes},
          {"event_text_bytes", rounded(of.event_text_bytes)},
          {"event_compressed_bytes", rounded(of.event_compressed_bytes)},
          {"first_hour", json_hour(has_events ? std::optional(of.sample.first_hour) : std::nullopt)},
          {"last_hour", json_hour(has_events ? std::optional(of.sample.last_hour) : std::nullopt)},
          {"hours", rounded(of.days * 24)},
          {"events_per_day", rounded(of.events_per_day)},
          {"month", to_json(of.month)}};
}

month_volume sum_of(const std::vector<event_estimate>& projects) {
  month_volume sum;
  for (const event_estimate& each : projects) {
    sum.events += each.month.events;
    sum.text_bytes += each.month.text_bytes;
    sum.compressed_bytes += each.month.compressed_bytes;
  }
  return sum;
}

std::string describe(const month_volume& month) {
  return fmt::format("{}, {} of text, {} compressed", count_of(rounded(month.events), "event"),
                     size_text(month.text_bytes), size_text(month.compressed_bytes));
}

std::string describe(const event_estimate& of, bool filtered) {
  const event_sample& from = of.sample;
  const std::string counted = filtered
                                  ? fmt::format("{} of {}", grouped(from.events), count_of(from.events_stored, "event"))
                                  : count_of(from.events, "event");
  std::string text = fmt::format("project {}: {}, {} to {} ({:.1f} days)\n", from.project, counted,
                                 model::to_string(from.first_hour), model::to_string(from.last_hour), of.days);
  text += fmt::format("  an event: {} of text, {:.1f} compressed (measured on {} of text)\n",
                      count_of(rounded(of.event_text_bytes), "byte"), of.event_compressed_bytes,
                      size_text(static_cast<double>(from.compressed_text_bytes)));
  return text + fmt::format("  {} days at {} a day: {}\n", days_per_month,
                            count_of(rounded(of.events_per_day), "event"), describe(of.month));
}

}  // namespace

event_estimate estimate_of(const event_sample& sample) {
  event_estimate made;
  made.sample = sample;
  if (sample.events_stored == 0) {
    return made;
  }
  made.event_text_bytes = ratio(static_cast<double>(sample.text_bytes), static_cast<double>(sample.events));
  made.event_compressed_bytes = made.event_text_bytes * sample.compressed_ratio;
  made.days = static_cast<double>(sample.last_hour.number - sample.first_hour.number + 1) / 24;
  made.events_per_day = static_cast<double>(sample.events) / made.days;
  made.month.events = made.events_per_day * days_per_month;
  made.month.text_bytes = made.month.events * made.event_text_bytes;
  made.month.compressed_bytes = made.month.events * made.event_compressed_bytes;
  return made;
}

json::object to_json(const estimate_report& report) {
  json::array projects;
  for (const event_estimate& each : report.projects) {
    projects.push_back(to_json(each));
  }
  return {{"filter", report.filter.empty() ? json::value(nullptr) : json::parse(report.filter)},
          {"days_per_month", days_per_month},
          {"projects", std::move(projects)},
          {"month", to_json(sum_of(report.projects))}};
}

std::string describe(const estimate_report& report) {
  std::string text;
  std::int64_t with_events = 0;
  for (const event_estimate& each : report.projects) {
    if (each.sample.events_stored != 0) {
      text += describe(each, !report.filter.empty());
      ++with_events;
    }
  }
  if (with_events == 0) {
    return "the state file holds no events, so there is nothing to judge by\n";
  }
  if (with_events > 1) {
    text += fmt::format("all projects, {} days: {}\n", days_per_month, describe(sum_of(report.projects)));
  }
  return text;
}

namespace {

// Of a project without segments so much of its tails is compressed for the ratio.
constexpr std::int64_t measured_text_bytes_max = std::int64_t{16} << 20;

struct compression_measure {
  std::int64_t text_bytes = 0;
  std::int64_t deflate_bytes = 0;
};

// Compresses tails as delivery would: each by itself.
result<compression_measure> measure_tails(db::database& state, const model::project& project) {
  codec::segment_compressor compressor(project.engine);
  compression_measure made;
  const auto measure = [&](std::string_view text) -> result<void> {
    if (made.text_bytes >= measured_text_bytes_max) {
      return {};
    }
    SPILLWAY_TRY_ASSIGN(const codec::segment compressed, compressor.compress(text));
    made.text_bytes += static_cast<std::int64_t>(compressed.text_bytes);
    made.deflate_bytes += static_cast<std::int64_t>(compressed.deflate.size());
    return {};
  };
  SPILLWAY_TRY(store::read_tails(state, project.id, measure));
  return made;
}

// Counts the lines that a filter selects.
class line_counter {
public:
  explicit line_counter(const record::filter& wanted) : filter_(wanted) {}

  result<void> take(std::string_view text) {
    while (!text.empty()) {
      const std::size_t bytes = std::min(text.find('\n'), text.size() - 1) + 1;
      const auto counts = filter_.matches(text.substr(0, bytes));
      if (!counts) {
        return failure{errc::corrupt, "reading a stored event", counts.error().reason, {}};
      }
      if (*counts) {
        ++events;
        text_bytes += static_cast<std::int64_t>(bytes);
      }
      text.remove_prefix(bytes);
    }
    return {};
  }

  std::int64_t events = 0;
  std::int64_t text_bytes = 0;

private:
  record::event_filter filter_;
};

result<event_sample> sample_of(db::database& state, const store::project_overview& of) {
  SPILLWAY_TRY_ASSIGN(const store::project_volume stored, store::volume_of(state, of.project.id));
  compression_measure measured{stored.segments.text_bytes, stored.segments.deflate_bytes};
  if (measured.text_bytes == 0) {
    SPILLWAY_TRY_ASSIGN(measured, measure_tails(state, of.project));
  }
  event_sample made;
  made.project = of.project.id;
  made.events_stored = stored.segments.events + stored.tails.events;
  made.events = made.events_stored;
  made.text_bytes = stored.segments.text_bytes + stored.tails.text_bytes;
  made.compressed_ratio = ratio(static_cast<double>(measured.deflate_bytes), static_cast<double>(measured.text_bytes));
  made.compressed_text_bytes = measured.text_bytes;
  SPILLWAY_TRY_ASSIGN(auto hours, store::list_hours(state, of.project.id));
  std::erase_if(hours, [](const store::hour_row& each) { return each.text_bytes == each.pruned_bytes; });
  if (!hours.empty()) {
    made.first_hour = hours.front().key.hour;
    made.last_hour = hours.back().key.hour;
  }
  return made;
}

result<void> apply_filter(db::database& state, const record::filter& filter, const session& with, progress_line& line,
                          event_sample& sample) {
  line_counter counter(filter);
  std::uint64_t read_bytes = 0;
  const auto count = [&](std::string_view text) -> result<void> {
    if (with.stop.stop_requested()) {
      return failure{errc::interrupted, "estimating", "asked to stop", {}};
    }
    SPILLWAY_TRY(counter.take(text));
    read_bytes += text.size();
    line.update({.events = static_cast<std::uint64_t>(counter.events), .raw_bytes = read_bytes});
    return {};
  };
  SPILLWAY_TRY(store::read_texts(state, sample.project, count));
  sample.events = counter.events;
  sample.text_bytes = counter.text_bytes;
  return {};
}

result<exit_status> estimate(const std::string& filter, session& with) {
  estimate_report report;
  SPILLWAY_TRY_ASSIGN(report.filter, connection::canonical_filter(filter));
  SPILLWAY_TRY_ASSIGN(store::state_file state, with.open_state(store::access::read));
  SPILLWAY_TRY(store::hold_moment(state.database()));
  SPILLWAY_TRY_ASSIGN(const auto projects, store::overview_of_projects(state.database()));
  progress_line line(0);
  for (const store::project_overview& each : projects) {
    SPILLWAY_TRY_ASSIGN(event_sample sample, sample_of(state.database(), each));
    if (!report.filter.empty()) {
      SPILLWAY_TRY_ASSIGN(const record::filter wanted, record::parse_filter(report.filter));
      SPILLWAY_TRY(apply_filter(state.database(), wanted, with, line, sample));
    }
    report.projects.push_back(estimate_of(sample));
  }
  line.end();
  SPILLWAY_TRY(with.output == session::output::json ? print_json(to_json(report)) : print(describe(report)));
  return exit_status::done;
}

}  // namespace

void add_estimate(program& to) {
  auto filter = std::make_shared<std::string>();
  CLI::App& verb = to.add_verb("estimate", "Estimate a month's exports by what the state file holds",
                               program::uses_state::yes, [filter](session& with) { return estimate(*filter, with); });
  verb.add_option("--filter", *filter, "Count only events like event_type is \"purchase\" (see docs/formats.md)")
      ->type_name("CONDITIONS")
      ->check(not_empty());
}

}  // namespace spillway::cli
