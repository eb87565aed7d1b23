// The options of verbs that take events in: `export` and `ingest`.
#pragma once

#include "cli/program.hpp"
#include "ingest/ingest.hpp"

#include <boost/json/fwd.hpp>

#include <string>
#include <vector>

namespace spillway::cli {

struct intake_options {
  std::vector<std::string> inputs;  // files, directories, "-"
  std::optional<model::organization_id> organization;
  std::optional<model::project_id> project;
  std::string form;    // "", "documented", "observed"
  std::string engine;  // "", "fast", "1" to "9"
  std::size_t threads = 0;
  std::size_t index_memory_mb = 0;  // 0: as the index has it
  bool keep_going = false;
  bool allow_rejects = false;
  bool dryrun = false;
};

void add_intake_options(CLI::App& verb, intake_options& options);

// The files that inputs mean (intake/input_names.hpp), without those of the state file. To be asked for before that is
// opened, so that a name that is not there makes none. Notes what is in directories and no file. A `destination` in one
// of them is left out.
result<std::vector<std::string>> find_files(const std::vector<std::string>& inputs, const session& with,
                                            const std::filesystem::path& destination = {});

// Whether a directory has files to take in.
bool has_inputs(const std::string& directory, const session& with);

// Takes those files in, with a progress line on a terminal.
result<ingest::summary> take_in(store::state_file& state, std::vector<std::string> files, const intake_options& options,
                                const session& with);

// "6 events from 1 input: 6 stored, ..." and what else there is to say.
std::string describe(const ingest::summary& taken, const intake_options& options, const session& with);
boost::json::object to_json(const ingest::summary& taken);

// 4 with rejects of this run that were not allowed, else 0; with inputs that failed the failure of the first of them.
// Rejects of earlier runs are told and are no 4: they may have been put right, and a run an hour would never be done.
result<exit_status> status_of(const ingest::summary& taken, const intake_options& options);

}  // namespace spillway::cli
