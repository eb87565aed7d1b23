// Steps 9 and 10 of a migration: the new connection takes over, and its first export is looked at.
#include "connection/life_cycle.hpp"
#include "connection/migration_work.hpp"
#include "connection/set_up.hpp"
#include "export/merge_plan.hpp"
#include "export/plan.hpp"
#include "model/object_key.hpp"
#include "store/backfill_log.hpp"
#include "store/catalog.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace spillway::connection {
namespace {

const model::hour_range all_hours{};

bool is_alias(std::string_view key) {
  return key.starts_with("alias/") || key.find(":alias/") != std::string_view::npos;
}

// What the new connection has delivered itself, and not taken over.
class own_deliveries {
public:
  own_deliveries(const store::migration_row& row, const model::connection& made) : row_(row), made_(made) {}

  bool has(const store::object_row& object) const {
    return object.delivered_at && (object.id > row_.last_object || *object.delivered_at > made_.created_at);
  }
  bool has(const store::job_row& job) const {
    return job.state == store::job_state::delivered &&
           (job.id > row_.last_job || job.delivered_at.value_or(made_.created_at) > made_.created_at);
  }

private:
  const store::migration_row& row_;
  const model::connection& made_;
};

// Of a first export: what was looked at.
struct looked_at {
  std::int64_t objects = 0;
  std::int64_t markers = 0;
};

class export_check {
public:
  export_check(migration_work& work, const model::connection& made, const opened_bucket& to)
      : work_(work), made_(made), to_(to), own_(work.row, made) {}

  result<looked_at> run() {
    for (const store::job_kind kind : {store::job_kind::events, store::job_kind::merges}) {
      SPILLWAY_TRY_ASSIGN(const auto jobs, store::list_jobs(work_.state(), made_.id, kind, all_hours));
      for (const store::job_row& each : jobs) {
        SPILLWAY_TRY(look_at(each));
      }
    }
    return found_;
  }

private:
  result<void> look_at(const store::job_row& job) {
    SPILLWAY_TRY_ASSIGN(const auto objects, store::list_objects(work_.state(), job.id));
    for (const store::object_row& each : objects) {
      if (own_.has(each)) {
        SPILLWAY_TRY_ASSIGN(const bucket::object_info there, require(each.key));
        SPILLWAY_TRY(compare(there, each));
        ++found_.objects;
      }
    }
    if (own_.has(job) && job.kind == store::job_kind::events && job.marker != model::marker_kind::off) {
      SPILLWAY_TRY(require(model::marker_key(job.project, job.hour, to_.prefix)));
      ++found_.markers;
    }
    return {};
  }

  failure wrong(const std::string& key, std::string cause) const {
    return {errc::invalid, "looking at " + key, std::move(cause),
            fmt::format("go back: spillway connection migrate rollback {}", work_.row.old_connection)};
  }

  // An object that is there, encrypted with the key.
  result<bucket::object_info> require(const std::string& key) {
    SPILLWAY_TRY_ASSIGN(auto there, to_.bucket->head(key));
    if (!there) {
      return wrong(key, "it is not in the bucket");
    }
    const std::string& named = work_.row.kms_key_id;
    if (there->encryption != bucket::encryption::sse_kms || !(is_alias(named) || is_key(there->kms_key_id, named))) {
      return wrong(key, fmt::format("it is not encrypted with key {}", named));
    }
    return std::move(*there);
  }

  result<void> compare(const bucket::object_info& there, const store::object_row& planned) const {
    const bool is_same =
        there.bytes == static_cast<std::uint64_t>(planned.bytes) && (!there.sha256 || *there.sha256 == planned.sha256);
    return is_same ? result<void>() : wrong(planned.key, "it is not what the ledger says");
  }

  migration_work& work_;
  const model::connection& made_;
  const opened_bucket& to_;
  const own_deliveries own_;
  looked_at found_;
};

result<bool> is_anything_due(const migration_work& work, const model::connection& made, const opened_bucket& to) {
  SPILLWAY_TRY_ASSIGN(const store::undelivered planned, store::count_undelivered(work.state(), made.id));
  if (planned.hours > 0) {
    return true;
  }
  SPILLWAY_TRY_ASSIGN(const model::project project, store::get_project(work.state(), made.project));
  const exporting::settings wanted = settings_of(made, to);
  if (model::delivers_events(made.data)) {
    SPILLWAY_TRY_ASSIGN(const auto needs, exporting::find_needs(work.state(), project, made, wanted, work.now()));
    if (std::ranges::count(needs, exporting::need::plan, &exporting::hour_need::what) > 0) {
      return true;
    }
  }
  if (!model::delivers_merges(made.data)) {
    return false;
  }
  SPILLWAY_TRY_ASSIGN(const auto merges, exporting::find_due_merges(work.state(), project, made, wanted, work.now()));
  return !merges.empty();
}

// Everything that is due now, by ourselves.
result<void> deliver(const migration_work& work, model::connection_id of) {
  SPILLWAY_TRY_ASSIGN(store::state_file shared, work.with.state.share());
  agent first(std::move(shared), of, work.with.agents);
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const step_outcome made, first.step(patience::none, work.with.stop));
    if (made.failed) {
      return base::while_doing("delivering the first export", *made.failed);
    }
    if (!made.done.failures.empty()) {
      return base::while_doing("delivering the first export", made.done.failures.front());
    }
    if (!made.next || *made.next > work.now()) {
      return {};
    }
  }
}

