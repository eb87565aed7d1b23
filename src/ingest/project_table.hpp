// The projects that a run meets: known ones as they are, new ones made on first sight.
#pragma once

#include "db/sqlite.hpp"
#include "model/project.hpp"
#include "record/record_reader.hpp"

#include <map>
#include <optional>

namespace spillway::ingest {

// What a command says of projects; what it does not say is as the project has it, or the default of a new one.
struct project_wishes {
  model::organization_id organization = 1;
  std::optional<model::organization_id> only_organization;  // --org: a project of another one can't be taken in
  std::optional<model::record_form> form;                   // --record
  std::optional<model::compression> engine;                 // --compression
};

// Thread rule: one thread.
class project_table {
public:
  static result<project_table> load(db::database& state, project_wishes wishes);

  // The forms in which events are written, for the parsers.
  record::form_table forms() const;

  // The project of an event. errc::usage: it can't be taken in as the command wants, because its record form,
  // compression or organization is fixed and another.
  result<model::project*> find(model::project_id id);

  void count_event(model::project& project) { ++fresh_events_[project.id]; }

  // Writes new and changed projects, and the counts of their events. REQUIRES: an open transaction.
  result<void> save(base::instant now);

private:
  project_table(db::database& state, project_wishes wishes) : state_(&state), wishes_(wishes) {}
  result<void> check(model::project& known) const;

  db::database* state_;
  project_wishes wishes_;
  std::map<model::project_id, model::project> projects_;
  std::map<model::project_id, bool> in_file_;                 // false: save() makes it
  std::map<model::project_id, std::int64_t> fresh_events_;    // since the last save()
  std::map<model::project_id, bool> checked_;
};

}  // namespace spillway::ingest
