// spillway status: the state file at a glance.
#include "cli/status.hpp"

#include "base/bytes.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/table.hpp"
#include "store/catalog.hpp"
#include "store/missing_pages.hpp"
#include "store/reject_log.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

namespace spillway::cli {
namespace json = boost::json;
namespace {

using store::job_state;

std::int64_t jobs_in(const store::connection_overview& of, job_state in) {
  return of.jobs[static_cast<std::size_t>(in)];
}

json::value to_json(const std::optional<store::worker_row>& worker) {
  if (!worker) {
    return nullptr;
  }
  return json::object{{"pid", worker->pid}, {"doing", worker->doing}, {"since", json_time(worker->since)}};
}

json::object to_json(const store::input_overview& inputs) {
  return {{"count", inputs.inputs},
          {"finished", inputs.finished},
          {"received", inputs.counts.received},
          {"stored", inputs.counts.stored},
          {"duplicates", inputs.counts.duplicates},
          {"applied", inputs.counts.applied},
          {"rejected", inputs.counts.rejected}};
}

json::object to_json(const store::missing_events& missing) {
  return {{"hours", missing.hours}, {"events", missing.events}};
}

// What a connection is, and what of it is delivered.
json::object to_json(const status_facts::connection_status& of) {
  json::object jobs;
  for (std::size_t i = 0; i < of.overview.jobs.size(); ++i) {
    jobs[store::names_of(job_state())[i]] = of.overview.jobs[i];
  }
  json::object made = to_json(of.facts);
  made["jobs"] = std::move(jobs);
  made["last_delivered_hour"] = json_hour(of.overview.last_delivered);
  made["open"] = to_json(of.overview.open);
  made["to_be_delivered"] = to_json(of.overview.overdue);
  made["pruned"] = to_json(of.overview.pruned);
  return made;
}

json::object mails_to_json(const status_facts& facts) {
  json::array refused;
  for (const store::mail_row& each : facts.refused_mails) {
    refused.push_back({{"recipient", each.recipient}, {"subject", each.subject}, {"reason", each.reason}});
  }
  return {{"waiting", facts.waiting_mails}, {"refused", std::move(refused)}};
}

std::string describe(const store::input_overview& inputs) {
  const store::input_counts& counts = inputs.counts;
  return fmt::format(
      "inputs: {}, {} to the end\n  received {} = stored {} + duplicates {} + applied {} + rejected {}\n",
      grouped(inputs.inputs), grouped(inputs.finished), grouped(counts.received), grouped(counts.stored),
      grouped(counts.duplicates), grouped(counts.applied), grouped(counts.rejected));
}

std::string describe(const store::missing_events& missing) {
  return missing.hours == 0
             ? "-"
             : fmt::format("{} in {}", count_of(missing.events, "event"), count_of(missing.hours, "hour"));
}

std::string table_of(const std::vector<status_facts::connection_status>& all) {
  table shown({{"CONNECTION", align::right},
               {"PROJECT", align::right},
               {"DESTINATION"},
               {"STATE"},
               {"DELIVERED", align::right},
               {"WAITING", align::right},
               {"RUNNING", align::right},
               {"FAILED", align::right},
               {"BLOCKED", align::right},
               {"LAST DELIVERED"},
               {"OPEN"},
               {"TO BE DELIVERED"}});
  for (const auto& [of, facts] : all) {
    const auto count = [&of](job_state in) { return grouped(jobs_in(of, in)); };
    shown.add({fmt::format("{}", of.connection.id), fmt::format("{}", of.connection.project),
               of.connection.place.destination, health_of(facts), count(job_state::delivered),
               count(job_state::waiting), count(job_state::running), count(job_state::failed),
               count(job_state::blocked), of.last_delivered ? model::to_string(*of.last_delivered) : "-",
               describe(of.open), describe(of.overdue)});
  }
  return shown.text("  ");
}

std::string notes_of(const status_facts& facts, const suggesting& suggested) {
  std::string text;
  for (const auto& each : facts.connections) {
    text += notes_on(each.facts, suggested);
    if (each.overview.pruned.hours > 0) {
      text += fmt::format("connection {}: it will not deliver {}, which were pruned before\n",
                          each.overview.connection.id, describe(each.overview.pruned));
    }
  }
  if (facts.waiting_mails > 0) {
    text += fmt::format("mails: {} until a server takes them (spillway run --smtp-file FILE)\n",
                        count_of(facts.waiting_mails, "mail") + (facts.waiting_mails == 1 ? " waits" : " wait"));
  }
  for (const store::mail_row& each : facts.refused_mails) {
    text += fmt::format("mails: the server refused {}: {}\n", shown_name(each.recipient),
                        base::printable(each.reason, base::shown_line_bytes_max));
  }
  return text;
}

std::string section(std::string_view title, const std::string& body) {
  return body.empty() ? fmt::format("{}: none\n", title) : fmt::format("{}:\n{}", title, body);
}

}  // namespace

json::object to_json(const status_facts& facts) {
  json::array connections;
  for (const auto& each : facts.connections) {
    connections.push_back(to_json(each));
  }
  return {{"state_file", {{"path", facts.path}, {"bytes", facts.bytes}, {"wal_bytes", facts.wal_bytes}}},
          {"worker", to_json(facts.worker)},
          {"organizations", to_json(facts.organizations)},
          {"projects", to_json(facts.projects)},
          {"inputs", to_json(facts.inputs)},
          {"rejects", facts.rejects},
          {"connections", std::move(connections)},
          {"mails", mails_to_json(facts)}};
}

std::string describe(const status_facts& facts, const suggesting& suggested) {
  std::string text = fmt::format("state file {}: {}\n", base::printable(facts.path, base::shown_line_bytes_max),
                                 base::human_bytes(facts.bytes + facts.wal_bytes));
  text += facts.worker ? fmt::format("worker: process {} ({}) since {}\n", facts.worker->pid,
                                     base::printable(facts.worker->doing, base::shown_line_bytes_max),
                                     base::format_utc(facts.worker->since))
                       : "worker: none\n";
  text += section("organizations", table_of(facts.organizations, "  "));
  text += section("projects", table_of(facts.projects, "  "));
  text += describe(facts.inputs);
  text += fmt::format("rejects: {}{}\n", facts.rejects == 0 ? "none" : grouped(facts.rejects) + " kept",
                      facts.rejects == 0 ? "" : suggested(" (spillway rejects)"));
  return text + section("connections", table_of(facts.connections)) + notes_of(facts, suggested);
}

namespace {

result<status_facts> read_status(const session& with) {
  status_facts facts;
  facts.path = with.state_path;
  // In a file that is not there nobody works; that it is missing is said by open_state, with what to do.
  const auto lock = store::look_at_worker_lock(with.state_path);
  if (!lock && lock.error().code != errc::not_found) {
    return lock.error();
  }
  SPILLWAY_TRY_ASSIGN(store::state_file state, with.open_state(store::access::read));
  db::database& database = state.database();
  SPILLWAY_TRY(store::hold_moment(database));
  if (lock && *lock == store::worker_lock::held) {
    SPILLWAY_TRY_ASSIGN(facts.worker, store::find_worker(database));
  }
  SPILLWAY_TRY_ASSIGN(const auto organizations, store::list_organizations(database));
  SPILLWAY_TRY_ASSIGN(facts.projects, store::overview_of_projects(database));
  facts.organizations = cli::facts_of(organizations, facts.projects);
  SPILLWAY_TRY_ASSIGN(facts.inputs, store::overview_of_inputs(database));
  SPILLWAY_TRY_ASSIGN(facts.rejects, store::count_rejects(database));
  SPILLWAY_TRY_ASSIGN(const auto connections, store::overview_of_connections(database, with.clock->now()));
  for (const store::connection_overview& each : connections) {
    SPILLWAY_TRY_ASSIGN(connection_facts read, read_facts(database, each.connection));
    facts.connections.push_back({each, std::move(read)});
  }
  SPILLWAY_TRY_ASSIGN(const auto waiting, store::list_waiting_mails(database));
  facts.waiting_mails = static_cast<std::int64_t>(waiting.size());
  SPILLWAY_TRY_ASSIGN(facts.refused_mails, store::list_refused_mails(database));
  SPILLWAY_TRY_ASSIGN(facts.bytes, file_bytes(with.state_path));
  SPILLWAY_TRY_ASSIGN(facts.wal_bytes, store::bytes_of_log(state.path()));
  return facts;
}

result<exit_status> status(session& with) {
  SPILLWAY_TRY_ASSIGN(const status_facts facts, read_status(with));
  SPILLWAY_TRY(with.output == session::output::json ? print_json(to_json(facts))
                                                    : print(describe(facts, with.suggested)));
  return exit_status::done;
}

}  // namespace

void add_status(program& to) {
  to.add_verb("status", "Show what the state file holds and what is delivered", program::uses_state::yes, status);
}

}  // namespace spillway::cli
