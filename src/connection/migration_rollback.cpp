// The way back from a migration: the specification's "Rollback procedure".
#include "connection/life_cycle.hpp"
#include "connection/migration_work.hpp"
#include "store/backfill_log.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace spillway::connection {
namespace {

// Before that nothing in the bucket is changed. What nobody has saved is not put back, and not taken for none.
template <class Setting>
bool is_saved(const store::migration_row& row, const store::kept_setting<Setting>& kept) {
  return row.step >= migration_step::save && kept.by != store::keeper::nobody;
}

std::string going_back(model::connection_id of) {
  return fmt::format("rolling the migration of connection {} back", of);
}

result<migration_work> find_work(const migration_world& with, model::connection_id of, const std::set<int>& done) {
  db::database& state = with.state.database();
  SPILLWAY_TRY_ASSIGN(const auto found, store::find_migration(state, of));
  if (!found) {
    return failure{errc::not_found, {}, fmt::format("connection {} is not being migrated", of), {}};
  }
  if (found->is_finished()) {
    return failure{
        errc::conflict,
        {},
        fmt::format("connection {} was deleted with the last step of its migration, and there is no way back",
                    found->old_connection),
        fmt::format("connection {} goes on with its history", found->new_connection.value_or(0))};
  }
  migration_work work{with, *found, {}, done, {}};
  SPILLWAY_TRY_ASSIGN(work.old, store::find_connection(state, found->old_connection));
  if (!work.old) {
    return failure{errc::conflict,
                   {},
                   fmt::format("connection {} is gone, and there is no way back", found->old_connection),
                   fmt::format("go on: spillway connection migrate {}", found->old_connection)};
  }
  return work;
}

// The old one goes on where the new one stopped: with its history, without the hours that a gap has passed over.
result<void> take_back(migration_work& work, const model::connection& made) {
  SPILLWAY_TRY_ASSIGN(db::transaction change, db::transaction::begin(work.state()));
  work.row.new_connection.reset();
  SPILLWAY_TRY(store::change_migration(work.state(), work.row));
  SPILLWAY_TRY(store::move_history(work.state(), made.id, work.old->id));
  SPILLWAY_TRY(store::move_backfills(work.state(), made.id, work.old->id));
  SPILLWAY_TRY(store::remove_connection(work.state(), made.id));
  work.old->start = std::max(work.old->start, made.start);
  work.old->disabled_at = made.disabled_at;
  SPILLWAY_TRY(store::change_connection(work.state(), *work.old));
  return change.commit();
}

result<void> remove_new_connection(migration_work& work) {
  if (!work.row.new_connection) {
    work.say("there is none");
    return {};
  }
  SPILLWAY_TRY_ASSIGN(model::connection made, require_connection(work.state(), *work.row.new_connection));
  if (made.state == model::connection_state::enabled) {
    SPILLWAY_TRY_ASSIGN(db::transaction change, db::transaction::begin(work.state()));
    SPILLWAY_TRY_ASSIGN(made, disable(work.state(), made.id, work.now()));
    SPILLWAY_TRY(change.commit());
  }
  SPILLWAY_TRY(wait_for_jobs(work, made.id));
  SPILLWAY_TRY(take_back(work, made));
  work.say(fmt::format("connection {} is removed; connection {} has the history, and what is in the bucket stays",
                       made.id, work.old->id));
  return {};
}

// What somebody else has changed since, which goes with the policy that is put back.
result<void> keep_foreign_changes(migration_work& work, const std::optional<std::string>& there) {
  SPILLWAY_TRY_ASSIGN(const s3::grant grant, grant_of(work.row));
  SPILLWAY_TRY_ASSIGN(const s3::legacy_statement legacy, legacy_after(work.state(), work.row));
  const auto ours = policy_after(work.row.policy.setting, grant, legacy);
  if (there && ours && !is_same_policy(there, *ours)) {
    work.say(
        "note: it was changed since the migration; what it said is shown as replaced-bucket-policy.json: keep it, if "
        "that is wanted");
    work.show("replaced-bucket-policy.json", *there + "\n");
  }
  return {};
}

failure kept_by_person(migration_work& work, std::string_view what) {
  return left_to_person(work, {errc::denied, {}, fmt::format("the {} was saved by hand in step 6", what), {}},
                        "rollback ");
}

result<void> put_policy_back(migration_work& work, bucket::bucket& in) {
  const bool is_done_by_hand = work.is_done_by_hand();
  if (work.row.policy.by == store::keeper::person) {
    return is_done_by_hand ? result<void>() : kept_by_person(work, "policy");
  }
  const std::optional<std::string>& wanted = work.row.policy.setting;
  const auto there = in.policy();
  if (there && is_same_policy(*there, wanted)) {
    work.say("it is as it was");
    return {};
  }
  if (there) {
    SPILLWAY_TRY(keep_foreign_changes(work, *there));
  }
  const auto put = wanted ? in.put_policy(*wanted) : in.remove_policy();
  if (put || (put.error().code == errc::denied && is_done_by_hand)) {
    work.say(!put ? "done by hand" : wanted ? "it is as it was" : "removed: there was none");
    return {};
  }
  if (put.error().code != errc::denied) {
    return put.error();
  }
  if (wanted) {
    work.show("saved-bucket-policy.json", *wanted + "\n");
    work.say(bucket_command("put-bucket-policy", work.row.place) + " --policy file://saved-bucket-policy.json");
  } else {
    work.say(bucket_command("delete-bucket-policy", work.row.place));
  }
  return left_to_person(work, put.error(), "rollback ");
}

result<void> put_encryption_back(migration_work& work, bucket::bucket& in) {
  const bool is_done_by_hand = work.is_done_by_hand();
  if (work.row.encryption.by == store::keeper::person) {
    return is_done_by_hand ? result<void>() : kept_by_person(work, "encryption");
  }
  const std::optional<model::encryption_setting>& wanted = work.row.encryption.setting;
  const auto there = in.default_encryption();
  if (there && *there == wanted) {
    work.say("it is as it was: " + describe(wanted));
    return {};
  }
  const auto put = wanted ? in.put_default_encryption(*wanted) : in.remove_default_encryption();
  if (put || (put.error().code == errc::denied && is_done_by_hand)) {
    work.say(put ? "it is as it was: " + describe(wanted) : "done by hand");
    return {};
  }
  if (put.error().code != errc::denied) {
    return put.error();
  }
  work.say(encryption_command(work.row.place, wanted));
  return left_to_person(work, put.error(), "rollback ");
}

result<void> put_settings_back(migration_work& work) {
  const bool is_policy = work.said.step == 2;
  if (!(is_policy ? is_saved(work.row, work.row.policy) : is_saved(work.row, work.row.encryption))) {
    work.say("it was not changed");
    return {};
  }
  SPILLWAY_TRY_ASSIGN(const opened_bucket to, open_as_administrator(work));
  return is_policy ? put_policy_back(work, *to.bucket) : put_encryption_back(work, *to.bucket);
}

// With this the migration is forgotten.
result<void> enable_old_connection(migration_work& work, rollback_outcome& outcome) {
  SPILLWAY_TRY_ASSIGN(db::transaction change, db::transaction::begin(work.state()));
  SPILLWAY_TRY(store::change_migration(work.state(), work.row));  // it is there still, and ours
  SPILLWAY_TRY(store::remove_migration(work.state(), work.row.id));
  const bool is_wanted = work.row.old_state == store::migration_row::was::enabled;
  if (is_wanted && work.old->state == model::connection_state::disabled) {
    SPILLWAY_TRY_ASSIGN(outcome.old, enable(work.state(), work.old->id, work.now()));
  }
  SPILLWAY_TRY(change.commit());
  work.say(is_wanted ? fmt::format("connection {} is enabled", work.old->id)
                     : fmt::format("connection {} was disabled before the migration, and is", work.old->id));
  if (outcome.old && outcome.old->gap) {
    work.say(fmt::format("more than 24 hours have passed: {} to {} are a gap",
                         model::to_string(outcome.old->gap->first), model::to_string(outcome.old->gap->last)));
  }
  return {};
}

result<void> do_step(migration_work& work, rollback_outcome& outcome) {
  switch (work.said.step) {
    case 1: return remove_new_connection(work);
    case 2:
    case 3: return put_settings_back(work);
    case 4: return enable_old_connection(work, outcome);
    default:
      outcome.kms_key_id = work.row.kms_key_id;
      // Objects that the new connection has put can't be read without it.
      work.say(work.row.kms_key_id.empty() ? "none was named"
               : work.row.step > migration_step::policy
                   ? "key " + work.row.kms_key_id +
                         ": not before every object that was put meanwhile is encrypted otherwise"
                   : "key " + work.row.kms_key_id);
      return {};
  }
}

result<rollback_outcome> go_back(const migration_world& with, model::connection_id of, const std::set<int>& done) {
  SPILLWAY_TRY(with.state.become_migrator());
  SPILLWAY_TRY_ASSIGN(migration_work work, find_work(with, of, done));
  work.row.going = store::migration_row::direction::back;
  SPILLWAY_TRY(store::change_migration(work.state(), work.row));
  rollback_outcome outcome;
  for (int step = 1; step <= rollback_steps; ++step) {
    if (with.stop.stop_requested()) {
      return failure{errc::interrupted, {}, "a signal asked to stop", {}};
    }
    work.said = {step, title_of_rollback(step), {}, {}};
    SPILLWAY_TRY(do_step(work, outcome));
    SPILLWAY_TRY(with.report(work.said));
  }
  return outcome;
}

}  // namespace

