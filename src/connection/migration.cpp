// The order of a migration's steps, and those that only touch the state file.
#include "connection/migration.hpp"

#include "base/stoppable_wait.hpp"
#include "connection/life_cycle.hpp"
#include "connection/migration_work.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace spillway::connection {
namespace {

// How often what another process does is looked at; ours.
constexpr std::chrono::milliseconds migration_look_interval{200};

// A worker sees within a second that a connection was disabled (scheduler.cpp), and begins no job afterwards; until
// then it may be between two jobs. Ours.
constexpr std::chrono::seconds worker_stops_within{3};

std::string commands_for_a_key(const model::connection& old) {
  if (!old.place.endpoint.empty()) {
    return "mc admin kms key create ALIAS spillway-export";
  }
  const std::string region = old.access.region.empty() ? "" : " --region " + old.access.region;
  return fmt::format("aws kms create-key --description \"exports of project {}\"{}", old.project, region);
}

result<void> name_key(migration_work& work) {
  if (work.row.kms_key_id.empty()) {
    return failure{
        errc::usage,
        {},
        "no KMS key is named",
        fmt::format("make one in the bucket's region ({}), then: spillway connection migrate {} --kms-key KEY",
                    commands_for_a_key(*work.old), work.old->id)};
  }
  work.say(fmt::format("key {}", work.row.kms_key_id));
  return {};
}

void name_connection(migration_work& work) {
  const model::connection& old = *work.old;
  work.say(fmt::format("connection {} delivers project {} to {}; its bucket trusts {}", old.id, old.project,
                       old.place.destination, old.principal_arn.empty() ? "the whole account" : old.principal_arn));
}

result<void> stop_old_connection(migration_work& work) {
  if (work.old->state == model::connection_state::enabled) {
    SPILLWAY_TRY_ASSIGN(db::transaction change, db::transaction::begin(work.state()));
    SPILLWAY_TRY_ASSIGN(work.old, disable(work.state(), work.old->id, work.now()));
    SPILLWAY_TRY(change.commit());
  }
  SPILLWAY_TRY(wait_for_jobs(work, work.old->id));
  const base::instant since = work.old->disabled_at.value_or(work.now());
  work.say(fmt::format("disabled since {}; no job is running", base::format_utc(since)));
  work.say(fmt::format("without a gap if the new connection is made before {}",
                       base::format_utc(since + model::takeover_time_max)));
  return {};
}

void say_settings(migration_work& work) {
  const model::connection made = new_connection_of(*work.old, work.row);
  const std::string& key = made.access.kms_key_id;
  work.say(fmt::format("{} of project {} to {}{}, put with aws:kms{}{}{}", model::to_string(made.data), made.project,
                       made.place.destination, made.filter.empty() ? "" : ", filtered as before",
                       key.empty() ? "" : " and key " + key, made.principal_arn.empty() ? "" : ", by ",
                       made.principal_arn));
  if (!made.access.profile.empty()) {
    work.say(fmt::format("profile {}", made.access.profile));
  }
}

// A profile that is not there is found before anything is changed.
result<void> show_settings(migration_work& work) {
  say_settings(work);
  SPILLWAY_TRY(work.with.agents.open(new_connection_of(*work.old, work.row)));
  return {};
}

result<void> show_policies(migration_work& work) {
  SPILLWAY_TRY_ASSIGN(const s3::grant grant, grant_of(work.row));
  work.say(fmt::format("the role to trust is {}", grant.principal_arn));
  work.show("bucket-policy.json", s3::bucket_policy(grant));
  work.show("kms-key-policy.json", s3::key_policy(grant));
  return {};
}

result<void> delete_old_connection(migration_work& work) {
  SPILLWAY_TRY_ASSIGN(db::transaction change, db::transaction::begin(work.state()));
  work.row.step = migration_step::removal;
  work.row.ended_at = work.now();
  work.row.policy = {};
  work.row.encryption = {};
  SPILLWAY_TRY(store::change_migration(work.state(), work.row));
  SPILLWAY_TRY(store::remove_connection(work.state(), work.row.old_connection));
  SPILLWAY_TRY(change.commit());
  work.say(fmt::format("connection {} is deleted; connection {} has its history", work.row.old_connection,
                       *work.row.new_connection));
  work.say("neither a rollback nor the account root can be had any more");
  return {};
}

// False: it has to be come back to.
result<bool> do_step(migration_work& work, int step, std::optional<base::instant>& continue_at) {
  switch (step) {
    case migration_step::key: SPILLWAY_TRY(name_key(work)); break;
    case migration_step::connection: name_connection(work); break;
    case migration_step::disable: SPILLWAY_TRY(stop_old_connection(work)); break;
    case migration_step::settings: SPILLWAY_TRY(show_settings(work)); break;
    case migration_step::policies: SPILLWAY_TRY(show_policies(work)); break;
    case migration_step::save: SPILLWAY_TRY(save_settings(work)); break;
    case migration_step::policy: SPILLWAY_TRY(update_policies(work)); break;
    case migration_step::encryption: SPILLWAY_TRY(update_encryption(work)); break;
    case migration_step::new_connection: SPILLWAY_TRY(make_new_connection(work)); break;
    case migration_step::first_export: return look_at_first_export(work, continue_at);
    default: SPILLWAY_TRY(delete_old_connection(work));
  }
  return true;
}

// Looks at the permissions and writes down that the migration has begun; or what a later run says.
result<void> begin(migration_work& work, const migration_request& asked) {
  if (work.row.id == 0) {
    work.said = {migration_step::permissions, title_of(migration_step::permissions), {}, {}};
    SPILLWAY_TRY(ask_for_permissions(work));
    SPILLWAY_TRY_ASSIGN(db::transaction change, db::transaction::begin(work.state()));
    SPILLWAY_TRY_ASSIGN(store::migration_row row, plan_migration(work.state(), *work.old, asked, work.now()));
    SPILLWAY_TRY_ASSIGN(work.row, store::add_migration(work.state(), std::move(row)));
    SPILLWAY_TRY(change.commit());
    return work.with.report(work.said);
  }
  SPILLWAY_TRY(take_request(work.row, asked));
  return store::change_migration(work.state(), work.row);
}

// Where it stands: a row that was written, or one to begin with.
result<migration_work> find_work(const migration_world& with, const migration_request& asked) {
  db::database& state = with.state.database();
  migration_work work{with, {}, {}, asked.done, {}};
  SPILLWAY_TRY_ASSIGN(const auto found, store::find_migration(state, asked.connection));
  SPILLWAY_TRY_ASSIGN(work.old, store::find_connection(state, found ? found->old_connection : asked.connection));
  if (found) {
    if (found->going == store::migration_row::direction::back) {
      return failure{errc::conflict,
                     {},
                     "it is being rolled back",
                     fmt::format("finish that: spillway connection migrate rollback {}", found->old_connection)};
    }
    if (!work.old && found->step < migration_step::new_connection) {
      return failure{errc::conflict, {}, fmt::format("connection {} is gone", found->old_connection), {}};
    }
    work.row = *found;
    return work;
  }
  SPILLWAY_TRY_ASSIGN(work.old, require_connection(state, asked.connection));
  SPILLWAY_TRY_ASSIGN(work.row, plan_migration(state, *work.old, asked, with.agents.clock.now()));
  return work;
}

result<migration_outcome> go_on(const migration_world& with, const migration_request& asked) {
  SPILLWAY_TRY(with.state.become_migrator());
  SPILLWAY_TRY_ASSIGN(migration_work work, find_work(with, asked));
  migration_outcome outcome;
  if (!work.row.is_finished()) {
    SPILLWAY_TRY(begin(work, asked));
  }
  while (work.row.step < asked.until) {
    if (with.stop.stop_requested()) {
      return failure{errc::interrupted, {}, "a signal asked to stop", {}};
    }
    const int step = work.row.step + 1;
    work.said = {step, title_of(step), {}, {}};
    SPILLWAY_TRY_ASSIGN(const bool is_done, do_step(work, step, outcome.continue_at));
    SPILLWAY_TRY(with.report(work.said));
    if (!is_done) {
      break;
    }
    work.row.step = step;
    SPILLWAY_TRY(store::change_migration(work.state(), work.row));
  }
  outcome.migration = std::move(work.row);
  return outcome;
}

std::vector<std::string> intention_of(int step, const migration_work& work) {
  const store::migration_row& row = work.row;
  switch (step) {
    case migration_step::permissions: return {"asked for by putting back what is there: not in a dry run"};
    case migration_step::key:
      return {row.kms_key_id.empty() ? "none is named yet: --kms-key KEY" : "key " + row.kms_key_id};
    case migration_step::disable: return {fmt::format("would disable connection {}", row.old_connection)};
    case migration_step::new_connection:
      return {"would verify the access with the real prefix and the key, and hand the history over"};
    case migration_step::first_export:
      return {"would deliver what is due, and compare every object with the ledger and its encryption with the key"};
    case migration_step::removal:
      return {fmt::format("would delete connection {}: afterwards there is no way back", row.old_connection)};
    default: return {};
  }
}

// Steps 6 to 8 as they would be: the bucket is read where that is allowed.
result<void> preview_settings(migration_work& work, int step) {
  SPILLWAY_TRY_ASSIGN(const opened_bucket to, open_as_administrator(work));
  const auto policy = to.bucket->policy();
  const auto encryption = to.bucket->default_encryption();
  if (step == migration_step::encryption) {
    work.say(fmt::format("would set: {}",
                         describe(encryption_after(encryption ? *encryption : std::nullopt, work.row.kms_key_id))));
    return {};
  }
  if (step == migration_step::save) {
    work.say("policy: " + (policy ? std::string(*policy ? "there" : "none") : policy.error().text()));
    work.say("encryption: " + (encryption ? describe(*encryption) : encryption.error().text()));
    return {};
  }
  if (!policy) {
    work.say("the policy can't be read: " + policy.error().text());
    return {};
  }
  SPILLWAY_TRY_ASSIGN(const s3::grant grant, grant_of(work.row));
  SPILLWAY_TRY_ASSIGN(const s3::legacy_statement legacy, legacy_after(work.state(), work.row));
  SPILLWAY_TRY_ASSIGN(std::string after, policy_after(*policy, grant, legacy));
  work.say("would write");
  work.show("bucket-policy.json", std::move(after));
  return {};
}

result<std::vector<migration_report>> preview_all(const migration_world& with, const migration_request& asked) {
  SPILLWAY_TRY_ASSIGN(migration_work work, find_work(with, asked));
  std::vector<migration_report> all;
  if (work.row.is_finished()) {
    return all;
  }
  if (work.row.id != 0) {
    SPILLWAY_TRY(take_request(work.row, asked));
  }
  for (int step = work.row.id == 0 ? migration_step::permissions : work.row.step + 1; step <= asked.until; ++step) {
    work.said = {step, title_of(step), intention_of(step, work), {}};
    if (step == migration_step::connection) {
      name_connection(work);
    } else if (step == migration_step::settings) {
      say_settings(work);
    } else if (step == migration_step::policies) {
      SPILLWAY_TRY(show_policies(work));
    } else if (step >= migration_step::save && step <= migration_step::encryption) {
      SPILLWAY_TRY(preview_settings(work, step));
    }
    all.push_back(std::move(work.said));
  }
  return all;
}

std::string going_forward(const migration_request& asked) {
  return fmt::format("migrating connection {}", asked.connection);
}

}  // namespace

