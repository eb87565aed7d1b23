#include "store/catalog.hpp"

#include "store/row_values.hpp"

#include <fmt/format.h>

namespace spillway::store {
namespace {

model::project project_of(const db::statement& row) {
  model::project read;
  read.id = row.number(0);
  read.organization = row.number(1);
  read.form = row.word(2, base::parse_name<model::record_form>);
  read.engine = row.word(3, model::parse_compression);
  read.events = row.number(4);
  read.name = row.text(5);
  read.kind = row.word(6, base::parse_name<model::project_kind>);
  return read;
}

constexpr std::string_view project_columns =
    "SELECT id, organization_id, record_form, compression, events, name, kind FROM project ";

result<bool> exists(db::statement query) { return query.step(); }

model::organization organization_of(const db::statement& row) { return {row.number(0), std::string(row.text(1))}; }

result<void> read_administrators(db::database& state, model::organization& of) {
  SPILLWAY_TRY_ASSIGN(db::statement rows, state.query("SELECT mail FROM administrator WHERE organization_id=?", of.id));
  SPILLWAY_TRY_ASSIGN(of.administrators, db::collect(std::move(rows), [](const db::statement& row) {
    return std::string(row.text(0));
  }));
  return {};
}

result<std::vector<model::organization>> read_organizations(db::database& state, db::statement rows) {
  SPILLWAY_TRY_ASSIGN(std::vector<model::organization> all, db::collect(std::move(rows), organization_of));
  for (model::organization& each : all) {
    SPILLWAY_TRY(read_administrators(state, each));
  }
  return all;
}

constexpr std::string_view local_name = "local";

// Those that a command may mean: not what is known from merges alone, or a second run of an input with merges would
// find an organization more than the first.
result<std::vector<model::organization>> list_meant_organizations(db::database& state) {
  SPILLWAY_TRY_ASSIGN(db::statement rows,
                      state.query("SELECT id, name FROM organization AS each WHERE name=? "
                                  "OR EXISTS(SELECT 1 FROM project WHERE organization_id=each.id) "
                                  "OR NOT EXISTS(SELECT 1 FROM merge_record WHERE organization_id=each.id) ORDER BY id",
                                  local_name));
  return read_organizations(state, std::move(rows));
}

// Where merges alone have made all: the one that was first, so that a run which was killed goes on as it would have.
result<std::optional<model::organization>> first_organization(db::database& state) {
  SPILLWAY_TRY_ASSIGN(db::statement row,
                      state.query("SELECT id, name FROM organization AS each ORDER BY created_at, (SELECT min(id) FROM "
                                  "merge_record WHERE organization_id=each.id) LIMIT 1"));
  return db::collect_one(std::move(row), organization_of);
}

// "1, 36958"
std::string ids_of(const std::vector<model::organization>& all) {
  std::string ids;
  for (const model::organization& each : all) {
    ids += fmt::format("{}{}", ids.empty() ? "" : ", ", each.id);
  }
  return ids;
}

}  // namespace

model::organization unnamed_organization(model::organization_id id) { return {id, fmt::format("organization {}", id)}; }

result<std::vector<model::organization>> list_organizations(db::database& state) {
  SPILLWAY_TRY_ASSIGN(db::statement rows, state.query("SELECT id, name FROM organization ORDER BY id"));
  return read_organizations(state, std::move(rows));
}

result<std::optional<model::organization>> find_organization(db::database& state, model::organization_id id) {
  SPILLWAY_TRY_ASSIGN(db::statement row, state.query("SELECT id, name FROM organization WHERE id=?", id));
  SPILLWAY_TRY_ASSIGN(auto found, db::collect_one(std::move(row), organization_of));
  if (found) {
    SPILLWAY_TRY(read_administrators(state, *found));
  }
  return found;
}

namespace {

result<void> add_administrators(db::database& state, const model::organization& of) {
  for (const std::string& each : of.administrators) {
    SPILLWAY_TRY(state.run("INSERT OR IGNORE INTO administrator(organization_id, mail) VALUES(?, ?)", of.id, each));
  }
  return {};
}

}  // namespace

result<void> add_organization(db::database& state, const model::organization& added, base::instant now) {
  SPILLWAY_TRY_ASSIGN(const auto taken, find_organization(state, added.id));
  if (taken) {
    return failure{errc::conflict, fmt::format("creating organization {}", added.id), "it exists already", {}};
  }
  SPILLWAY_TRY(state.run("INSERT INTO organization(id, name, created_at) VALUES(?, ?, ?)", added.id, added.name,
                         base::to_us(now)));
  return add_administrators(state, added);
}

result<void> change_organization(db::database& state, const model::organization& changed) {
  SPILLWAY_TRY_ASSIGN(const auto found, find_organization(state, changed.id));
  if (!found) {
    return failure{errc::not_found, fmt::format("changing organization {}", changed.id),
                   "there is no such organization", "see which there are: spillway org list"};
  }
  if (!changed.name.empty()) {
    SPILLWAY_TRY(state.run("UPDATE organization SET name=? WHERE id=?", changed.name, changed.id));
  }
  if (changed.administrators.empty()) {
    return {};
  }
  SPILLWAY_TRY(state.run("DELETE FROM administrator WHERE organization_id=?", changed.id));
  return add_administrators(state, changed);
}

result<model::organization> meant_organization(db::database& state, std::optional<model::organization_id> wanted) {
  if (wanted) {
    SPILLWAY_TRY_ASSIGN(auto found, find_organization(state, *wanted));
    return found ? std::move(*found) : unnamed_organization(*wanted);
  }
  SPILLWAY_TRY_ASSIGN(const auto all, list_organizations(state));
  if (all.empty()) {
    return model::organization{1, std::string(local_name)};
  }
  if (all.size() == 1) {
    return all.front();
  }
  SPILLWAY_TRY_ASSIGN(const auto meant, list_meant_organizations(state));
  if (meant.size() == 1) {
    return meant.front();
  }
  if (meant.empty()) {
    SPILLWAY_TRY_ASSIGN(const auto first, first_organization(state));
    return first.value_or(all.front());
  }
  return failure{errc::usage, "choosing an organization", "the state file has several: " + ids_of(all),
                 "name one with --org N"};
}

result<void> make_organization_if_absent(db::database& state, const model::organization& wanted, base::instant now) {
  SPILLWAY_TRY_ASSIGN(const auto found, find_organization(state, wanted.id));
  return found ? result<void>() : add_organization(state, wanted, now);
}

result<model::organization> choose_organization(db::database& state, std::optional<model::organization_id> wanted,
                                                base::instant now) {
  SPILLWAY_TRY_ASSIGN(model::organization meant, meant_organization(state, wanted));
  SPILLWAY_TRY(make_organization_if_absent(state, meant, now));
  return meant;
}

result<std::vector<model::project>> list_projects(db::database& state) {
  SPILLWAY_TRY_ASSIGN(db::statement rows, state.query(std::string(project_columns) + "ORDER BY id"));
  return db::collect(std::move(rows), project_of);
}

result<std::optional<model::project>> find_project(db::database& state, model::project_id id) {
  SPILLWAY_TRY_ASSIGN(db::statement row, state.query(std::string(project_columns) + "WHERE id=?", id));
  return db::collect_one(std::move(row), project_of);
}

result<model::project> get_project(db::database& state, model::project_id id) {
  SPILLWAY_TRY_ASSIGN(auto project, find_project(state, id));
  if (!project) {
    return failure{errc::corrupt, "using the state file", fmt::format("project {} is not there any more", id), {}};
  }
  return std::move(*project);
}

result<model::organization> owner_of(db::database& state, model::project_id id) {
  SPILLWAY_TRY_ASSIGN(const model::project project, get_project(state, id));
  SPILLWAY_TRY_ASSIGN(auto owner, find_organization(state, project.organization));
  if (!owner) {
    return failure{errc::corrupt, "using the state file", fmt::format("project {} is of no organization", id), {}};
  }
  return std::move(*owner);
}

result<std::string> installation_of(db::database& state, model::organization_id id) {
  SPILLWAY_TRY_ASSIGN(db::statement rows, state.query("SELECT created_at FROM organization WHERE id=?", id));
  SPILLWAY_TRY_ASSIGN(const auto made_at,
                      db::collect_one(std::move(rows), [](const db::statement& row) { return instant_in(row, 0); }));
  return made_at ? base::format_timestamp(*made_at, 'T') : std::string();
}

result<void> add_project(db::database& state, const model::project& added, base::instant now) {
  const std::string doing = fmt::format("creating project {}", added.id);
  SPILLWAY_TRY_ASSIGN(const auto taken, find_project(state, added.id));
  if (taken) {
    return failure{errc::conflict, doing, "it exists already", {}};
  }
  SPILLWAY_TRY_ASSIGN(const auto organization, find_organization(state, added.organization));
  if (!organization) {
    return failure{errc::not_found, doing, fmt::format("there is no organization {}", added.organization), {}};
  }
  return state.run("INSERT INTO project(id, organization_id, name, kind, record_form, compression, created_at) "
                   "VALUES(?, ?, ?, ?, ?, ?, ?)",
                   added.id, added.organization, added.name, to_string(added.kind), model::to_string(added.form),
                   model::to_string(added.engine), base::to_us(now));
}

result<void> change_project(db::database& state, const model::project& changed) {
  SPILLWAY_TRY(state.run(
      "UPDATE project SET record_form=?, compression=? WHERE id=? AND (events=0 OR (record_form=? AND compression=?))",
      model::to_string(changed.form), model::to_string(changed.engine), changed.id, model::to_string(changed.form),
      model::to_string(changed.engine)));
  if (state.changes() == 0) {
    const std::string doing = fmt::format("changing project {}", changed.id);
    SPILLWAY_TRY_ASSIGN(const auto there, find_project(state, changed.id));
    if (!there) {
      return failure{errc::not_found, doing, "it is not there any more",
                     "run the same command again: it makes the project anew"};
    }
    return failure{errc::conflict, doing, "it has events, so its record form and compression are fixed",
                   "use another --state file, or another project"};
  }
  return {};
}

result<void> remove_project(db::database& state, model::project_id id) {
  const std::string doing = fmt::format("deleting project {}", id);
  SPILLWAY_TRY_ASSIGN(const auto found, find_project(state, id));
  if (!found) {
    return failure{errc::not_found, doing, "there is no such project", {}};
  }
  // Duplicates and applied events are accounted for too, and a delivery may be of a project that has no event yet.
  SPILLWAY_TRY_ASSIGN(
      db::statement traces,
      state.query("SELECT 1 FROM connection WHERE project_id=?1 UNION ALL SELECT 1 FROM hour WHERE project_id=?1 "
                  "UNION ALL SELECT 1 FROM applied WHERE project_id=?1",
                  id));
  SPILLWAY_TRY_ASSIGN(const bool used, exists(std::move(traces)));
  if (found->events != 0 || used) {
    return failure{errc::conflict, doing, fmt::format("it is in use, with {} events", found->events),
                   "use another --state file to start anew"};
  }
  return state.run("DELETE FROM project WHERE id=?", id);
}

result<void> remove_organization(db::database& state, model::organization_id id) {
  const std::string doing = fmt::format("deleting organization {}", id);
  SPILLWAY_TRY_ASSIGN(const auto found, find_organization(state, id));
  if (!found) {
    return failure{errc::not_found, doing, "there is no such organization", {}};
  }
  SPILLWAY_TRY_ASSIGN(db::statement projects, state.query("SELECT 1 FROM project WHERE organization_id=?", id));
  SPILLWAY_TRY_ASSIGN(const bool used, exists(std::move(projects)));
  if (used) {
    return failure{errc::conflict, doing, "it has projects", "delete its projects first: spillway project list"};
  }
  SPILLWAY_TRY_ASSIGN(db::statement merges, state.query("SELECT 1 FROM merge_record WHERE organization_id=?", id));
  SPILLWAY_TRY_ASSIGN(const bool has_merges, exists(std::move(merges)));
  if (has_merges) {
    return failure{errc::conflict, doing, "it has merged Amplitude IDs", "use another --state file to start anew"};
  }
  SPILLWAY_TRY(state.run("DELETE FROM administrator WHERE organization_id=?", id));
  return state.run("DELETE FROM organization WHERE id=?", id);
}

result<void> count_events(db::database& state, model::project_id id, std::int64_t events) {
  return state.run("UPDATE project SET events=events+? WHERE id=?", events, id);
}

}  // namespace spillway::store
