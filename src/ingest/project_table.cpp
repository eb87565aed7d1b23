#include "ingest/project_table.hpp"

#include "store/catalog.hpp"

#include <fmt/format.h>

namespace spillway::ingest {

result<project_table> project_table::load(db::database& reads, project_wishes wishes) {
  auto owner = store::meant_organization(reads, wishes.organization);
  if (!owner && owner.error().code != errc::usage) {
    return std::move(owner).error();
  }
  SPILLWAY_TRY_ASSIGN(const auto organizations, store::list_organizations(reads));
  project_table table(wishes, std::move(owner));
  table.is_owner_open_ = !wishes.organization && organizations.empty();
  SPILLWAY_TRY_ASSIGN(const std::vector<model::project> all, store::list_projects(reads));
  for (model::project each : all) {
    if (each.events == 0) {
      each.form = wishes.form.value_or(each.form);
      each.engine = wishes.engine.value_or(each.engine);
    }
    table.projects_[each.id] = std::move(each);
  }
  return table;
}

record::form_table project_table::forms() const {
  record::form_table forms;
  forms.fallback = wishes_.form.value_or(model::record_form::documented);
  for (const auto& [id, project] : projects_) {
    forms.known[id] = project.form;
  }
  return forms;
}

std::set<model::project_id> project_table::portfolios() const {
  std::set<model::project_id> ids;
  for (const auto& [id, project] : projects_) {
    if (project.kind == model::project_kind::portfolio) {
      ids.insert(id);
    }
  }
  return ids;
}

result<void> project_table::check(model::project& known) const {
  const auto refused = [&known](std::string cause, std::string hint) {
    return failure{errc::usage, fmt::format("taking in events of project {}", known.id), std::move(cause),
                   std::move(hint)};
  };
  if (wishes_.form && *wishes_.form != known.form) {
    return refused(fmt::format("its record form is {}, and is fixed since it has events", model::to_string(known.form)),
                   "leave --record out, or use another --state file");
  }
  if (wishes_.engine && *wishes_.engine != known.engine) {
    return refused(
        fmt::format("its compression is {}, and is fixed since it has events", model::to_string(known.engine)),
        "leave --compression out, or use another --state file");
  }
  return {};
}

result<model::project> project_table::new_project(model::project_id id) const {
  if (!owner_) {
    return base::while_doing(fmt::format("taking in events of project {}, which is new", id), owner_.error());
  }
  return model::project{id, owner_->id, wishes_.form.value_or(model::record_form::documented),
                        wishes_.engine.value_or(model::compression{}), 0};
}

void project_table::meet(model::organization_id id) {
  if (std::exchange(is_owner_open_, false)) {
    owner_ = store::unnamed_organization(id);
  }
}

result<model::project*> project_table::find(model::project_id id) {
  auto found = projects_.find(id);
  if (found == projects_.end()) {
    SPILLWAY_TRY_ASSIGN(model::project made, new_project(id));
    is_owner_open_ = false;
    found = projects_.emplace(id, std::move(made)).first;
    added_.insert(id);
  }
  model::project& project = found->second;
  if (!checked_.contains(id)) {
    SPILLWAY_TRY(check(project));
    checked_.insert(id);
  }
  return &project;
}

project_changes project_table::take_changes() {
  project_changes taken;
  for (const model::project_id id : std::exchange(added_, {})) {
    taken.owner = *owner_;  // find() has made none without it
    taken.added.push_back(projects_[id]);
  }
  for (const auto& [id, events] : std::exchange(fresh_events_, {})) {
    model::project& project = projects_[id];
    if (project.events == 0) {
      taken.changed.push_back(project);
    }
    taken.events.emplace_back(id, events);
    project.events += events;
  }
  return taken;
}

namespace {

// Somebody may have made it since a line first named it: that is as good, if it fits what was encoded meanwhile.
result<void> add_unless_there(db::database& state, const model::project& added, base::instant now) {
  SPILLWAY_TRY_ASSIGN(const auto there, store::find_project(state, added.id));
  if (!there) {
    return store::add_project(state, added, now);
  }
  if (there->organization == added.organization && there->form == added.form && there->engine == added.engine &&
      there->kind == added.kind) {
    return {};
  }
  return failure{errc::conflict, fmt::format("taking in events of project {}", added.id),
                 "it was made meanwhile, in another organization, with another record form or compression, or as a "
                 "portfolio",
                 "run the same command again: it takes the project as it is"};
}

}  // namespace

result<void> write_changes(db::database& state, const project_changes& changes, base::instant now) {
  if (changes.owner) {
    SPILLWAY_TRY(store::make_organization_if_absent(state, *changes.owner, now));
  }
  for (const model::project& each : changes.added) {
    SPILLWAY_TRY(add_unless_there(state, each, now));
  }
  for (const model::project& each : changes.changed) {
    SPILLWAY_TRY(store::change_project(state, each));
  }
  for (const auto& [id, events] : changes.events) {
    SPILLWAY_TRY(store::count_events(state, id, events));
  }
  return {};
}

}  // namespace spillway::ingest
