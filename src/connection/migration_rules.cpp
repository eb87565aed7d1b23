#include "connection/migration_rules.hpp"

#include "store/migration_log.hpp"

#include <fmt/format.h>

namespace spillway::connection {
namespace {

std::string next_commands(const store::migration_row& of) {
  return fmt::format(
      "go on with it: spillway connection migrate {0}, or back: spillway connection migrate rollback {0}",
      of.old_connection);
}

failure under_way(std::string_view doing, const store::migration_row& of) {
  return {errc::conflict, fmt::format("{} a connection", doing),
          fmt::format("connection {} is being migrated, step {} of {} is done", of.old_connection, of.step,
                      store::migration_steps),
          next_commands(of)};
}

}  // namespace

result<void> check_migrations(db::database& state, const model::connection& wanted) {
  SPILLWAY_TRY_ASSIGN(const auto open, store::find_open_migration(state, wanted.place));
  if (open && open->project == wanted.project && open->place == wanted.place) {
    return failure{
        errc::conflict, "creating a connection",
        fmt::format("connection {} of project {} is being migrated there", open->old_connection, open->project),
        next_commands(*open)};
  }
  if (wanted.principal == model::principal_kind::role) {
    return {};
  }
  SPILLWAY_TRY_ASSIGN(const auto finished, store::find_finished_migration(state, wanted.project, wanted.place));
  if (finished) {
    return failure{
        errc::conflict, "creating a connection",
        fmt::format("project {} was migrated there to the role {}, and there is no way back to the account root",
                    finished->project, finished->principal_arn),
        "leave out --legacy-root"};
  }
  return {};
}

result<void> check_may_be_enabled(db::database& state, model::connection_id id) {
  SPILLWAY_TRY_ASSIGN(const auto found, store::find_migration(state, id));
  const bool is_held = found && !found->is_finished() && found->old_connection == id;
  return is_held ? under_way("enabling", *found) : result<void>();
}

result<void> check_may_be_deleted(db::database& state, model::connection_id id) {
  SPILLWAY_TRY_ASSIGN(const auto found, store::find_migration(state, id));
  return found && !found->is_finished() ? under_way("deleting", *found) : result<void>();
}

}  // namespace spillway::connection
