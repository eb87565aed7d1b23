// The guided migration of a connection of the old kind to KMS and the role principal, in the specification's eleven
// steps (store/migration_log.hpp; its step 11 says "Step 2" and means 3), and the way back from each of the first ten.
//
// Every step may be done again, and its number is written down behind it: a run that was cut off anywhere goes on.
// Nothing in the bucket changes before step 7, nothing is lost before step 11. What credentials do not allow is said,
// with the document to set by hand; it is seen in the bucket on the next run, or believed where that can't be seen
// (`done`).
//
// Thread rule: one at a time for each state file, also of processes: store::state_file::become_migrator().
#pragma once

#include "connection/agent.hpp"
#include "connection/life_cycle.hpp"
#include "store/migration_log.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace spillway::connection {

namespace migration_step = store::migration_step;

struct migration_request {
  model::connection_id connection = 0;  // the old one
  std::string kms_key_id;               // an ARN, an id or an alias; needed once, from step 1 on
  std::string principal_arn;            // of the role; empty: spillway-export-PROJECT of the account
  std::string account;                  // 12 digits; empty: that of the old connection's principal
  std::string export_profile;           // of the new connection; empty: that of the old one
  int until = store::migration_steps;   // stop behind this step
  std::set<int> done;                   // steps that were done by hand
};

struct migration_document {
  std::string file;  // "bucket-policy.json"
  std::string text;
};

// What a step has done, or would do.
struct migration_report {
  int step = 0;
  std::string title;
  std::vector<std::string> said;
  std::vector<migration_document> documents;
};

struct migration_world {
  store::state_file& state;             // owner: the caller, as of the agents
  agent_world& agents;                  // the clock, and buckets opened as exports do
  bucket_opener open_as_administrator;  // with credentials that may change the bucket's settings
  std::function<result<void>(const migration_report&)> report;  // called behind each step, and before one is given up
  std::function<std::string()> nonce;                           // of the probe's key
  enum class worker { us, another };
  worker who_delivers = worker::us;  // another process: it is waited for
  std::stop_token stop{};
  std::chrono::milliseconds wait_max = std::chrono::minutes{10};  // for running jobs, and for another worker; ours
};

struct migration_outcome {
  store::migration_row migration;
  std::optional<base::instant> continue_at;  // there is no export to look at before
};

// Goes on from where it stands, up to asked.until; what is finished stays so.
// errc::usage: no key or account is known, or other ones than it was begun with; it is not of the old kind.
// errc::denied: something is to be done by hand. errc::conflict: another migration in the bucket, or it is being rolled
// back, or another process has gone on with it meanwhile. errc::locked: another process is at work on a migration.
// errc::unavailable: waited in vain. errc::invalid: an object of the first export is not what it must be.
// REQUIRES: recover_jobs, where we are the worker.
result<migration_outcome> migrate(const migration_world& with, const migration_request& asked);

// What migrate() would do. Only reads.
result<std::vector<migration_report>> preview_migration(const migration_world& with, const migration_request& asked);

struct rollback_outcome {
  std::optional<enabled> old;  // none: it was disabled before the migration
  std::string kms_key_id;      // which nobody needs any more; empty: none was named
};

inline constexpr int rollback_steps = 5;

// The specification's "Rollback procedure", 1 to 5. errc::not_found: no migration. errc::conflict: it is finished, or
// the old connection is gone. errc::locked: as migrate(). errc::denied: as above; `done` says which of the five steps
// were done by hand.
result<rollback_outcome> roll_back(const migration_world& with, model::connection_id of, const std::set<int>& done);
result<std::vector<migration_report>> preview_rollback(const migration_world& with, model::connection_id of);

}  // namespace spillway::connection