// By the worker that has the state file.
result<void> wait_for_worker(const migration_work& work, const model::connection& made, const opened_bucket& to) {
  const auto deadline = std::chrono::steady_clock::now() + work.with.wait_max;
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const bool is_due, is_anything_due(work, made, to));
    if (!is_due) {
      return {};
    }
    if (std::chrono::steady_clock::now() >= deadline) {
      return failure{errc::unavailable, "waiting for the first export", "another process delivers it, and has not yet",
                     "run the same command again"};
    }
    if (!pause(work.with.stop)) {
      return failure{errc::interrupted, "waiting for the first export", "a signal asked to stop", {}};
    }
  }
}

}  // namespace

result<void> make_new_connection(migration_work& work) {
  if (work.row.new_connection) {
    return {};
  }
  const model::connection wanted = new_connection_of(*work.old, work.row);
  SPILLWAY_TRY(check_place(work.state(), wanted));
  SPILLWAY_TRY_ASSIGN(const opened_bucket to, work.with.agents.open(wanted));
  SPILLWAY_TRY(verify(wanted, to, work.with.nonce()));
  work.say("every permission that exports need is there, and objects are encrypted as asked for");
  SPILLWAY_TRY(claim(work.state(), wanted, to, work.now()));
  SPILLWAY_TRY_ASSIGN(db::transaction change, db::transaction::begin(work.state()));
  SPILLWAY_TRY(check_place(work.state(), wanted));
  SPILLWAY_TRY_ASSIGN(const store::ledger_end end, store::find_ledger_end(work.state()));
  SPILLWAY_TRY_ASSIGN(const created made, add_behind(work.state(), wanted, *work.old, work.now()));
  SPILLWAY_TRY(store::move_backfills(work.state(), work.old->id, made.connection.id));
  work.row.new_connection = made.connection.id;
  work.row.last_job = end.last_job;
  work.row.last_object = end.last_object;
  work.row.step = work.said.step;
  SPILLWAY_TRY(store::change_migration(work.state(), work.row));
  SPILLWAY_TRY(change.commit());
  work.say(fmt::format("connection {} goes on with the history of connection {}", made.connection.id, work.old->id));
  if (made.gap && model::delivers_events(made.connection.data)) {
    work.say(fmt::format("more than 24 hours have passed: {} to {} are a gap; fill it: {}",
                         model::to_string(made.gap->first), model::to_string(made.gap->last),
                         backfill_command(made.connection.id, *made.gap)));
  }
  return {};
}

result<bool> look_at_first_export(migration_work& work, std::optional<base::instant>& continue_at) {
  if (work.is_done_by_hand()) {
    work.say("looked at by hand");
    return true;
  }
  SPILLWAY_TRY_ASSIGN(const model::connection made, require_connection(work.state(), *work.row.new_connection));
  if (made.state == model::connection_state::disabled) {
    return failure{errc::conflict, work.said.title, fmt::format("connection {} is disabled", made.id),
                   fmt::format("spillway connection enable {}", made.id)};
  }
  SPILLWAY_TRY_ASSIGN(const opened_bucket to, work.with.agents.open(made));
  SPILLWAY_TRY(work.with.who_delivers == migration_world::worker::us ? deliver(work, made.id)
                                                                     : wait_for_worker(work, made, to));
  SPILLWAY_TRY_ASSIGN(const looked_at found, export_check(work, made, to).run());
  if (found.objects + found.markers == 0 && !model::delivers_events(made.data)) {
    work.say(
        fmt::format("no merged Amplitude ID has come since: continue when one has, or with --done {}", work.said.step));
    return false;
  }
  if (found.objects + found.markers == 0) {
    continue_at = next_closing(work.now());
    work.say(fmt::format("no hour is due yet: continue after {}", base::format_utc(*continue_at)));
    return false;
  }
  work.say(fmt::format(
      "looked at what it has put, objects: {}, markers: {}; they are what the ledger says, and encrypted with key {}",
      found.objects, found.markers, work.row.kms_key_id));
  return true;
}

}  // namespace spillway::connection
