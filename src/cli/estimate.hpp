// The arithmetic of estimate. Source of the method: the specification's "Exported data size": the average size of an
// event times the number of events of a month.
#pragma once

#include "model/hour.hpp"
#include "model/project.hpp"

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace spillway::cli {

inline constexpr int days_per_month = 30;

// What is known of the events of one project, of which `events` are counted (all, or those of --filter).
struct event_sample {
  model::project_id project = 0;
  std::int64_t events = 0;
  std::int64_t text_bytes = 0;
  std::int64_t events_stored = 0;  // before the filter
  // Compressed bytes a text byte, and of how much text that was measured; 0 of 0 without events.
  double compressed_ratio = 0;
  std::int64_t compressed_text_bytes = 0;
  // All hours that have events, of the project, whatever the filter takes.
  model::hour first_hour;
  model::hour last_hour;
};

struct month_volume {
  double events = 0;
  double text_bytes = 0;
  double compressed_bytes = 0;
};

struct event_estimate {
  event_sample sample;
  double event_text_bytes = 0;  // of an event on average
  double event_compressed_bytes = 0;
  double days = 0;  // from the first hour with events to the last one, both counted whole
  double events_per_day = 0;
  month_volume month;
};

event_estimate estimate_of(const event_sample& sample);

struct estimate_report {
  std::string filter;  // as JSON, as connections keep it; empty: all events
  std::vector<event_estimate> projects;
};

// {"filter":null,"days_per_month":30,"projects":[{"id":187520,"events":6,...,"month":{...}}],"month":{...}}
boost::json::object to_json(const estimate_report& report);
std::string describe(const estimate_report& report);

}  // namespace spillway::cli
