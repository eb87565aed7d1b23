#include "cli/connection_output.hpp"

#include "base/bytes.hpp"
#include "cli/json_output.hpp"
#include "cli/table.hpp"
#include "connection/life_cycle.hpp"
#include "store/catalog.hpp"
#include "store/overview.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

namespace spillway::cli {
namespace json = boost::json;
namespace {

json::value to_json(const std::optional<store::access_trouble>& trouble) {
  if (!trouble) {
    return nullptr;
  }
  return json::object{{"state", trouble->blocked_at ? "blocked" : "refused"},
                      {"permission", text_or_null(trouble->permission)},
                      {"detail", trouble->detail},
                      {"since", json_time(trouble->since)},
                      {"blocked_at", json_time(trouble->blocked_at)},
                      {"attempts", trouble->attempts},
                      {"next_try_at", json_time(trouble->next_try_at)}};
}

json::value access_to_json(const connection_facts& facts) {
  json::value made = to_json(facts.trouble);
  if (facts.trouble && facts.connection.state == model::connection_state::disabled) {
    made.as_object()["next_try_at"] = nullptr;
  }
  return made;
}

json::object to_json(const store::undelivered& waiting) {
  return {{"hours", waiting.hours}, {"first_hour", json_hour(waiting.first)}, {"last_hour", json_hour(waiting.last)}};
}

json::array gaps_to_json(const connection_facts& facts) {
  json::array gaps;
  for (const store::gap& each : facts.gaps) {
    gaps.push_back({{"first_hour", model::to_string(each.first)},
                    {"last_hour", model::to_string(each.last)},
                    {"fill", connection::backfill_command(facts.connection.id, each)}});
  }
  return gaps;
}

json::value to_json(const std::optional<store::migration_row>& migration) {
  if (!migration) {
    return nullptr;
  }
  const bool is_going_back = migration->going == store::migration_row::direction::back;
  return json::object{{"old_connection", migration->old_connection},
                      {"step", migration->step},
                      {"steps", store::migration_steps},
                      {"direction", is_going_back ? "back" : "forward"}};
}

std::string describe(const store::migration_row& migration) {
  const bool is_going_back = migration.going == store::migration_row::direction::back;
  return fmt::format("is being {}, step {} of {} is done; go on: spillway connection migrate {}{}",
                     is_going_back ? "rolled back from its migration" : "migrated", migration.step,
                     store::migration_steps, is_going_back ? "rollback " : "", migration.old_connection);
}

std::string describe_next_try(const connection_facts& facts) {
  return facts.connection.state == model::connection_state::disabled
             ? "not tried while it is disabled"
             : fmt::format("spillway run tries again at {}", base::format_utc(facts.trouble->next_try_at));
}

// "; 3 hours wait, 2020-01-25_14 to 2020-01-25_16". Hours that nobody came to plan yet are not among them.
std::string describe_waiting(const store::undelivered& waiting) {
  return waiting.hours == 0 ? ""
                            : fmt::format("; {} wait, {} to {}", count_of(waiting.hours, "hour"),
                                          model::to_string(*waiting.first), model::to_string(*waiting.last));
}

}  // namespace

result<bool> is_run_at_work(db::database& state) {
  SPILLWAY_TRY_ASSIGN(const auto worker, store::find_worker(state));
  return worker && worker->doing == "run";
}

result<connection_facts> read_facts(db::database& state, model::connection of) {
  connection_facts facts;
  SPILLWAY_TRY_ASSIGN(const auto project, store::find_project(state, of.project));
  facts.organization = project ? project->organization : 0;
  SPILLWAY_TRY_ASSIGN(facts.trouble, store::find_trouble(state, of.id));
  SPILLWAY_TRY_ASSIGN(facts.waiting, store::count_undelivered(state, of.id));
  // Those of one of merged IDs are its history's: who delivers events there after it fills them.
  if (model::delivers_events(of.data)) {
    SPILLWAY_TRY_ASSIGN(facts.gaps, store::list_gaps(state, of.id));
  }
  SPILLWAY_TRY_ASSIGN(facts.migration, store::find_migration(state, of.id));
  if (facts.migration && facts.migration->is_finished()) {
    facts.migration.reset();
  }
  facts.connection = std::move(of);
  return facts;
}

std::string health_of(const connection_facts& facts) {
  if (facts.connection.kind == model::connection_kind::implicit) {
    return "by export";
  }
  if (facts.connection.state == model::connection_state::disabled) {
    return "disabled";
  }
  if (facts.trouble) {
    return facts.trouble->blocked_at ? "blocked" : "refused";
  }
  return "enabled";
}

json::object to_json(const connection_facts& facts) {
  const model::connection& of = facts.connection;
  const bool is_scheduled = of.kind == model::connection_kind::scheduled;
  json::object made{{"id", of.id},
                    {"project", of.project},
                    {"organization", facts.organization},
                    {"destination", of.place.destination},
                    {"endpoint", text_or_null(of.place.endpoint)},
                    {"kind", model::to_string(of.kind)},
                    {"state", model::to_string(of.state)},
                    {"data", model::to_string(of.data)},
                    {"filter", of.filter.empty() ? json::value(nullptr) : json::parse(of.filter)},
                    {"complete", model::to_string(of.marker)},
                    {"max_object_bytes", of.object_bytes_max},
                    {"sse", text_or_null(of.access.sse)},
                    {"sse_kms_key_id", text_or_null(of.access.kms_key_id)},
                    {"checksum", of.access.checksum},
                    {"profile", text_or_null(of.access.profile)},
                    {"region", text_or_null(of.access.region)},
                    {"ca_bundle", text_or_null(of.access.ca_bundle)},
                    {"principal", model::to_string(of.principal)},
                    {"claim", of.claim == model::claim_choice::object}};
  made["created_by"] = json::object{{"name", text_or_null(of.creator.name)}, {"mail", text_or_null(of.creator.mail)}};
  made["created_at"] = json_time(of.created_at);
  made["disabled_at"] = json_time(of.disabled_at);
  made["first_hour"] = is_scheduled ? json_hour(of.start) : json::value(nullptr);
  made["undelivered"] = to_json(facts.waiting);
  made["access"] = access_to_json(facts);
  made["gaps"] = gaps_to_json(facts);
  made["migration"] = to_json(facts.migration);
  return made;
}

std::string table_of(const std::vector<connection_facts>& all, const suggesting& suggested) {
  table shown({{"CONNECTION", align::right},
               {"PROJECT", align::right},
               {"DESTINATION"},
               {"DATA"},
               {"FILTER"},
               {"STATE"},
               {"FROM"},
               {"UNDELIVERED", align::right}});
  std::string notes;
  for (const connection_facts& each : all) {
    const model::connection& of = each.connection;
    const bool is_scheduled = of.kind == model::connection_kind::scheduled;
    shown.add({fmt::format("{}", of.id), fmt::format("{}", of.project), of.place.destination,
               std::string(model::to_string(of.data)), of.filter.empty() ? "-" : "yes",
               health_of(each), is_scheduled ? model::to_string(of.start) : "-",
               grouped(each.waiting.hours)});
    notes += notes_on(each, suggested);
  }
  return shown.text() + notes;
}

std::string notes_on(const connection_facts& facts, const suggesting& suggested) {
  std::string notes;
  const auto add = [&](const std::string& note) {
    notes += suggested(base::printable(note, base::shown_line_bytes_max)) + "\n";
  };
  const model::connection& of = facts.connection;
  const std::string name = fmt::format("connection {}", of.id);
  if (facts.trouble) {
    add(fmt::format("{}: no access to {} since {}{}: {}{}; {}", name, of.place.destination,
                    base::format_utc(facts.trouble->since),
                    facts.trouble->permission.empty() ? "" : ", " + facts.trouble->permission + " is missing",
                    facts.trouble->detail, describe_waiting(facts.waiting), describe_next_try(facts)));
  }
  for (const store::gap& each : facts.gaps) {
    add(fmt::format("{}: nobody delivered {} to {}; fill the gap: {}", name, model::to_string(each.first),
                    model::to_string(each.last), connection::backfill_command(of.id, each)));
  }
  if (of.kind == model::connection_kind::scheduled && of.principal == model::principal_kind::root) {
    add(
        fmt::format("{}: its bucket trusts the whole account, where the role of project {} would do; once this "
                    "connection is deleted "
                    "there is no way back to it: spillway connection migrate {}",
                    name, of.project, of.id));
  }
  if (facts.migration) {
    add(name + " " + describe(*facts.migration));
  }
  return notes;
}

std::string describe(const connection::step_report& report) {
  const exporting::summary& done = report.outcome.done;
  std::string text =
      fmt::format("connection {}: {} delivered to {}: {}, {}, {}\n", report.connection.id, count_of(done.hours, "hour"),
                  shown_name(report.connection.place.destination), count_of(done.objects, "object"),
                  count_of(done.events, "event"), base::human_bytes(static_cast<std::uint64_t>(done.bytes)));
  if (report.outcome.failed) {
    text += fmt::format("connection {}: failed: {}\n", report.connection.id,
                        base::printable(report.outcome.failed->text(), base::shown_line_bytes_max));
  }
  for (const failure& each : report.outcome.failures()) {
    text += fmt::format("connection {}: failed: {}\n", report.connection.id,
                        base::printable(each.text(), base::shown_line_bytes_max));
  }
  return text;
}

json::object to_json(const connection::step_report& report) {
  const exporting::summary& done = report.outcome.done;
  json::array failures;
  if (report.outcome.failed) {
    failures.push_back(json::string(report.outcome.failed->text()));
  }
  for (const failure& each : report.outcome.failures()) {
    failures.push_back(json::string(each.text()));
  }
  return {{"id", report.connection.id},
          {"project", report.connection.project},
          {"destination", report.connection.place.destination},
          {"hours", done.hours},
          {"empty_hours", done.empty_hours},
          {"objects", done.objects},
          {"events", done.events},
          {"bytes", done.bytes},
          {"next_at", json_time(report.outcome.next)},
          {"failures", std::move(failures)}};
}

}  // namespace spillway::cli
