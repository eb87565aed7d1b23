// Migrations of connections to KMS and the role principal: how far each is, and what a rollback needs. A finished one
// stays as the fact that there is no way back: no connection of the old kind may be made in its bucket again.
//
//     begun (step 0) --> 1 ... 10 --> 11: finished          until then: remove_migration, when it was rolled back
//
// Invariants:
// G1  Of a bucket at most one migration is not finished: a rollback puts the whole policy back.
// G2  `policy` and `encryption` are written with step 6, before anything is changed in the bucket, and stay.
// G3  `new_connection` is written in the transaction that makes it, with step 9.
//
// Thread rule: as the database.
#pragma once

#include "db/sqlite.hpp"
#include "model/connection.hpp"
#include "model/storage.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace spillway::store {

// Source of the numbers: the specification's "Migration steps"; 0 is ours.
namespace migration_step {
enum number : int {
  permissions,  // are those there that a migration needs
  key,
  connection,
  disable,
  settings,  // of the new connection
  policies,  // of the bucket and the key, shown
  save,      // the bucket's policy and encryption
  policy,    // of the bucket, changed
  encryption,
  new_connection,
  first_export,
  removal,  // of the old connection
};
}  // namespace migration_step
inline constexpr int migration_steps = migration_step::removal;

enum class keeper {
  nobody,  // it was not saved yet
  us,
  person,  // it could not be read, somebody has written it down
};
constexpr std::array<std::string_view, 3> names_of(keeper) { return {"nobody", "us", "person"}; }

// A setting of the bucket as it was.
template <class Setting>
struct kept_setting {
  keeper by = keeper::nobody;
  std::optional<Setting> setting;  // none with us: the bucket had none
  friend bool operator==(const kept_setting&, const kept_setting&) = default;
};

struct migration_row {
  std::int64_t id = 0;
  model::connection_id old_connection = 0;
  model::project_id project = 0;  // of the old connection, which goes in the end
  model::place place;
  std::optional<model::connection_id> new_connection;
  std::string kms_key_id;
  std::string principal_arn;   // the role
  std::string export_profile;  // of the new connection; empty: that of the old one
  int step = migration_step::permissions;  // that was done last
  enum class direction { forward, back } going = direction::forward;
  enum class was { enabled, disabled } old_state = was::enabled;  // before the migration
  kept_setting<std::string> policy;
  kept_setting<model::encryption_setting> encryption;
  // The newest rows of the ledger when the new connection was made: what comes behind is its own.
  std::int64_t last_job = 0;
  std::int64_t last_object = 0;
  base::instant created_at;
  std::optional<base::instant> ended_at;

  // As it stands in the state file, as far as this process knows.
  struct position {
    int step = migration_step::permissions;
    direction going = direction::forward;
  } written{};

  bool is_finished() const { return step == migration_step::removal; }
};

// Gives the migration its id. REQUIRES: G1; a transaction in which that was looked at.
result<migration_row> add_migration(db::database& state, migration_row added);

// Writes everything but id, old_connection, project, place and created_at, at once: also without a transaction no step
// is written without what was saved in it. errc::conflict: it does not stand as `written` any more, since another
// process has gone on with it or rolled it back; then nothing is written.
result<void> change_migration(db::database& state, migration_row& changed);
result<void> remove_migration(db::database& state, std::int64_t id);

// The one that is not finished and has this connection as its old or new one; else the newest finished one.
result<std::optional<migration_row>> find_migration(db::database& state, model::connection_id of);

// The one in the bucket of a place that is not finished.
result<std::optional<migration_row>> find_open_migration(db::database& state, const model::place& in);

// One that is finished, of a project in the bucket of a place.
result<std::optional<migration_row>> find_finished_migration(db::database& state, model::project_id project,
                                                             const model::place& in);

// The newest rows of the ledger, of whatever connection; 0: none.
struct ledger_end {
  std::int64_t last_job = 0;
  std::int64_t last_object = 0;
};
result<ledger_end> find_ledger_end(db::database& state);

}  // namespace spillway::store
