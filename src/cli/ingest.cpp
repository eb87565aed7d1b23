// spillway ingest: takes events in, delivers nothing.
#include "cli/json_output.hpp"
#include "cli/working_state.hpp"

#include <boost/json.hpp>

namespace spillway::cli {
namespace {

result<exit_status> ingest_inputs(const intake_options& options, session& with) {
  SPILLWAY_TRY_ASSIGN(std::vector<std::string> files, find_files(options.inputs, with));
  SPILLWAY_TRY_ASSIGN(working_state state, working_state::open(with, "ingest", options, store::access::create));
  SPILLWAY_TRY_ASSIGN(const ingest::summary taken, take_in(state.file(), std::move(files), options, with));
  SPILLWAY_TRY(with.output == session::output::json ? print_json(cli::to_json(taken))
                                                    : print(describe(taken, options, with)));
  return status_of(taken, options);
}

}  // namespace

void add_ingest(program& to) {
  auto options = std::make_shared<intake_options>();
  CLI::App& verb = to.add_verb("ingest", "Take events in, and deliver nothing", program::uses_state::yes,
                               [options](session& with) { return ingest_inputs(*options, with); });
  verb.add_option("INPUT", options->inputs, "Files, directories, or - for standard input")->required();
  add_intake_options(verb, *options);
}

}  // namespace spillway::cli
