#include "store/migration_log.hpp"

#include "store/row_values.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace spillway::store {
namespace {

using encryption_kept = kept_setting<model::encryption_setting>;

constexpr std::string_view migration_columns =
    "SELECT id, old_connection_id, project_id, destination, endpoint, new_connection_id, kms_key_id, principal_arn, "
    "export_profile, step, is_going_back, was_disabled, policy_keeper, policy, encryption_keeper, encryption, "
    "encryption_key_id, encryption_bucket_keys, encryption_document, last_job_id, last_object_id, created_at, ended_at "
    "FROM migration ";

keeper keeper_in(const db::statement& row, int column) { return row.word(column, base::parse_name<keeper>); }

encryption_kept encryption_of(const db::statement& row, int column) {
  encryption_kept kept{keeper_in(row, column), std::nullopt};
  if (!row.is_null(column + 1)) {
    using enum model::encryption_setting::bucket_keys;
    const auto algorithm = row.word(column + 1, base::parse_name<model::encryption>);
    kept.setting = {algorithm, std::string(row.text(column + 2)), row.number(column + 3) != 0 ? on : off,
                    std::string(row.text(column + 4))};
  }
  return kept;
}

constexpr int number_of(migration_row::direction going) { return going == migration_row::direction::back ? 1 : 0; }

migration_row migration_of(const db::statement& row) {
  migration_row read;
  read.id = row.number(0);
  read.old_connection = row.number(1);
  read.project = row.number(2);
  read.place = {std::string(row.text(3)), std::string(row.text(4))};
  read.new_connection = row.is_null(5) ? std::nullopt : std::optional(row.number(5));
  read.kms_key_id = row.text(6);
  read.principal_arn = row.text(7);
  read.export_profile = row.text(8);
  read.step = static_cast<int>(row.number_within(9, 0, migration_steps));
  read.going = row.number(10) != 0 ? migration_row::direction::back : migration_row::direction::forward;
  read.old_state = row.number(11) != 0 ? migration_row::was::disabled : migration_row::was::enabled;
  read.policy.by = keeper_in(row, 12);
  if (!row.is_null(13)) {
    read.policy.setting = std::string(row.text(13));
  }
  read.encryption = encryption_of(row, 14);
  read.last_job = row.number(19);
  read.last_object = row.number(20);
  read.created_at = instant_in(row, 21);
  read.ended_at = instant_at(row, 22);
  read.written = {read.step, read.going};
  return read;
}

// Finished and unfinished ones in the bucket of a place, by id.
result<std::vector<migration_row>> list_migrations(db::database& state, const model::place& in) {
  SPILLWAY_TRY_ASSIGN(db::statement rows, state.query(std::string(migration_columns) + "ORDER BY id"));
  SPILLWAY_TRY_ASSIGN(std::vector<migration_row> all, db::collect(std::move(rows), migration_of));
  std::erase_if(all, [bucket = model::bucket_of(in)](const migration_row& each) {
    return !(model::bucket_of(each.place) == bucket);
  });
  return all;
}

}  // namespace

result<migration_row> add_migration(db::database& state, migration_row added) {
  SPILLWAY_TRY(
      state.run("INSERT INTO migration(old_connection_id, project_id, destination, endpoint, created_at) "
                "VALUES(?, ?, ?, ?, ?)",
                added.old_connection, added.project, added.place.destination, added.place.endpoint,
                base::to_us(added.created_at)));
  added.id = state.last_insert_id();
  added.written = {};
  SPILLWAY_TRY(change_migration(state, added));
  return added;
}

result<void> change_migration(db::database& state, migration_row& changed) {
  const std::optional<model::encryption_setting>& kept = changed.encryption.setting;
  const model::encryption_setting written = kept.value_or(model::encryption_setting());
  SPILLWAY_TRY(state.run(
      "UPDATE migration SET new_connection_id=?, kms_key_id=?, principal_arn=?, export_profile=?, step=?, "
      "is_going_back=?, was_disabled=?, policy_keeper=?, policy=?, encryption_keeper=?, encryption=?, "
      "encryption_key_id=?, encryption_bucket_keys=?, encryption_document=?, last_job_id=?, last_object_id=?, "
      "ended_at=? WHERE id=? AND created_at=? AND step=? AND is_going_back=?",
      changed.new_connection, changed.kms_key_id, changed.principal_arn, changed.export_profile, changed.step,
      number_of(changed.going), changed.old_state == migration_row::was::disabled ? 1 : 0,
      base::to_string(changed.policy.by), changed.policy.setting, base::to_string(changed.encryption.by),
      kept ? std::optional(to_string(written.algorithm)) : std::nullopt, written.kms_key_id,
      written.keys == model::encryption_setting::bucket_keys::on ? 1 : 0, written.document, changed.last_job,
      changed.last_object, us_of(changed.ended_at), changed.id, base::to_us(changed.created_at), changed.written.step,
      number_of(changed.written.going)));
  // The number of a row that has gone may be that of another one, made since.
  if (state.changes() != 1) {
    return failure{errc::conflict,
                   fmt::format("writing down how far the migration of connection {} is", changed.old_connection),
                   "another process has gone on with it, or rolled it back, meanwhile",
                   "see how it stands: spillway connection list"};
  }
  changed.written = {changed.step, changed.going};
  return {};
}

result<void> remove_migration(db::database& state, std::int64_t id) {
  return state.run("DELETE FROM migration WHERE id=?", id);
}

result<std::optional<migration_row>> find_migration(db::database& state, model::connection_id of) {
  SPILLWAY_TRY_ASSIGN(
      db::statement row,
      state.query(std::string(migration_columns) + "WHERE old_connection_id=?1 OR (new_connection_id=?1 AND step<?2) "
                                                   "ORDER BY step<?2 DESC, id DESC LIMIT 1",
                  of, std::int64_t{migration_steps}));
  return db::collect_one(std::move(row), migration_of);
}

result<std::optional<migration_row>> find_open_migration(db::database& state, const model::place& in) {
  SPILLWAY_TRY_ASSIGN(const std::vector<migration_row> all, list_migrations(state, in));
  const auto open = std::ranges::find_if(all, [](const migration_row& each) { return !each.is_finished(); });
  return open == all.end() ? std::optional<migration_row>() : std::optional(*open);
}

result<std::optional<migration_row>> find_finished_migration(db::database& state, model::project_id project,
                                                             const model::place& in) {
  SPILLWAY_TRY_ASSIGN(const std::vector<migration_row> all, list_migrations(state, in));
  const auto found = std::ranges::find_if(
      all, [project](const migration_row& each) { return each.project == project && each.is_finished(); });
  return found == all.end() ? std::optional<migration_row>() : std::optional(*found);
}

result<ledger_end> find_ledger_end(db::database& state) {
  SPILLWAY_TRY_ASSIGN(const auto job, state.query_number("SELECT max(id) FROM job"));
  SPILLWAY_TRY_ASSIGN(const auto object, state.query_number("SELECT max(id) FROM object"));
  return ledger_end{job.value_or(0), object.value_or(0)};
}

}  // namespace spillway::store
