// spillway rejects: the input lines that could not be taken, with their reasons.
#include "cli/rejects.hpp"

#include "cli/json_output.hpp"
#include "cli/program.hpp"
#include "cli/table.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <boost/json.hpp>

namespace spillway::cli {
namespace json = boost::json;

json::object to_json(const store::reject_row& row) {
  return {{"file", row.place},    {"line", row.line}, {"byte", row.byte},
          {"reason", row.reason}, {"text", row.text}, {"text_bytes", row.text_bytes}};
}

std::optional<std::string> line_of(const store::reject_row& row) {
  if (row.text.size() < row.text_bytes) {
    return std::nullopt;
  }
  std::string line = row.text;
  std::ranges::replace(line, '\n', ' ');
  line += '\n';
  return line;
}

namespace {

struct rejects_options {
  bool text = false;
  bool forget = false;
};

result<exit_status> print_document(db::database& state) {
  json_listing listing("rejects");
  SPILLWAY_TRY(
      store::read_rejects(state, [&](const store::reject_row& row) { return listing.add(cli::to_json(row)); }));
  SPILLWAY_TRY(listing.end());
  return exit_status::done;
}

result<exit_status> print_lines(db::database& state) {
  SPILLWAY_TRY(store::read_rejects(state, [](const store::reject_row& row) { return print_json(cli::to_json(row)); }));
  return exit_status::done;
}

result<exit_status> print_texts(db::database& state, const session& with) {
  std::int64_t cut = 0;
  SPILLWAY_TRY(store::read_rejects(state, [&cut](const store::reject_row& row) -> result<void> {
    const auto line = cli::line_of(row);
    if (!line) {
      ++cut;
      return {};
    }
    return print(*line);
  }));
  if (cut != 0) {
    print_note(fmt::format("warning: {} left out, because only the first {} KiB of a line are kept; to see which: {}\n",
                           count_of(cut, "line"), store::reject_text_bytes_max >> 10,
                           with.suggested("spillway rejects")));
  }
  return exit_status::done;
}

// A change of the catalog's kind: it runs beside a worker, whose next rejects are kept as ever.
result<exit_status> forget(session& with) {
  SPILLWAY_TRY_ASSIGN(store::state_file state, with.open_state(store::access::change));
  SPILLWAY_TRY_ASSIGN(const std::int64_t forgotten, store::forget_rejects(state.database()));
  SPILLWAY_TRY(with.output == session::output::json ? print_json(json::object{{"forgotten", forgotten}})
                                                    : print(fmt::format("forgot {}\n", count_of(forgotten, "reject"))));
  return exit_status::done;
}

result<exit_status> rejects(const rejects_options& wanted, session& with) {
  if (wanted.text && with.output == session::output::json) {
    return failure{errc::usage, "printing rejects", "--text and --json exclude each other", "leave one of them out"};
  }
  if (wanted.text && wanted.forget) {
    return failure{errc::usage, "forgetting rejects", "--text and --forget exclude each other",
                   "save their lines first: spillway rejects --text > again.jsonl"};
  }
  if (wanted.forget) {
    return forget(with);
  }
  SPILLWAY_TRY_ASSIGN(store::state_file state, with.open_state(store::access::read));
  if (wanted.text) {
    return print_texts(state.database(), with);
  }
  return with.output == session::output::json ? print_document(state.database()) : print_lines(state.database());
}

}  // namespace

void add_rejects(program& to) {
  auto wanted = std::make_shared<rejects_options>();
  CLI::App& verb = to.add_verb("rejects", "Print the input lines that could not be taken, a JSON object each",
                               program::uses_state::yes, [wanted](session& with) { return rejects(*wanted, with); });
  verb.add_flag("--text", wanted->text, "Print the lines alone, to be corrected and taken in again");
  verb.add_flag("--forget", wanted->forget,
                "Drop all that are kept, once their lines are saved or not needed any more");
}

}  // namespace spillway::cli
