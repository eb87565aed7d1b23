// spillway jobs: what was planned and delivered, an hour a row.
#include "cli/jobs.hpp"

#include "base/bytes.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/table.hpp"
#include "store/overview.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

namespace spillway::cli {
namespace json = boost::json;
namespace {

struct object_totals {
  std::int64_t events = 0;
  std::int64_t bytes = 0;
};

object_totals totals_of(const std::vector<store::object_row>& objects) {
  object_totals sum;
  for (const store::object_row& each : objects) {
    sum.events += each.events;
    sum.bytes += each.bytes;
  }
  return sum;
}

json::object object_json(const store::object_row& object) {
  return {{"key", object.key},
          {"partition", object.partition},
          {"events", object.events},
          {"text_bytes", object.text_bytes},
          {"text_crc32", base::to_hex(object.text_crc32)},
          {"bytes", object.bytes},
          {"sha256", base::sha256_hex(object.sha256)},
          {"engine", object.engine},
          {"etag", text_or_null(object.etag)},
          {"delivered_at", json_time(object.delivered_at)}};
}

}  // namespace

json::object to_json(const store::job_row& job, const std::vector<store::object_row>& objects) {
  json::array shown;
  for (const store::object_row& each : objects) {
    shown.push_back(object_json(each));
  }
  const object_totals sum = totals_of(objects);
  return {{"connection", job.connection_id},
          {"kind", json::string(store::to_string(job.kind))},
          {"project", job.project},
          {"destination", job.place.destination},
          {"endpoint", text_or_null(job.place.endpoint)},
          {"hour", model::to_string(job.hour)},
          {"state", json::string(store::to_string(job.state))},
          {"reason", text_or_null(job.reason)},
          {"attempts", job.attempts},
          {"complete", json::string(model::to_string(job.marker))},
          {"planned_at", json_time(job.planned_at)},
          {"delivered_at", json_time(job.delivered_at)},
          {"events", sum.events},
          {"bytes", sum.bytes},
          {"objects", std::move(shown)}};
}

namespace {

struct jobs_options {
  std::string state;
};

std::vector<std::string> cells_of(const store::job_row& job, const std::vector<store::object_row>& objects) {
  const object_totals sum = totals_of(objects);
  return {fmt::format("{}", job.connection_id),
          fmt::format("{}", job.project),
          job.place.destination,
          std::string(store::to_string(job.kind)),
          model::to_string(job.hour),
          std::string(store::to_string(job.state)),
          grouped(static_cast<std::int64_t>(objects.size())),
          grouped(sum.events),
          grouped(sum.bytes),
          grouped(job.attempts),
          base::format_utc(job.planned_at),
          job.delivered_at ? base::format_utc(*job.delivered_at) : "-",
          job.reason};
}

result<exit_status> jobs(const jobs_options& wanted, session& with) {
  SPILLWAY_TRY_ASSIGN(store::state_file state, with.open_state(store::access::read));
  SPILLWAY_TRY(store::hold_moment(state.database()));
  SPILLWAY_TRY_ASSIGN(const auto all, store::list_jobs(state.database()));
  const bool as_json = with.output == session::output::json;
  json_listing listing("jobs");
  table shown({{"CONNECTION", align::right},
               {"PROJECT", align::right},
               {"DESTINATION"},
               {"KIND"},
               {"HOUR"},
               {"STATE"},
               {"OBJECTS", align::right},
               {"EVENTS", align::right},
               {"BYTES", align::right},
               {"ATTEMPTS", align::right},
               {"PLANNED"},
               {"DELIVERED"},
               {"REASON"}});
  for (const store::job_row& each : all) {
    if (!wanted.state.empty() && store::to_string(each.state) != wanted.state) {
      continue;
    }
    SPILLWAY_TRY_ASSIGN(const auto objects, store::list_objects(state.database(), each.id));
    if (as_json) {
      SPILLWAY_TRY(listing.add(cli::to_json(each, objects)));
    } else {
      shown.add(cells_of(each, objects));
    }
  }
  SPILLWAY_TRY(as_json ? listing.end() : print(shown.text()));
  return exit_status::done;
}

}  // namespace

void add_jobs(program& to) {
  auto wanted = std::make_shared<jobs_options>();
  CLI::App& verb = to.add_verb("jobs", "List what was planned and delivered, hour by hour", program::uses_state::yes,
                               [wanted](session& with) { return jobs(*wanted, with); });
  verb.add_option("--state-is", wanted->state, "Only jobs in this state")
      ->type_name("STATE")
      ->check(one_of<store::job_state>());
}

}  // namespace spillway::cli
