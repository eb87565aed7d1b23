// What every verb has: the command line, the options that mean the same everywhere, and how it ends.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "bucket/aws_settings.hpp"
#include "cli/suggestion.hpp"
#include "store/state_file.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace spillway::cli {

// The exit codes, which scripts may rely on.
enum class exit_status : int {
  done = 0,
  failed = 1,
  wrong_usage = 2,
  denied = 3,
  done_with_rejects = 4,
  interrupted = 130,
  unread = 141,  // what a shell shows for a program that SIGPIPE has ended: `| head -1` is no failure to speak of
};

// The status of a failure; denied goes before failed.
exit_status status_of(const failure& failed);

// Options of verbs that work on buckets; those without an effect on directories are the ones of S3.
struct aws_choice {
  bucket::aws_options settings;
  std::string expected_bucket_owner;
  std::string sse;
  std::string sse_kms_key_id;
  std::string checksum = "sha256";
};

// What a verb's body gets: the options of all verbs, and the world.
struct session {
  static inline const base::system_clock real_clock{};  // S3's: it refuses a request that is signed with another

  std::string state_path;  // --state, else $SPILLWAY_STATE, else ./spillway.db
  suggesting suggested = as_it_is;  // for messages: commands in them have the --state of this one
  enum class output { text, json } output = output::text;
  std::unique_ptr<base::clock> clock;  // the system's, or --now
  std::stop_token stop;                // asked to stop by SIGINT or SIGTERM
  aws_choice aws;

  result<store::state_file> open_state(store::access wanted) const {
    return store::state_file::open(state_path, wanted);
  }
};

using verb_body = std::function<result<exit_status>(session&)>;

// The command line under construction. Each verb adds itself in a file of its own.
class program {
public:
  explicit program(std::stop_token stop);

  // Adds a verb with --json, --now and (`with_state`) --state; its options are added to what comes back.
  enum class uses_state { yes, no };
  CLI::App& add_verb(const std::string& name, const std::string& description, uses_state with_state, verb_body body);
  // Adds --region and the like, for verbs that have a DEST; and what decides how objects are put there.
  void add_destination_options(CLI::App& verb);
  void add_put_options(CLI::App& verb);
  // Adds "PARENT NAME", as in "project create".
  CLI::App& add_group(const std::string& name, const std::string& description);
  CLI::App& add_verb(CLI::App& group, const std::string& name, const std::string& description, uses_state with_state,
                     verb_body body);

  int run(int argc, char** argv);
  const CLI::App& app() const { return app_; }

  // Has help call positional arguments by their names alone, as usage lines do. REQUIRES: all verbs are added.
  void name_positionals();

private:
  result<session> open_session() const;
  std::string suggested(std::string text) const;
  int print_help(const CLI::Success& asked);  // and the version

  CLI::App app_;
  std::stop_token stop_;
  std::string state_path_;
  std::string now_;
  bool json_ = false;
  aws_choice aws_;
  std::map<const CLI::App*, verb_body> bodies_;
};

// All verbs, in the order of --help; and the whole command.
void add_verbs(program& to);
int run(int argc, char** argv);

void add_export(program& to);
void add_ingest(program& to);
void add_ls(program& to);
void add_cat(program& to);
void add_check(program& to);
void add_verify(program& to);
void add_doctor(program& to);
void add_status(program& to);
void add_jobs(program& to);
void add_rejects(program& to);
void add_estimate(program& to);
void add_generate(program& to);
void add_backup(program& to);
void add_policy(program& to);
void add_org(program& to);
void add_project(program& to);
void add_connection(program& to);
void add_run(program& to);
void add_backfill(program& to);
void add_prune(program& to);
void add_completion(program& to);
void add_man(program& to);

// Takes --json from a verb that prints no facts, but lines or a script as they are.
void without_json(CLI::App& verb);

// Of a file that is there.
result<std::uint64_t> file_bytes(const std::filesystem::path& path);

// Writes to standard error, for who looks on. What can't be written there is left out: nobody is told otherwise.
void print_note(std::string_view text);

// Prints "error:" and "try:" on standard error.
void print_failure(const failure& failed);

// Writes to standard output. errc::unread: it is a pipe that was closed. errc::io: it can't be written to otherwise.
result<void> print(std::string_view text);

}  // namespace spillway::cli
