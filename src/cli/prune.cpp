// spillway prune: drops events of the state file that every connection has delivered.
#include "base/bytes.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/shared_options.hpp"
#include "cli/table.hpp"
#include "store/retention.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

namespace spillway::cli {
namespace json = boost::json;
namespace {

// So many hours are dropped in one transaction, and so many pages (64 KiB each) are given back at once: it bounds the
// write-ahead log, and how long SIGTERM waits.
constexpr std::int64_t hours_at_once = 64;
constexpr std::int64_t pages_at_once = 1'024;

struct prune_options {
  std::string before;
  bool dryrun = false;
  bool filtered = false;

  store::filtered_hours filtered_hours() const {
    return filtered ? store::filtered_hours::go : store::filtered_hours::stay;
  }
};

struct pruned {
  std::int64_t hours = 0;
  std::int64_t segments = 0;
  std::int64_t events = 0;
  std::int64_t deflate_bytes = 0;
};

void note(pruned& all, const std::vector<store::prunable_hour>& hours) {
  for (const store::prunable_hour& each : hours) {
    ++all.hours;
    all.segments += each.segments;
    all.events += each.events;
    all.deflate_bytes += each.deflate_bytes;
  }
}

result<void> drop(db::database& state, model::hour end, const prune_options& wanted, const session& with,
                  pruned& done) {
  store::hour_key behind;
  for (;;) {
    if (with.stop.stop_requested()) {
      return failure{errc::interrupted, "pruning", "asked to stop", "run it again for the rest"};
    }
    SPILLWAY_TRY_ASSIGN(const auto hours, store::prune_hours(state, end, with.clock->now(), wanted.filtered_hours(),
                                                             behind, hours_at_once));
    if (hours.empty()) {
      return {};
    }
    note(done, hours);
    behind = hours.back().key;
  }
}

result<void> give_back(db::database& state, const session& with) {
  auto left = store::free_pages::some;
  while (left == store::free_pages::some && !with.stop.stop_requested()) {
    SPILLWAY_TRY_ASSIGN(left, store::give_back(state, pages_at_once));
    SPILLWAY_TRY(state.checkpoint());
  }
  return {};
}

// "24 hours stay, which connection 2 is to deliver to s3://analytics".
std::string describe(const store::hour_keeper& by) {
  using why = store::hour_keeper::why;
  const std::string hours = count_of(by.hours, "hour") + (by.hours == 1 ? " stays, " : " stay, ");
  switch (by.reason) {
    case why::not_delivered: return hours + "which nothing has delivered\n";
    case why::filtered: return hours + "of which filters left events out; --filtered drops them too\n";
    case why::to_deliver: break;
  }
  return fmt::format("{}which connection {} is to deliver to {}\n", hours, by.connection, shown_name(by.destination));
}

std::string_view name_of(store::hour_keeper::why reason) {
  switch (reason) {
    case store::hour_keeper::why::to_deliver: return "to_deliver";
    case store::hour_keeper::why::not_delivered: return "not_delivered";
    case store::hour_keeper::why::filtered: return "filtered";
  }
  return {};
}

json::array keepers_to_json(const std::vector<store::hour_keeper>& all) {
  json::array made;
  for (const store::hour_keeper& each : all) {
    made.push_back({{"connection", each.connection == 0 ? json::value() : json::value(each.connection)},
                    {"reason", name_of(each.reason)},
                    {"hours", each.hours}});
  }
  return made;
}

std::string describe(const pruned& done, const prune_options& wanted, std::uint64_t bytes_before,
                     std::uint64_t bytes_after) {
  const std::string what =
      fmt::format("{} before {}: {}, {}", count_of(done.hours, "hour"), wanted.before, count_of(done.events, "event"),
                  base::human_bytes(static_cast<std::uint64_t>(done.deflate_bytes)));
  return wanted.dryrun ? fmt::format("would be pruned: {}\n", what)
                       : fmt::format("pruned: {}; the state file had {} and has {}\n", what,
                                     base::human_bytes(bytes_before), base::human_bytes(bytes_after));
}

result<exit_status> prune(const prune_options& wanted, session& with) {
  SPILLWAY_TRY_ASSIGN(const base::instant end, read_date_option("--delivered-before", wanted.before));
  SPILLWAY_TRY_ASSIGN(store::state_file state,
                      with.open_state(wanted.dryrun ? store::access::read : store::access::change));
  db::database& database = state.database();
  if (!wanted.dryrun) {
    SPILLWAY_TRY(state.become_worker("prune", *with.clock));
  }
  SPILLWAY_TRY_ASSIGN(const std::uint64_t bytes_before, file_bytes(with.state_path));
  pruned done;
  if (wanted.dryrun) {
    SPILLWAY_TRY_ASSIGN(const auto hours, store::list_prunable_hours(database, model::hour_of(end), with.clock->now(),
                                                                     wanted.filtered_hours()));
    note(done, hours);
  } else {
    SPILLWAY_TRY(drop(database, model::hour_of(end), wanted, with, done));
    SPILLWAY_TRY(give_back(database, with));
  }
  SPILLWAY_TRY_ASSIGN(const auto keepers, store::list_hour_keepers(database, model::hour_of(end), with.clock->now(),
                                                                   wanted.filtered_hours()));
  SPILLWAY_TRY_ASSIGN(const std::uint64_t bytes_after, file_bytes(with.state_path));
  if (with.output == session::output::json) {
    SPILLWAY_TRY(print_json(json::object{{"hours", done.hours},
                                         {"segments", done.segments},
                                         {"events", done.events},
                                         {"compressed_bytes", done.deflate_bytes},
                                         {"kept", keepers_to_json(keepers)},
                                         {"dryrun", wanted.dryrun},
                                         {"state_file_bytes_before", bytes_before},
                                         {"state_file_bytes", bytes_after}}));
  } else {
    std::string text = describe(done, wanted, bytes_before, bytes_after);
    for (const store::hour_keeper& each : keepers) {
      text += describe(each);
    }
    SPILLWAY_TRY(print(text));
  }
  return exit_status::done;
}

}  // namespace

void add_prune(program& to) {
  auto wanted = std::make_shared<prune_options>();
  CLI::App& verb = to.add_verb("prune", "Drop events that every connection has delivered, and give their space back",
                               program::uses_state::yes, [wanted](session& with) { return prune(*wanted, with); });
  verb.add_option("--delivered-before", wanted->before, "Hours before this day, UTC")->required()->type_name("DATE");
  verb.add_flag("--filtered", wanted->filtered,
                "Also hours of which every connection's filter left events out: these are in no bucket");
  verb.add_flag("--dryrun,--dry-run", wanted->dryrun, "Say what would be dropped, and change nothing");
}

}  // namespace spillway::cli
