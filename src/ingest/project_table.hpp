// The projects that a run meets: known ones as they are, new ones made on first sight.
#pragma once

#include "base/result.hpp"
#include "db/sqlite.hpp"
#include "model/project.hpp"
#include "record/record_reader.hpp"

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace spillway::ingest {

// What a command says of projects; what it does not say is as the project has it, or the default of a new one.
struct project_wishes {
  std::optional<model::organization_id> organization;  // --org: of new ones; known ones keep theirs
  std::optional<model::record_form> form;              // --record
  std::optional<model::compression> engine;            // --compression
};

// What one commit writes of the projects.
struct project_changes {
  std::optional<model::organization> owner;  // of `added`, if there are any; made if it is not there
  std::vector<model::project> added;    // with events = 0
  std::vector<model::project> changed;  // form or engine, before their first event
  std::vector<std::pair<model::project_id, std::int64_t>> events;  // to be added to what they have
};

// errc::conflict, errc::not_found: a change of the catalog came in between, and the events do not fit it any more.
// REQUIRES: an open transaction.
result<void> write_changes(db::database& state, const project_changes& changes, base::instant now);

// Thread rule: one thread. Changes that were taken may be written by another.
class project_table {
public:
  static result<project_table> load(db::database& reads, project_wishes wishes);

  // The forms in which events are written, for the parsers.
  record::form_table forms() const;

  // Projects that gather others, of which no event is taken.
  std::set<model::project_id> portfolios() const;

  // The project of an event. errc::usage: it can't be taken in as the command wants, because its record form or
  // compression is fixed and another; or it is new, and there are several organizations and none was named.
  result<model::project*> find(model::project_id id);

  // A merge names an organization. Where the file had none, it is the only one by now, to which new projects belong.
  void meet(model::organization_id id);

  void count_event(model::project& project) { ++fresh_events_[project.id]; }

  // Hands over everything since the last call, to be written as one commit.
  project_changes take_changes();

private:
  project_table(project_wishes wishes, result<model::organization> owner)
      : wishes_(wishes), owner_(std::move(owner)) {}
  result<model::project> new_project(model::project_id id) const;
  result<void> check(model::project& known) const;

  project_wishes wishes_;
  result<model::organization> owner_;  // of new projects; that there is none matters only to them
  bool is_owner_open_ = false;         // nobody has named an organization yet, neither the file nor a line
  std::map<model::project_id, model::project> projects_;
  std::map<model::project_id, std::int64_t> fresh_events_;  // since take_changes()
  std::set<model::project_id> added_;                       // likewise
  std::set<model::project_id> checked_;
};

}  // namespace spillway::ingest
