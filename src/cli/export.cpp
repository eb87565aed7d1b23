// spillway export: takes events in and delivers every closed hour, in one shot.
#include "base/bytes.hpp"
#include "base/shell_word.hpp"
#include "cli/destination.hpp"
#include "cli/export_place.hpp"
#include "cli/json_output.hpp"
#include "cli/progress.hpp"
#include "cli/shared_options.hpp"
#include "cli/table.hpp"
#include "cli/working_state.hpp"
#include "connection/delivery.hpp"
#include "connection/export_rules.hpp"
#include "export/run.hpp"
#include "model/object_key.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <boost/json.hpp>

namespace spillway::cli {
namespace json = boost::json;
namespace {

struct export_options {
  intake_options intake;
  std::vector<std::string> paths;  // [INPUT...] DEST
  std::string marker = "manifest";
  std::string filter;
  std::int64_t object_bytes_max = exporting::object_bytes_max_default;
  bool is_marker_given = false;  // --complete, and not its default
  bool is_object_bytes_max_given = false;
  bool close_open_hours = false;
  bool fill_gaps = false;
  bool replace_foreign = false;
};

// What a dry run says of an hour: what of it would be put, the marker last.
struct planned_hour {
  std::vector<store::object_row> objects;
  std::string marker_key;  // empty: none
};

// Where to, and how. All of it is found before the first input is read, since who has waited for an intake should not
// learn then that an option can't be taken.
struct delivery {
  destination to;
  exporting::settings settings;
};

// What is printed at the end.
struct outcome {
  ingest::summary taken;
  exporting::summary delivered;
  std::string destination;
  std::optional<std::vector<planned_hour>> planned;  // of a dry run
  bool has_merges_left = false;  // merged Amplitude IDs were taken in that no connection delivers there
};

result<exporting::settings> settings_of(const export_options& wanted, const destination& to, const session& with) {
  exporting::settings settings;
  SPILLWAY_TRY_ASSIGN(settings.filter, connection::canonical_filter(wanted.filter));
  settings.place = to.place;
  settings.prefix = to.prefix;
  settings.marker = base::parse_name<model::marker_kind>(wanted.marker).value_or(model::marker_kind::manifest);
  settings.object_bytes_max = wanted.object_bytes_max;
  settings.open = wanted.close_open_hours ? exporting::open_hours::close : exporting::open_hours::leave;
  settings.fill = wanted.fill_gaps ? exporting::gaps::all : exporting::gaps::bounded;
  settings.foreign = wanted.replace_foreign ? model::foreign_objects::replace : model::foreign_objects::refuse;
  settings.threads = threads_of(wanted.intake.threads);
  SPILLWAY_TRY_ASSIGN(settings.put, put_options_of(with.aws));
  return settings;
}

result<delivery> delivery_of(const export_options& wanted, const session& with) {
  delivery made;
  SPILLWAY_TRY_ASSIGN(made.to, locate_destination(wanted.paths.back(), with));
  SPILLWAY_TRY(check_is_no_file(made.to, wanted.paths));
  SPILLWAY_TRY_ASSIGN(made.settings, settings_of(wanted, made.to, with));
  return made;
}

result<working_state> open_state(const export_options& wanted, const destination& to, const session& with) {
  const auto access = wanted.intake.inputs.empty() ? store::access::change : store::access::create;
  auto opened = working_state::open(with, "export", wanted.intake, access);
  if (opened || opened.error().code == errc::not_found) {
    SPILLWAY_TRY(check_is_no_input(to, wanted.paths, opened ? &opened->file().database() : nullptr, with));
  }
  return opened;
}

// Nothing is sent yet, but that there are credentials is known. A dry run makes no directory.
result<void> open_bucket(delivery& of, const export_options& wanted, const session& with) {
  if (wanted.intake.dryrun && !is_there(of.to)) {
    return {};
  }
  const auto make = wanted.intake.dryrun ? make_bucket::no : make_bucket::yes;
  SPILLWAY_TRY_ASSIGN(of.to, open_located(std::move(of.to), make, with));
  return {};
}

std::string describe_waiting(const exporting::waiting_hour& which, std::string_view why) {
  return fmt::format("{}: project {} hour {} ({})", why, which.key.project, model::to_string(which.key.hour),
                     count_of(which.events, "event"));
}

// "25 hours delivered to /srv/bucket: 2 objects, 6 events, 2.6 kB".
std::string describe_delivery(const exporting::summary& what, std::string_view done, const std::string& destination) {
  return fmt::format("{} {} to {}: {}, {}, {}\n", count_of(what.hours, "hour"), done, shown_name(destination),
                     count_of(what.objects, "object"), count_of(what.events, "event"),
                     base::human_bytes(static_cast<std::uint64_t>(what.bytes)));
}

std::string describe_planned(const std::vector<planned_hour>& planned, const std::string& destination) {
  exporting::summary sum;
  std::string text;
  for (const planned_hour& hour : planned) {
    ++sum.hours;
    for (const store::object_row& each : hour.objects) {
      ++sum.objects;
      sum.events += each.events;
      sum.bytes += each.bytes;
      text += fmt::format("would put {} ({}, {})\n", shown_name(each.key), count_of(each.events, "event"),
                          base::human_bytes(static_cast<std::uint64_t>(each.bytes)));
    }
    if (!hour.marker_key.empty()) {
      text += fmt::format("would put {} (marker)\n", shown_name(hour.marker_key));
    }
  }
  return text + describe_delivery(sum, "would be delivered", destination);
}

std::string describe_outcome(const outcome& made, const export_options& wanted, const session& with) {
  const exporting::summary& delivered = made.delivered;
  std::string text = made.taken.inputs.empty() ? "" : describe(made.taken, wanted.intake, with);
  text += made.planned ? describe_planned(*made.planned, made.destination)
                       : describe_delivery(delivered, "delivered", made.destination);
  for (const exporting::waiting_hour& each : delivered.open) {
    text += describe_waiting(each, "open") + "; --close-open-hours delivers it now\n";
  }
  for (const exporting::waiting_hour& each : delivered.gathered) {
    text += describe_waiting(each, "late") + "; gathered for one more partition, --close-open-hours delivers it now\n";
  }
  if (made.has_merges_left) {
    text +=
        with.suggested("merged Amplitude IDs are delivered by a connection: spillway connection create --data both\n");
  }
  if (!delivered.pruned.empty()) {
    text += fmt::format("{} not delivered, whose events were pruned: {}\n",
                        count_of(static_cast<std::int64_t>(delivered.pruned.size()), "hour"),
                        describe_hours(delivered.pruned));
  }
  if (!delivered.partly_pruned.empty()) {
    text += fmt::format("{} delivered without the events of it that were pruned: {}\n",
                        count_of(static_cast<std::int64_t>(delivered.partly_pruned.size()), "hour"),
                        describe_hours(delivered.partly_pruned));
  }
  return text;
}

json::array hours_to_json(const std::vector<exporting::waiting_hour>& hours) {
  json::array all;
  for (const exporting::waiting_hour& each : hours) {
    all.push_back({{"project", each.key.project}, {"hour", model::to_string(each.key.hour)}, {"events", each.events}});
  }
  return all;
}

json::array hours_to_json(const std::vector<model::hour>& hours) {
  json::array all;
  for (const model::hour each : hours) {
    all.push_back(json_hour(each));
  }
  return all;
}

json::object outcome_to_json(const outcome& made) {
  const exporting::summary& delivered = made.delivered;
  json::array planned;
  json::array markers;
  for (const planned_hour& hour : made.planned.value_or(std::vector<planned_hour>())) {
    for (const store::object_row& each : hour.objects) {
      planned.push_back({{"key", each.key}, {"events", each.events}, {"bytes", each.bytes}});
    }
    if (!hour.marker_key.empty()) {
      markers.emplace_back(hour.marker_key);
    }
  }
  json::array failed;
  for (const failure& each : delivered.failures) {
    failed.push_back(json::string(each.text()));
  }
  return {{"destination", made.destination},
          {"taken_in", cli::to_json(made.taken)},
          {"delivered",
           {{"hours", delivered.hours},
            {"empty_hours", delivered.empty_hours},
            {"objects", delivered.objects},
            {"events", delivered.events},
            {"bytes", delivered.bytes}}},
          {"planned", std::move(planned)},
          {"planned_markers", std::move(markers)},
          {"open_hours", hours_to_json(delivered.open)},
          {"late_hours", hours_to_json(delivered.gathered)},
          {"pruned_hours", hours_to_json(delivered.pruned)},
          {"partly_pruned_hours", hours_to_json(delivered.partly_pruned)},
          {"failures", std::move(failed)}};
}

result<std::vector<planned_hour>> list_planned(db::database& state, const std::vector<model::connection>& connections,
                                               const std::string& prefix) {
  std::vector<planned_hour> all;
  for (const model::connection& connection : connections) {
    SPILLWAY_TRY_ASSIGN(const auto jobs, store::list_undelivered_jobs(state, connection.id));
    for (const store::job_row& each : jobs) {
      planned_hour made;
      SPILLWAY_TRY_ASSIGN(made.objects, store::list_objects(state, each.id));
      std::erase_if(made.objects, [](const store::object_row& object) { return object.delivered_at.has_value(); });
      if (each.marker != model::marker_kind::off) {
        made.marker_key = model::marker_key(each.project, each.hour, prefix);
      }
      all.push_back(std::move(made));
    }
  }
  return all;
}

exporting::progress_sink progress_of(progress_line& line) {
  return [&line](const exporting::progress& now) {
    line.update({static_cast<std::uint64_t>(now.events), static_cast<std::uint64_t>(now.bytes),
                 static_cast<std::uint64_t>(now.hours), static_cast<std::uint64_t>(now.hours_total)});
  };
}

// Objects of a place are encrypted alike: as its connection says, also where an export comes by hand.
result<void> check_encryption(const model::connection& there, const aws_choice& wanted) {
  const model::access_settings& has = there.access;
  if (has.sse == wanted.sse && has.kms_key_id == wanted.sse_kms_key_id) {
    return {};
  }
  const std::string key = has.kms_key_id.empty() ? "" : " --sse-kms-key-id " + base::shell_word(has.kms_key_id);
  return failure{errc::conflict, "exporting to " + there.place.destination,
                 fmt::format("connection {} delivers there with {}", there.id,
                             has.sse.empty() ? "the bucket's own encryption" : "other encryption"),
                 has.sse.empty() ? "leave --sse out" : fmt::format("give the same: --sse {}{}", has.sse, key)};
}

failure other_option(const model::connection& there, std::string_view option, std::string_view value) {
  return {errc::conflict, "exporting to " + there.place.destination,
          fmt::format("connection {} delivers project {} there with another {}", there.id, there.project, option),
          fmt::format("give the same: {} {}", option, value)};
}

// Of one project the hours look alike, by whomever they are delivered; but only what was given is a wish.
result<void> check_object_options(const model::connection& there, const export_options& wanted) {
  if (wanted.is_marker_given && wanted.marker != model::to_string(there.marker)) {
    return other_option(there, "--complete", model::to_string(there.marker));
  }
  if (wanted.is_object_bytes_max_given && wanted.object_bytes_max != there.object_bytes_max) {
    return other_option(there, "--max-object-bytes", std::to_string(there.object_bytes_max));
  }
  return {};
}

// An export by hand beside connections that deliver to the same place by themselves.
result<void> check_beside_connections(db::database& state, const model::place& to, const export_options& wanted,
                                      const aws_choice& aws) {
  SPILLWAY_TRY_ASSIGN(const auto connections, store::list_connections(state));
  for (const model::connection& each : connections) {
    if (each.place != to || !each.delivers_by_itself()) {
      continue;
    }
    SPILLWAY_TRY(check_encryption(each, aws));
    if (each.project == wanted.intake.project.value_or(each.project)) {
      SPILLWAY_TRY(check_object_options(each, wanted));
    }
  }
  return {};
}

bool has_merges_left(const ingest::summary& taken, const std::vector<model::connection>& delivering) {
  return taken.merges > 0 && std::ranges::none_of(delivering, [](const model::connection& each) {
           return model::delivers_merges(each.data);
         });
}

result<void> deliver(store::state_file& state, const export_options& wanted, const session& with, const delivery& of,
                     outcome& made) {
  SPILLWAY_TRY(connection::check_export(state.database(), of.to.place, wanted.intake.project));
  SPILLWAY_TRY(check_beside_connections(state.database(), of.to.place, wanted, with.aws));
  SPILLWAY_TRY(store::recover_jobs(state.database()));
  if (wanted.intake.dryrun) {
    SPILLWAY_TRY_ASSIGN(const auto connections, exporting::plan_all(state, of.settings, wanted.intake.project,
                                                                    *with.clock, made.delivered, with.stop));
    made.has_merges_left = has_merges_left(made.taken, connections);
    SPILLWAY_TRY_ASSIGN(made.planned, list_planned(state.database(), connections, of.to.prefix));
    return {};
  }
  exporting::settings settings = of.settings;
  exporting::staged_objects staged(*of.to.opened);
  settings.staged = &staged;
  SPILLWAY_TRY_ASSIGN(const auto connections, exporting::plan_all(state, settings, wanted.intake.project, *with.clock,
                                                                  made.delivered, with.stop));
  made.has_merges_left = has_merges_left(made.taken, connections);
  progress_line line(0);
  const auto delivered = exporting::deliver_all(
      state, connections, settings, {*of.to.opened, *with.clock, with.stop, progress_of(line)}, made.delivered);
  line.end();
  const bool is_nothing_new = delivered && made.delivered.hours == 0 && made.delivered.failures.empty();
  if (is_nothing_new) {
    return note_if_emptied(of.to, state.database(), with);
  }
  return delivered;
}

result<exit_status> export_events(export_options& wanted, session& with) {
  wanted.intake.inputs.assign(wanted.paths.begin(), wanted.paths.end() - 1);
  SPILLWAY_TRY_ASSIGN(std::vector<std::string> files, find_files(wanted.intake.inputs, with, wanted.paths.back()));
  const bool takes_in = !files.empty();
  SPILLWAY_TRY_ASSIGN(delivery of, delivery_of(wanted, with));
  SPILLWAY_TRY_ASSIGN(working_state state, open_state(wanted, of.to, with));
  SPILLWAY_TRY(check_is_not_gone(of.to, state.file().database(), with));
  SPILLWAY_TRY(open_bucket(of, wanted, with));
  outcome made;
  made.destination = of.to.place.destination;
  if (takes_in) {
    SPILLWAY_TRY_ASSIGN(made.taken, take_in(state.file(), std::move(files), wanted.intake, with));
  }
  if (const auto delivered = deliver(state.file(), wanted, with, of, made); !delivered) {
    made.delivered.failures.insert(made.delivered.failures.begin(), delivered.error());
  }
  // Also what was done before a failure is said: the next run will not say it again.
  SPILLWAY_TRY(with.output == session::output::json ? print_json(outcome_to_json(made))
                                                    : print(describe_outcome(made, wanted, with)));
  if (!made.delivered.failures.empty()) {
    return made.delivered.failures.front();
  }
  return status_of(made.taken, wanted.intake);
}

}  // namespace

void add_export(program& to) {
  auto wanted = std::make_shared<export_options>();
  CLI::App& verb =
      to.add_verb("export", "Take events in and deliver every closed hour to a bucket", program::uses_state::yes,
                  [wanted](session& with) { return export_events(*wanted, with); });
  verb.add_option("PATH", wanted->paths,
                  "[INPUT...] DEST: files, directories or - for standard input, then s3://BUCKET/PREFIX "
                  "or the bucket's directory")
      ->required();
  add_intake_options(verb, wanted->intake);
  to.add_destination_options(verb);
  to.add_put_options(verb);
  add_object_options(verb, wanted->filter, wanted->marker, wanted->object_bytes_max);
  verb.parse_complete_callback([wanted, &verb] {
    wanted->is_marker_given = verb.count("--complete") > 0;
    wanted->is_object_bytes_max_given = verb.count("--max-object-bytes") > 0;
  });
  verb.add_flag("--close-open-hours", wanted->close_open_hours,
                "Deliver hours that have not ended, and late events at once");
  verb.add_flag("--fill-gaps", wanted->fill_gaps, "Mark empty hours also in gaps of more than 31 days");
  verb.add_flag("--replace-foreign", wanted->replace_foreign,
                "Replace objects that are in the way and that the ledger does not know");
}

}  // namespace spillway::cli
