#include "cli/program.hpp"

namespace spillway::cli {

void add_verbs(program& to) {
  add_export(to);
  add_ingest(to);
  add_ls(to);
  add_cat(to);
  add_check(to);
  add_verify(to);
  add_doctor(to);
  add_status(to);
  add_jobs(to);
  add_rejects(to);
  add_estimate(to);
  add_policy(to);
  add_org(to);
  add_project(to);
  add_connection(to);
  add_run(to);
  add_backfill(to);
  add_prune(to);
  add_backup(to);
  add_generate(to);
  add_completion(to);
  add_man(to);
  to.name_positionals();
}

}  // namespace spillway::cli
