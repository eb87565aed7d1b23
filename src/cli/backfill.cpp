// spillway backfill: past hours of a connection, delivered or made right.
#include "base/bytes.hpp"
#include "base/stoppable_wait.hpp"
#include "cli/connection_bucket.hpp"
#include "cli/connection_output.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/progress.hpp"
#include "cli/shared_options.hpp"
#include "cli/table.hpp"
#include "cli/working_state.hpp"
#include "connection/backfill_work.hpp"
#include "connection/export_rules.hpp"
#include "connection/life_cycle.hpp"
#include "connection/migration_rules.hpp"
#include "store/catalog.hpp"
#include "store/event_store.hpp"
#include "store/overview.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

namespace spillway::cli {
namespace json = boost::json;
namespace {

// How often a backfill that a worker does is looked at, and after how long without a step it is no longer followed.
constexpr std::chrono::milliseconds follow_interval{200};
constexpr std::chrono::minutes follow_stalled_max{10};

// Backfilled at once: more is a year that was mistyped, such as 0020.
constexpr std::int64_t hours_max = std::int64_t{20} * 366 * 24;

struct backfill_options {
  model::connection_id connection = 0;
  std::string from;
  std::string to;
  bool replace_foreign = false;
  bool cancel = false;
  bool list = false;
};

failure usage(std::string cause, std::string hint) {
  return {errc::usage, "reading the command line", std::move(cause), std::move(hint)};
}

// The hours of the dates, both included, that have closed.
result<model::hour_range> range_of(const backfill_options& wanted, base::instant now) {
  if (wanted.from.empty() || wanted.to.empty()) {
    return usage("which dates?", "name them with --from DATE --to DATE, both included");
  }
  SPILLWAY_TRY_ASSIGN(const base::instant from, read_date_option("--from", wanted.from));
  SPILLWAY_TRY_ASSIGN(const base::instant to, read_date_option("--to", wanted.to));
  const model::hour last_closed{model::hour_of(now - connection::settling_usual).number - 1};
  const model::hour_range range{
      model::hour_of(from), std::min(model::hour{model::hour_of(to + std::chrono::days{1}).number - 1}, last_closed)};
  if (to < from) {
    return usage("--to is before --from", {});
  }
  if (range.last < range.first) {
    return usage(fmt::format("no hour of {} has ended yet", wanted.from), "backfill past days");
  }
  if (range.last.number - range.first.number >= hours_max) {
    return usage(fmt::format("from {} to {} are more than twenty years", wanted.from, wanted.to),
                 "look at the years, or backfill a part at a time");
  }
  return range;
}

result<void> describe_pruned(db::database& state, model::project_id project, const model::hour_range& range) {
  SPILLWAY_TRY_ASSIGN(const auto pruned, store::list_pruned_hours(state, project, range));
  if (!pruned.empty()) {
    print_note(fmt::format("{}\n", connection::describe_pruned(describe_hours(pruned))));
  }
  return {};
}

// What the project has, and which days of the range it has nothing of; on standard error, before anything is done.
result<void> describe_data(db::database& state, const model::connection& of, const model::hour_range& range) {
  const model::project_id project = of.project;
  if (!model::delivers_events(of.data)) {
    print_note(fmt::format("connection {} delivers merged Amplitude IDs, and no events\n", of.id));
    return {};
  }
  SPILLWAY_TRY_ASSIGN(const auto rows, store::list_hours(state, project, model::hour_range()));
  std::optional<model::hour> first;
  std::optional<model::hour> last;
  std::map<std::string, std::int64_t> events_by_day;
  for (const store::hour_row& each : rows) {
    if (each.events > 0) {
      first = first.value_or(each.key.hour);
      last = each.key.hour;
      events_by_day[model::to_date(each.key.hour)] += each.events;
    }
  }
  if (!first) {
    print_note(fmt::format("project {} has no events\n", project));
    return {};
  }
  print_note(fmt::format("project {} has events from hour {} to {}\n", project, model::to_string(*first),
                         model::to_string(*last)));
  std::optional<model::hour> empty_since;
  for (model::hour day = range.first;; day.number += 24) {
    const bool is_empty = day <= range.last && !events_by_day.contains(model::to_date(day));
    if (is_empty) {
      empty_since = empty_since.value_or(day);
    } else if (empty_since) {
      const std::string from = model::to_date(*empty_since);
      const std::string to = model::to_date({day.number - 24});
      print_note(fmt::format("{} no events\n", from == to ? from + " has" : from + " to " + to + " have"));
      empty_since.reset();
    }
    if (day > range.last) {
      return describe_pruned(state, project, range);
    }
  }
}

json::object to_json(const store::backfill_row& row) {
  return {{"id", row.id},
          {"connection", row.connection},
          {"first_hour", model::to_string(row.first)},
          {"last_hour", model::to_string(row.last)},
          {"state", json::string(store::to_string(row.state))},
          {"reason", text_or_null(connection::describe_trouble(row))},
          {"failed_hours", row.failed_hours},
          {"pruned_hours", row.pruned_hours},
          {"hours_done", row.next.number - row.first.number},
          {"hours_total", row.last.number - row.first.number + 1},
          {"hours_delivered", row.hours},
          {"objects", row.objects},
          {"events", row.events},
          {"bytes", row.bytes},
          {"created_at", json_time(row.created_at)},
          {"ended_at", json_time(row.ended_at)}};
}

result<exit_status> show(const std::vector<store::backfill_row>& rows, const session& with) {
  if (with.output == session::output::json) {
    json::array all;
    for (const store::backfill_row& each : rows) {
      all.push_back(to_json(each));
    }
    SPILLWAY_TRY(print_json(json::object{{"backfills", std::move(all)}}));
    return exit_status::done;
  }
  table shown({{"BACKFILL", align::right},
               {"CONNECTION", align::right},
               {"FROM"},
               {"TO"},
               {"STATE"},
               {"DONE", align::right},
               {"OBJECTS PUT", align::right},
               {"EVENTS", align::right},
               {"REASON"}});
  for (const store::backfill_row& each : rows) {
    shown.add(
        {fmt::format("{}", each.id), fmt::format("{}", each.connection), model::to_string(each.first),
         model::to_string(each.last), std::string(store::to_string(each.state)),
         fmt::format("{} of {} hours", each.next.number - each.first.number, each.last.number - each.first.number + 1),
         grouped(each.objects), grouped(each.events), connection::describe_trouble(each)});
  }
  SPILLWAY_TRY(print(shown.text()));
  return exit_status::done;
}

void update(progress_line& line, const store::backfill_row& row) {
  line.update({static_cast<std::uint64_t>(row.events), static_cast<std::uint64_t>(row.bytes),
               static_cast<std::uint64_t>(row.next.number - row.first.number),
               static_cast<std::uint64_t>(row.last.number - row.first.number + 1)});
}

// A connection that is disabled does what it is told to, by this command alone: a worker does nothing for it. But not
// where another one goes on with its history, another organization has the bucket, or a migration has disabled it.
result<void> prepare_disabled(store::state_file& state, const model::connection& of, const model::hour_range& range,
                              const session& with) {
  SPILLWAY_TRY_ASSIGN(const auto with_history, store::find_connection(state.database(), of.project, of.place));
  if (with_history && with_history->id != of.id) {
    return failure{errc::conflict,
                   {},
                   fmt::format("it is disabled, and connection {} has its history", with_history->id),
                   fmt::format("backfill that one: spillway backfill {} --from {} --to {}", with_history->id,
                               model::to_date(range.first), model::to_date(range.last))};
  }
  SPILLWAY_TRY(connection::check_may_be_enabled(state.database(), of.id));
  SPILLWAY_TRY(connection::check_owner(state.database(), of));
  return begin_work(state, "backfill", with);
}

// As the worker: chunk by chunk to the end.
result<store::backfill_row> work(store::state_file& state, const model::connection& of, store::backfill_row row,
                                 const session& with, progress_line& line) {
  SPILLWAY_TRY_ASSIGN(const model::project project, store::get_project(state.database(), of.project));
  SPILLWAY_TRY_ASSIGN(const connection::opened_bucket to, open_bucket_of(of, make_bucket::no, with));
  if (of.state == model::connection_state::disabled) {
    SPILLWAY_TRY(connection::check_claim(*to.bucket, project.organization));
  }
  exporting::settings usual = connection::settings_of(of, to);
  usual.threads = threads_of(0);
  exporting::staged_objects staged(*to.bucket);
  usual.staged = &staged;
  const exporting::delivery_world world{*to.bucket, *with.clock, with.stop, [](const exporting::progress&) {}};
  while (!row.is_over()) {
    SPILLWAY_TRY_ASSIGN(row, connection::continue_backfill(state, project, of, std::move(row), usual, world));
    update(line, row);
  }
  return row;
}

// Beside a worker, which does it; if that one ends, it is done here.
result<store::backfill_row> follow(store::state_file& state, const model::connection& of, store::backfill_row row,
                                   const session& with, progress_line& line) {
  auto moved_at = std::chrono::steady_clock::now();
  for (;;) {
    const auto worker = begin_work(state, "backfill", with);
    if (worker) {
      return work(state, of, std::move(row), with, line);
    }
    if (worker.error().code != errc::locked) {
      return worker.error();
    }
    const bool goes_on = base::wait_unless_stopped(with.stop, follow_interval);
    SPILLWAY_TRY_ASSIGN(const auto now, store::find_backfill(state.database(), row.id));
    if (!now) {
      return failure{errc::not_found, "following the backfill", "its connection was deleted", {}};
    }
    if (now->next != row.next || now->state != row.state) {
      moved_at = std::chrono::steady_clock::now();
    }
    row = *now;
    update(line, row);
    if (row.is_over()) {
      return row;
    }
    if (row.is_refused()) {
      return failure{errc::denied, fmt::format("following backfill {}", row.id), row.reason,
                     "once that is allowed the worker goes on by itself: see spillway backfill --list"};
    }
    if (!goes_on || std::chrono::steady_clock::now() - moved_at > follow_stalled_max) {
      SPILLWAY_TRY_ASSIGN(const bool is_run, is_run_at_work(state.database()));
      return failure{
          errc::interrupted, fmt::format("following backfill {}", row.id),
          goes_on ? "the worker has made no step for ten minutes" : "asked to stop",
          fmt::format("{}; see spillway backfill --list, or cancel it: spillway backfill {} --cancel",
                      is_run ? "it stays with the worker" : "it waits for the next spillway run", row.connection)};
    }
  }
}

// One that was refused is tried again at once, also by a worker.
result<store::backfill_row> begin_or_go_on(db::database& state, store::backfill_row asked) {
  SPILLWAY_TRY_ASSIGN(db::transaction change, db::transaction::begin(state));
  SPILLWAY_TRY_ASSIGN(auto open, store::find_open_backfill(state, asked));
  if (!open) {
    SPILLWAY_TRY_ASSIGN(open, store::add_backfill(state, std::move(asked)));
  } else {
    open->last = asked.last;
    SPILLWAY_TRY(store::extend_backfill(state, open->id, open->last));
    if (open->is_refused()) {
      open->reason.clear();
      SPILLWAY_TRY(store::change_backfill(state, *open));
    }
  }
  SPILLWAY_TRY(change.commit());
  return std::move(*open);
}

result<exit_status> cancel(const backfill_options& wanted, store::state_file& state, const session& with) {
  SPILLWAY_TRY_ASSIGN(const auto all, store::list_backfills(state.database()));
  std::vector<store::backfill_row> cancelled;
  for (const store::backfill_row& each : all) {
    if (each.connection == wanted.connection && !each.is_over()) {
      SPILLWAY_TRY(store::cancel_backfill(state.database(), each.id, with.clock->now()));
      SPILLWAY_TRY_ASSIGN(const auto now, store::find_backfill(state.database(), each.id));
      cancelled.push_back(now.value_or(each));
    }
  }
  if (cancelled.empty()) {
    return failure{errc::not_found, fmt::format("cancelling backfills of connection {}", wanted.connection),
                   "none is under way", "see which there were: spillway backfill --list"};
  }
  return show(cancelled, with);
}

// Why not all of what was asked for is there. REQUIRES: it is over.
std::optional<failure> shortfall_of(const store::backfill_row& ended) {
  if (ended.state == store::backfill_state::failed) {
    return connection::failure_of(ended);
  }
  if (ended.state == store::backfill_state::cancelled) {
    return failure{errc::conflict,
                   {},
                   "it was cancelled",
                   fmt::format("what was put stays; to do the rest: spillway backfill {} --from {} --to {}",
                               ended.connection, model::to_date(ended.first), model::to_date(ended.last))};
  }
  if (ended.pruned_hours > 0) {
    return failure{errc::not_found,
                   {},
                   count_of(ended.pruned_hours, "hour") + " " + connection::describe_trouble(ended),
                   "all else is done; what was pruned is only in a backup of the state file, if there is one"};
  }
  return std::nullopt;
}

result<exit_status> backfill(const backfill_options& wanted, session& with) {
  if (wanted.list) {
    SPILLWAY_TRY_ASSIGN(store::state_file state, with.open_state(store::access::read));
    SPILLWAY_TRY_ASSIGN(const auto all, store::list_backfills(state.database()));
    return show(all, with);
  }
  if (wanted.connection == 0) {
    return usage("of which connection?", "name it by its number: spillway connection list");
  }
  SPILLWAY_TRY_ASSIGN(store::state_file state, with.open_state(store::access::change));
  SPILLWAY_TRY_ASSIGN(const model::connection of, connection::require_connection(state.database(), wanted.connection));
  if (wanted.cancel) {
    return cancel(wanted, state, with);
  }
  SPILLWAY_TRY_ASSIGN(const model::hour_range range, range_of(wanted, with.clock->now()));
  if (of.state == model::connection_state::disabled) {
    if (auto prepared = prepare_disabled(state, of, range, with); !prepared) {
      return base::while_doing(fmt::format("backfilling connection {}", of.id), std::move(prepared).error());
    }
  }
  SPILLWAY_TRY(describe_data(state.database(), of, range));
  store::backfill_row asked;
  asked.connection = of.id;
  asked.first = range.first;
  asked.last = range.last;
  asked.foreign = wanted.replace_foreign ? model::foreign_objects::replace : model::foreign_objects::refuse;
  asked.created_at = with.clock->now();
  SPILLWAY_TRY_ASSIGN(asked, begin_or_go_on(state.database(), std::move(asked)));
  progress_line line(0);
  auto made = follow(state, of, std::move(asked), with, line);
  line.end();
  if (!made) {
    return base::while_doing(fmt::format("backfilling connection {}", of.id), std::move(made).error());
  }
  SPILLWAY_TRY(show({*made}, with));
  if (auto missed = shortfall_of(*made)) {
    return base::while_doing(fmt::format("backfilling connection {}", of.id), std::move(*missed));
  }
  return exit_status::done;
}

}  // namespace

void add_backfill(program& to) {
  auto wanted = std::make_shared<backfill_options>();
  CLI::App& verb =
      to.add_verb("backfill", "Deliver past days of a connection, and put right what is damaged there",
                  program::uses_state::yes, [wanted](session& with) { return backfill(*wanted, with); });
  CLI::Option* connection = verb.add_option("CONNECTION", wanted->connection, "The connection's number")
                                ->check(CLI::Range(std::int64_t{1}, model::id_max).description(""));
  CLI::Option* from = verb.add_option("--from", wanted->from, "The first day, in UTC")->type_name("DATE");
  CLI::Option* to_day = verb.add_option("--to", wanted->to, "The last day, in UTC; it is included")->type_name("DATE");
  CLI::Option* foreign = verb.add_flag("--replace-foreign", wanted->replace_foreign,
                                       "Delete objects of these hours that the ledger does not know");
  CLI::Option* cancels = verb.add_flag("--cancel", wanted->cancel, "Cancel the backfills of the connection");
  CLI::Option* lists = verb.add_flag("--list", wanted->list, "List all backfills");
  for (CLI::Option* each : {from, to_day, foreign}) {
    cancels->excludes(each);
  }
  for (CLI::Option* each : {connection, from, to_day, foreign, cancels}) {
    lists->excludes(each);
  }
}

}  // namespace spillway::cli