result<rollback_outcome> roll_back(const migration_world& with, model::connection_id of, const std::set<int>& done) {
  auto made = go_back(with, of, done);
  return made ? made : base::while_doing(going_back(of), made.error());
}

result<std::vector<migration_report>> preview_rollback(const migration_world& with, model::connection_id of) {
  const auto found = find_work(with, of, {});
  if (!found) {
    return base::while_doing(going_back(of), found.error());
  }
  const migration_work& work = *found;
  std::vector<migration_report> all;
  for (int step = 1; step <= rollback_steps; ++step) {
    all.push_back({step, title_of_rollback(step), {}, {}});
  }
  all[0].said = {work.row.new_connection ? fmt::format("would remove connection {}", *work.row.new_connection)
                                         : "there is none"};
  all[1].said = {!is_saved(work.row, work.row.policy) ? "it was not changed"
                 : work.row.policy.setting            ? "would put the saved one"
                                                      : "would remove it"};
  if (work.row.policy.setting) {
    all[1].documents = {{"saved-bucket-policy.json", *work.row.policy.setting + "\n"}};
  }
  all[2].said = {is_saved(work.row, work.row.encryption) ? "would set: " + describe(work.row.encryption.setting)
                                                         : "it was not changed"};
  all[3].said = {fmt::format("would enable connection {}", work.old->id)};
  all[4].said = {work.row.kms_key_id.empty() ? "none was named" : "key " + work.row.kms_key_id};
  return all;
}

}  // namespace spillway::connection
