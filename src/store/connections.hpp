// Connections: the implicit ones of `export`, and those that were set up. What they have delivered is the ledger's.
//
// Thread rule: as the database. Functions that write more than one row need a transaction, as they say.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "db/sqlite.hpp"
#include "model/connection.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::store {

// By id.
result<std::vector<model::connection>> list_connections(db::database& state);
result<std::optional<model::connection>> find_connection(db::database& state, model::connection_id id);

// Of a project and a place; of several the one that is enabled, else the one that was disabled last: it has the
// history.
result<std::optional<model::connection>> find_connection(db::database& state, model::project_id project,
                                                         const model::place& to);

// Whether a connection is still what it was when it was read, and has the history of its place: it may have been
// disabled, enabled again, deleted or taken over from meanwhile.
result<bool> is_unchanged(db::database& state, const model::connection& as_read);

// As find_connection; an implicit one is made, with this filter, if there is none. REQUIRES: a transaction.
result<model::connection> open_connection(db::database& state, model::project_id project, const model::place& to,
                                          std::string_view filter, base::instant now);

// Gives the connection its id. REQUIRES: what must hold of it was checked.
result<model::connection> add_connection(db::database& state, model::connection added);

// Writes everything but id, project, place and created_at.
result<void> change_connection(db::database& state, const model::connection& changed);

// With its history: jobs, objects, gaps, troubles and backfills.
result<void> remove_connection(db::database& state, model::connection_id id);

// Hands jobs and objects of one connection to another of the same project and place, and with them gaps, access that is
// refused, and, if the other delivers events, backfills that are not over. What was planned stays as it was planned,
// also behind another filter. REQUIRES: a transaction. errc::conflict: both have a job of the same hour.
result<void> move_history(db::database& state, model::connection_id from, model::connection_id to);

// An organization other than `own` that has an enabled connection to the bucket of a place.
result<std::optional<model::organization>> find_other_owner(db::database& state, const model::place& in,
                                                            model::organization_id own);
// One that has delivered there by export.
result<std::optional<model::organization>> find_other_exporter(db::database& state, const model::place& in,
                                                               model::organization_id own);

// Enabled connections of an organization to the bucket of a place.
result<std::int64_t> count_enabled(db::database& state, const model::place& in, model::organization_id of);

// Hours that were passed over, first and last.
struct gap {
  model::hour first;
  model::hour last;
};
result<void> add_gap(db::database& state, model::connection_id connection, const gap& passed_over);

// Those that are left: a gap whose every hour was delivered meanwhile is none. Without markers an hour that has no
// events is not delivered, and missed by nobody. Nor does an hour count whose events were pruned: nothing can fill it.
result<std::vector<gap>> list_gaps(db::database& state, model::connection_id connection);

// Hours before a connection's start that are its own all the same: it has served them, or one before it whose history
// it has, until a break of more than a day moved the start. One that was empty, and has no marker, has no job that
// would tell. What the table of gaps says of it:
//
//     first_hour S, last_hour S-1    5, 6       start 7        S: the first hour that was ever served; an empty gap
//     S ... served ...               5 nobody   7 served
struct served_hours {
  std::vector<gap> gaps;  // also empty ones
  bool holds(model::hour before_start) const;
};
result<served_hours> read_served_hours(db::database& state, model::connection_id of);

// The same in SQL, with a row of `connection` and one of `hour`.
inline constexpr std::string_view was_served_sql =
    "(hour.hour<connection.start_hour "
    "AND EXISTS(SELECT 1 FROM gap WHERE gap.connection_id=connection.id AND gap.first_hour<=hour.hour) "
    "AND NOT EXISTS(SELECT 1 FROM gap WHERE gap.connection_id=connection.id "
    "AND hour.hour BETWEEN gap.first_hour AND gap.last_hour))";

// The gap of a break, before which hours were served from `since` on. REQUIRES: a transaction.
result<void> add_break(db::database& state, model::connection_id connection, model::hour since, const gap& passed_over);

// Access that is refused just now.
struct access_trouble {
  base::instant since;
  std::int64_t attempts = 0;  // that were refused
  base::instant next_try_at;
  std::optional<base::instant> blocked_at;  // since then it counts as an incident
  std::string permission;                   // "s3:PutObject"; empty: the server did not say
  std::string detail;                       // what it said
};
result<std::optional<access_trouble>> find_trouble(db::database& state, model::connection_id connection);
result<void> put_trouble(db::database& state, model::connection_id connection, const access_trouble& seen);
result<void> end_trouble(db::database& state, model::connection_id connection);

}  // namespace spillway::store
