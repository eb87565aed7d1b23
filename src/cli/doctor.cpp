// spillway doctor: is everything in order that exports need, and what did cut-off runs leave behind.
#include "access/diagnosis.hpp"
#include "base/shell_word.hpp"
#include "cli/destination.hpp"
#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/table.hpp"
#include "export/leftovers.hpp"
#include "store/connections.hpp"
#include "store/overview.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <boost/json.hpp>

namespace spillway::cli {
namespace {

namespace json = boost::json;

struct doctor_options {
  std::string dest;
  bool clean = false;
};

struct diagnosis {
  std::vector<access::check_result> checks;
  exporting::leftovers uploads;
  bool is_denied = false;
  bool are_removed = false;  // those that were left behind
  bool is_worker_at_work = false;
};

// The state file, if it is there: a doctor makes none.
result<std::optional<store::state_file>> find_state(const session& with, store::access wanted) {
  auto opened = store::state_file::open(with.state_path, wanted);
  if (!opened && opened.error().code != errc::not_found) {
    return std::move(opened).error();
  }
  return opened ? std::optional(std::move(*opened)) : std::nullopt;
}

result<void> look_at_uploads(destination located, const doctor_options& wanted, const session& with, diagnosis& made) {
  SPILLWAY_TRY_ASSIGN(const destination of, open_located(std::move(located), make_bucket::no, with));
  SPILLWAY_TRY_ASSIGN(auto state, find_state(with, wanted.clean ? store::access::change : store::access::read));
  db::database* const ledger = state ? &state->database() : nullptr;
  if (wanted.clean && state) {
    SPILLWAY_TRY(state->become_worker("doctor --clean", *with.clock));  // nothing that is under way is removed
  }
  SPILLWAY_TRY_ASSIGN(made.uploads,
                      exporting::find_leftovers(ledger, *of.opened, of.place, of.prefix, with.clock->now()));
  if (const auto& why = made.uploads.not_listed) {
    made.checks.push_back({"uploads", access::health::warning,
                           "those that this state file does not know can't be listed: " + why->cause, why->hint});
  }
  if (wanted.clean) {
    for (const bucket::upload_info& each : made.uploads.left_behind) {
      SPILLWAY_TRY(exporting::abort_leftover(ledger, *of.opened, of.place, each));
    }
    made.are_removed = true;
    return {};
  }
  if (state) {
    state.reset();  // nobody may have it open who asks for the lock
    SPILLWAY_TRY_ASSIGN(const store::worker_lock lock, store::look_at_worker_lock(with.state_path));
    made.is_worker_at_work = lock == store::worker_lock::held;
  }
  if (made.is_worker_at_work) {  // it may have begun them
    std::ranges::move(made.uploads.left_behind, std::back_inserter(made.uploads.perhaps_under_way));
    made.uploads.left_behind.clear();
  }
  return {};
}

result<void> look_at_destination(const doctor_options& wanted, const session& with, diagnosis& made) {
  SPILLWAY_TRY_ASSIGN(destination of, locate_destination(wanted.dest, with));
  if (of.bucket_name.empty()) {
    made.checks.push_back(access::check_disk("bucket", of.place.destination));
    if (!std::filesystem::exists(of.place.destination)) {
      made.checks.push_back({"bucket", access::health::ok, of.place.destination + " is not there yet", {}});
      return {};
    }
  } else {
    auto asked = s3_options_of(of, with.aws);
    if (!asked) {
      made.checks.push_back({"credentials", access::health::failed, asked.error().text(), asked.error().hint});
      made.is_denied = asked.error().code == errc::denied;
      return {};
    }
    SPILLWAY_TRY_ASSIGN(const bucket::s3_diagnosis found,
                        bucket::diagnose_s3(*asked, of.prefix, session::real_clock, with.stop));
    std::ranges::move(access::check_way(found, asked->aws.region), std::back_inserter(made.checks));
    const auto& refused = found.no_credentials ? found.no_credentials : found.refusal;
    made.is_denied = refused && refused->code == errc::denied;
    if (found.lookup_failure || found.way_failure || refused) {
      return {};
    }
  }
  return look_at_uploads(std::move(of), wanted, with, made);
}

// What status notes of connections: the old kind of principal is worth a warning, whatever the destination.
result<void> look_at_connections(db::database& state, diagnosis& made) {
  SPILLWAY_TRY_ASSIGN(const auto all, store::list_connections(state));
  for (const model::connection& each : all) {
    if (each.kind == model::connection_kind::scheduled && each.principal == model::principal_kind::root) {
      made.checks.push_back({fmt::format("connection {}", each.id), access::health::warning,
                             "its bucket trusts the whole account, where a role of the project would do",
                             fmt::format("spillway connection migrate {} --dryrun", each.id)});
    }
  }
  return {};
}

json::object describe(const bucket::upload_info& upload, std::string_view state) {
  return {{"key", upload.key},
          {"upload_id", upload.upload_id},
          {"begun_at", json_time(upload.begun_at)},
          {"state", state},
          {"removed", state == "removed"}};
}

json::object describe(const diagnosis& made) {
  json::array checks;
  for (const access::check_result& each : made.checks) {
    checks.push_back({{"check", each.check},
                      {"result", access::to_string(each.health)},
                      {"detail", each.detail},
                      {"try", text_or_null(each.hint)}});
  }
  json::array uploads;
  for (const bucket::upload_info& each : made.uploads.left_behind) {
    uploads.push_back(describe(each, made.are_removed ? "removed" : "left-behind"));
  }
  for (const bucket::upload_info& each : made.uploads.perhaps_under_way) {
    uploads.push_back(describe(each, "perhaps-under-way"));
  }
  return {{"checks", std::move(checks)}, {"uploads", std::move(uploads)}};
}

// `dest` as it was named.
std::string summarize(const diagnosis& made, const std::string& dest, const suggesting& suggested) {
  table rows({{"CHECK"}, {"RESULT"}, {"DETAIL"}});
  for (const access::check_result& each : made.checks) {
    rows.add({each.check, std::string(access::to_string(each.health)), each.detail});
  }
  std::string text = rows.text();
  for (const access::check_result& each : made.checks) {
    text += each.hint.empty() ? "" : fmt::format("{}: {}\n", each.check, shown_name(suggested(each.hint)));
  }
  const auto add = [&text](const bucket::upload_info& each, std::string_view what) {
    text += fmt::format("{} upload of {}, begun at {}\n", what, shown_name(each.key), base::format_utc(each.begun_at));
  };
  for (const bucket::upload_info& each : made.uploads.left_behind) {
    add(each, made.are_removed ? "removed an" : "left behind: an");
  }
  for (const bucket::upload_info& each : made.uploads.perhaps_under_way) {
    add(each, "under way, or left behind: an");
  }
  if (!made.uploads.left_behind.empty() && !made.are_removed) {
    text += suggested(
        fmt::format("to remove uploads that were left behind: spillway doctor {} --clean\n", base::shell_word(dest)));
  }
  if (made.is_worker_at_work && !made.uploads.perhaps_under_way.empty()) {
    text += "a process is working on the state file: look again when it has ended\n";
  } else if (!made.uploads.perhaps_under_way.empty()) {
    text += "what this state file does not know is removed when it is a day old: somebody may be at work on it\n";
  }
  return text;
}

result<void> look_at_state_file(const session& with, diagnosis& made) {
  made.checks = access::check_state_file(with.state_path);
  const bool is_sound = made.checks.front().health != access::health::failed;
  std::optional<store::state_file> state;
  if (is_sound) {
    SPILLWAY_TRY_ASSIGN(state, find_state(with, store::access::read));
  }
  if (state) {
    SPILLWAY_TRY_ASSIGN(access::check_result events, access::check_events(state->database(), with.stop));
    made.checks.push_back(std::move(events));
  }
  made.checks.push_back(access::check_disk("state file", with.state_path));
  return state ? look_at_connections(state->database(), made) : result<void>();
}

result<exit_status> diagnose(const doctor_options& wanted, const session& with) {
  diagnosis made;
  SPILLWAY_TRY(look_at_state_file(with, made));
  if (!wanted.dest.empty()) {
    SPILLWAY_TRY(look_at_destination(wanted, with, made));
  } else if (wanted.clean) {
    return failure{errc::usage, "reading the command line", "--clean needs a destination",
                   "name it: spillway doctor DEST --clean"};
  }
  if (with.stop.stop_requested()) {  // what did not answer was not asked to the end
    return failure{errc::interrupted, "looking whether all is in order", "asked to stop", {}};
  }
  SPILLWAY_TRY(with.output == session::output::json ? print_json(describe(made))
                                                    : print(summarize(made, wanted.dest, with.suggested)));
  if (made.is_denied) {
    return exit_status::denied;
  }
  const bool has_failed = std::ranges::any_of(
      made.checks, [](const access::check_result& each) { return each.health == access::health::failed; });
  return has_failed ? exit_status::failed : exit_status::done;
}

}  // namespace

void add_doctor(program& to) {
  auto wanted = std::make_shared<doctor_options>();
  CLI::App& verb = to.add_verb("doctor", "Check state file, disk, DNS, TLS, clock and region; find abandoned uploads",
                               program::uses_state::yes, [wanted](session& with) { return diagnose(*wanted, with); });
  verb.add_option("DEST", wanted->dest, "s3://BUCKET/PREFIX, or a directory");
  verb.add_flag("--clean", wanted->clean, "Remove multipart uploads that interrupted runs have left in DEST");
  to.add_destination_options(verb);
}

}  // namespace spillway::cli