bool pause(const std::stop_token& stop) { return base::wait_unless_stopped(stop, migration_look_interval); }

result<opened_bucket> open_as_administrator(const migration_work& work) {
  return work.with.open_as_administrator(*work.old);
}

result<void> wait_for_jobs(const migration_work& work, model::connection_id of) {
  using clock = std::chrono::steady_clock;
  const bool is_ours = work.with.who_delivers == migration_world::worker::us;
  const auto quiet_needed = is_ours ? std::chrono::seconds{0} : worker_stops_within;
  const auto deadline = clock::now() + work.with.wait_max;
  std::optional<clock::time_point> quiet_since;
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const auto jobs, store::list_undelivered_jobs(work.state(), of));
    const auto running = std::ranges::count(jobs, store::job_state::running, &store::job_row::state);
    const auto now = clock::now();
    quiet_since = running > 0 ? std::nullopt : quiet_since.has_value() ? quiet_since : std::optional(now);
    if (quiet_since && now - *quiet_since >= quiet_needed) {
      return {};
    }
    if (now >= deadline) {
      return failure{errc::unavailable, fmt::format("waiting for connection {}", of),
                     fmt::format("jobs of it are running still: {}", running), "run the same command again"};
    }
    if (!pause(work.with.stop)) {
      return failure{errc::interrupted, fmt::format("waiting for connection {}", of), "a signal asked to stop", {}};
    }
  }
}

failure left_to_person(migration_work& work, const failure& denied, std::string_view action) {
  work.say("to be done by hand: " + denied.text());
  if (const auto reported = work.with.report(work.said); !reported) {
    return reported.error();
  }
  return {denied.code, work.said.title, denied.text(),
          fmt::format("do it with other credentials, then go on: spillway connection migrate {}{} --done {}", action,
                      work.row.old_connection, work.said.step)};
}

result<migration_outcome> migrate(const migration_world& with, const migration_request& asked) {
  auto made = go_on(with, asked);
  return made ? made : base::while_doing(going_forward(asked), made.error());
}

result<std::vector<migration_report>> preview_migration(const migration_world& with, const migration_request& asked) {
  auto made = preview_all(with, asked);
  return made ? made : base::while_doing(going_forward(asked), made.error());
}

}  // namespace spillway::connection
