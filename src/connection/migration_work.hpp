// What the steps of one migration share while it is at work.
#pragma once

#include "connection/migration_plan.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace spillway::connection {

struct migration_work {
  const migration_world& with;
  store::migration_row row;
  std::optional<model::connection> old;  // none: it is gone
  std::set<int> done;                    // steps that were done by hand
  migration_report said;                 // of the step that is under way

  bool is_done_by_hand() const { return done.contains(said.step); }
  db::database& state() const { return with.state.database(); }
  base::instant now() const { return with.agents.clock.now(); }
  void say(std::string line) { said.said.push_back(std::move(line)); }
  void show(std::string file, std::string text) { said.documents.push_back({std::move(file), std::move(text)}); }
};

// The bucket as its administrator opens it. REQUIRES: the old connection is there.
result<opened_bucket> open_as_administrator(const migration_work& work);

// Waits until no job of a connection is running. errc::unavailable: in vain; errc::interrupted: `stop` was asked.
result<void> wait_for_jobs(const migration_work& work, model::connection_id of);

// False: `stop` was asked.
bool pause(const std::stop_token& stop);

// Hands the report on, and says that somebody else has to do the rest. `action` is what stands before the connection's
// number on the command line: "" or "rollback ".
failure left_to_person(migration_work& work, const failure& denied, std::string_view action);

// Steps 0 and 6 to 8 on the bucket's settings.
result<void> ask_for_permissions(migration_work& work);
result<void> save_settings(migration_work& work);
result<void> update_policies(migration_work& work);
result<void> update_encryption(migration_work& work);

// Steps 9 and 10. False: there is no first export yet; when to come again is in `continue_at`.
result<void> make_new_connection(migration_work& work);
result<bool> look_at_first_export(migration_work& work, std::optional<base::instant>& continue_at);

}  // namespace spillway::connection
