#include "cli/export_place.hpp"

#include "base/bytes.hpp"
#include "base/shell_word.hpp"
#include "bucket/mirror_paths.hpp"
#include "cli/intake_options.hpp"
#include "cli/table.hpp"
#include "connection/life_cycle.hpp"
#include "store/connections.hpp"
#include "store/ledger.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

namespace spillway::cli {
namespace {

bool is_directory_name(const destination& to) { return to.bucket_name.empty(); }

bool is_named_as_an_input(const std::string& name) {
  constexpr std::string_view endings[] = {".json", ".jsonl", ".ndjson", ".gz", ".zip"};
  return std::ranges::any_of(endings, [&name](std::string_view each) { return name.ends_with(each); });
}

failure destination_is_missing(const std::vector<std::string>& paths, std::string cause) {
  const std::string inputs = paths.size() == 1 ? base::shell_word(paths.front()) : "INPUT...";
  return {errc::usage, "opening " + base::printable(paths.back()), std::move(cause) + ": is DEST missing?",
          fmt::format("name the bucket behind the inputs: spillway export {} DEST", inputs)};
}

// What has been a bucket has the mirror's own directory.
bool has_files_to_take_in(const std::string& directory, const session& with) {
  std::error_code unknown;
  return std::filesystem::is_directory(directory, unknown) &&
         !std::filesystem::exists(std::filesystem::path(directory) / bucket::mirror_private, unknown) &&
         has_inputs(directory, with);
}

std::string how_to_put_again(const model::connection& of, const model::hour_range& hours, const session& with) {
  const bool is_set_up = of.kind == model::connection_kind::scheduled;
  const std::string set_up = connection::create_command(of) + ", then ";
  return with.suggested(fmt::format("put them again: {}spillway backfill {} --from {} --to {}", is_set_up ? "" : set_up,
                                    is_set_up ? std::to_string(of.id) : "CONNECTION", model::to_date(hours.first),
                                    model::to_date(hours.last)));
}

// The hours that a connection has delivered with an object or a marker. Behind a filter there may be neither.
result<std::vector<model::hour>> hours_with_objects(db::database& ledger, model::connection_id of) {
  SPILLWAY_TRY_ASSIGN(const auto jobs, store::list_jobs(ledger, of, store::job_kind::events, model::hour_range()));
  std::vector<model::hour> hours;
  for (const store::job_row& each : jobs) {
    if (each.state != store::job_state::delivered) {
      continue;
    }
    SPILLWAY_TRY_ASSIGN(const auto objects, store::list_objects(ledger, each.id));
    if (each.marker != model::marker_kind::off || !objects.empty()) {
      hours.push_back(each.hour);
    }
  }
  return hours;
}

// What was delivered to a place where nothing is.
struct lost_delivery {
  std::string cause;  // "what was delivered is not there any more: 25 hours of project 187520"
  std::string hint;   // how to put it again
};

// nullopt: the ledger has delivered nothing there. The first project is named.
result<std::optional<lost_delivery>> find_lost(const model::place& to, db::database& ledger, const session& with) {
  SPILLWAY_TRY_ASSIGN(const auto connections, store::list_connections(ledger));
  for (const model::connection& each : connections) {
    if (each.place != to) {
      continue;
    }
    SPILLWAY_TRY_ASSIGN(const auto hours, hours_with_objects(ledger, each.id));
    if (!hours.empty()) {
      const auto count = static_cast<std::int64_t>(hours.size());
      return std::optional(lost_delivery{fmt::format("what was delivered is not there any more: {} of project {}",
                                                     count_of(count, "hour"), each.project),
                                         how_to_put_again(each, {hours.front(), hours.back()}, with)});
    }
  }
  return std::optional<lost_delivery>();
}

}  // namespace

bool is_there(const destination& to) {
  std::error_code unknown;
  return !is_directory_name(to) || std::filesystem::exists(to.place.destination, unknown);
}

result<void> check_is_no_file(const destination& to, const std::vector<std::string>& paths) {
  std::error_code unknown;
  if (paths.back() == intake::standard_input) {
    return destination_is_missing(paths, "it is standard input");
  }
  if (is_directory_name(to) && std::filesystem::is_regular_file(to.place.destination, unknown)) {
    return destination_is_missing(paths, "it is a file");
  }
  if (is_directory_name(to) && is_named_as_an_input(to.place.destination) && !is_there(to)) {
    return destination_is_missing(paths, "it is not there, and named as an input is");
  }
  return {};
}

result<void> check_is_no_input(const destination& to, const std::vector<std::string>& paths, db::database* ledger,
                               const session& with) {
  if (paths.size() > 1 || !is_directory_name(to) || !has_files_to_take_in(to.place.destination, with)) {
    return {};
  }
  if (ledger != nullptr) {
    SPILLWAY_TRY_ASSIGN(const auto connections, store::list_connections(*ledger));
    const auto is_here = [&to](const model::connection& each) { return each.place == to.place; };
    if (std::ranges::any_of(connections, is_here)) {
      return {};
    }
  }
  return destination_is_missing(paths, "it has files, and is no bucket yet");
}

result<void> check_is_not_gone(const destination& to, db::database& ledger, const session& with) {
  if (is_there(to)) {
    return {};
  }
  SPILLWAY_TRY_ASSIGN(const auto lost, find_lost(to.place, ledger, with));
  if (lost) {
    return failure{errc::not_found, "exporting to " + base::printable(to.place.destination), lost->cause,
                   lost->hint + "; or make the directory, and only what is new is delivered"};
  }
  return {};
}

result<void> note_if_emptied(const destination& to, db::database& ledger, const session& with) {
  if (!is_directory_name(to)) {
    return {};  // S3 is paid for a listing, and may not allow it
  }
  const auto page = to.opened->list({}, {}, 1);
  if (!page || !page->objects.empty()) {
    return {};  // who may not list can still export
  }
  SPILLWAY_TRY_ASSIGN(const auto lost, find_lost(to.place, ledger, with));
  if (lost) {
    print_note(fmt::format("note: {}; {}\n", lost->cause, lost->hint));
  }
  return {};
}

}  // namespace spillway::cli
