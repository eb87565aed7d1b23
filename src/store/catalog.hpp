// Organizations and projects in the state file.
//
// Thread rule: as the database. Writing functions need a transaction only when several of them belong together.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "db/sqlite.hpp"
#include "model/project.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::store {

// One of which no more is known than its number.
model::organization unnamed_organization(model::organization_id id);

result<std::vector<model::organization>> list_organizations(db::database& state);
result<std::optional<model::organization>> find_organization(db::database& state, model::organization_id id);

// errc::conflict: the id is taken. REQUIRES: a transaction, if it has administrators.
result<void> add_organization(db::database& state, const model::organization& added, base::instant now);

// Replaces the name and the administrators of an organization; where either is empty, what it has stays.
// errc::not_found: no such organization. REQUIRES: a transaction.
result<void> change_organization(db::database& state, const model::organization& changed);

// The organization that a command means: `wanted`, else the only one there is, else number 1 named "local"; it may not
// be there yet. Of several, those that merges alone have made do not count beside others; among themselves the first
// one does. errc::usage: there are several, and none was named.
result<model::organization> meant_organization(db::database& state, std::optional<model::organization_id> wanted);
// The same one, made if it is not there.
result<model::organization> choose_organization(db::database& state, std::optional<model::organization_id> wanted,
                                                base::instant now);
result<void> make_organization_if_absent(db::database& state, const model::organization& wanted, base::instant now);

result<std::vector<model::project>> list_projects(db::database& state);
result<std::optional<model::project>> find_project(db::database& state, model::project_id id);
// One that another row names. errc::corrupt: it is not there.
result<model::project> get_project(db::database& state, model::project_id id);

// The organization that a project belongs to. errc::corrupt: one of the two is not there.
result<model::organization> owner_of(db::database& state, model::project_id id);

// Tells this state file's organization from the one of the same number in another: the microsecond in which it was
// made, "2023-08-25T11:58:03.120345". A copy of the state file is the same.
result<std::string> installation_of(db::database& state, model::organization_id id);

// errc::conflict: the id is taken. errc::not_found: no such organization.
result<void> add_project(db::database& state, const model::project& added, base::instant now);

// Changes form and engine of a project without events. errc::conflict: it has some, and something would change.
// errc::not_found: it is not there.
result<void> change_project(db::database& state, const model::project& changed);

// Takes a project without events and deliveries away; errc::conflict if it has any.
result<void> remove_project(db::database& state, model::project_id id);
// errc::conflict: it has projects or merges. REQUIRES: a transaction.
result<void> remove_organization(db::database& state, model::organization_id id);

// Adds to the number of stored events.
result<void> count_events(db::database& state, model::project_id id, std::int64_t events);

}  // namespace spillway::store
