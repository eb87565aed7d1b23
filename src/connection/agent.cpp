#include "connection/agent.hpp"

#include "base/due.hpp"
#include "connection/backfill_work.hpp"
#include "connection/trouble.hpp"
#include "store/catalog.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace spillway::connection {
namespace {

// Late events wait for their next partition; whether one is due is looked at so often.
constexpr std::chrono::minutes gathered_look_interval{1};
// Each is an open file, of the 1,024 that a process usually may have, and there are up to 256 agents.
constexpr std::size_t staged_objects_max = 2;

// What the state file could not do is no fault of the bucket, and is not waited out.
bool is_ours(const failure& failed) {
  return failed.code == errc::state || failed.code == errc::bug || failed.code == errc::interrupted;
}

std::vector<std::int64_t> ids_of_running(const std::vector<store::job_row>& jobs) {
  std::vector<std::int64_t> ids;
  for (const store::job_row& each : jobs) {
    if (each.state == store::job_state::running) {
      ids.push_back(each.id);
    }
  }
  return ids;
}

}  // namespace

std::vector<failure> step_outcome::failures() const {
  std::vector<failure> all = done.failures;
  all.insert(all.end(), failed_backfills.begin(), failed_backfills.end());
  return all;
}

result<std::optional<agent::subject>> agent::read_subject() {
  SPILLWAY_TRY_ASSIGN(auto found, store::find_connection(state_.database(), id_));
  if (!found || found->state == model::connection_state::disabled) {
    return std::optional<subject>();
  }
  SPILLWAY_TRY_ASSIGN(model::project project, store::get_project(state_.database(), found->project));
  return std::optional(subject{std::move(*found), std::move(project)});
}

result<step_outcome> agent::step(patience how, std::stop_token stop) {
  step_outcome outcome;
  SPILLWAY_TRY_ASSIGN(const std::optional<subject> on, read_subject());
  if (!on) {
    return outcome;
  }
  const base::instant now = world_.clock.now();
  SPILLWAY_TRY_ASSIGN(const auto trouble, store::find_trouble(state_.database(), id_));
  if (how == patience::scheduled && !base::is_due(retry_at_, now, retry_delay_longest)) {
    outcome.next = retry_at_;
    return outcome;
  }
  if (how == patience::scheduled && trouble && !base::is_due(trouble->next_try_at, now, access_wait_max)) {
    outcome.next = trouble->next_try_at;
    return outcome;
  }
  store::undelivered waiting;
  if (trouble) {
    SPILLWAY_TRY_ASSIGN(waiting, store::count_undelivered(state_.database(), id_));
  }
  if (how == patience::none) {
    backfill_at_ = {};
  }
  outcome.next = next_closing(now);
  SPILLWAY_TRY(recover_own_jobs());
  const auto worked = work(*on, how, stop, outcome);
  if (!worked || !outcome.done.failures.empty()) {
    opened_.reset();  // what was wrong may be in settings that are read when it is opened
  }
  if (worked) {
    SPILLWAY_TRY(note_success(*on, waiting));
    return outcome;
  }
  SPILLWAY_TRY_ASSIGN(const bool is_same, store::is_unchanged(state_.database(), on->connection));
  if (!is_same) {
    // No failure: with a connection that was deleted meanwhile its rows have gone, and one that was disabled plans
    // nothing.
    SPILLWAY_TRY_ASSIGN(const auto now_on, read_subject());
    outcome.next = now_on ? std::optional(world_.clock.now()) : std::nullopt;
    return outcome;
  }
  if (is_ours(worked.error())) {
    return worked.error();
  }
  SPILLWAY_TRY(note_failure(*on, worked.error(), outcome));
  return outcome;
}

// A state file that was full, or busy, may have left jobs running that had ended.
result<void> agent::recover_own_jobs() {
  SPILLWAY_TRY_ASSIGN(const auto jobs, store::list_undelivered_jobs(state_.database(), id_));
  const std::vector<std::int64_t> running = ids_of_running(jobs);
  if (!handed_over_) {
    handed_over_ = running;
  }
  // One that has ended may run again, and then it is ours.
  std::erase_if(*handed_over_, [&running](std::int64_t each) { return std::ranges::count(running, each) == 0; });
  for (const std::int64_t each : running) {
    if (std::ranges::count(*handed_over_, each) == 0) {
      SPILLWAY_TRY(store::suspend_job(state_.database(), each, "its end could not be written down"));
    }
  }
  return {};
}

result<void> agent::work(const subject& on, patience how, std::stop_token stop, step_outcome& outcome) {
  if (!opened_) {
    SPILLWAY_TRY_ASSIGN(opened_, world_.open(on.connection));
  }
  exporting::settings wanted = settings_of(on.connection, *opened_);
  wanted.threads = world_.threads;
  wanted.open = world_.open_hours;
  wanted.planning = &world_.planning;
  exporting::staged_objects staged(*opened_->bucket, staged_objects_max);
  wanted.staged = &staged;
  const exporting::delivery_world world{*opened_->bucket, world_.clock, stop, [](const exporting::progress&) {}};
  if (how == patience::none || base::is_due(hours_retry_at_, world_.clock.now(), retry_delay_longest)) {
    SPILLWAY_TRY(deliver_due(on, wanted, world, outcome));
    note_failed_hours(outcome.done);
  }
  SPILLWAY_TRY_ASSIGN(const bool has_more, work_on_backfill(on, wanted, world, outcome));
  if (has_more) {
    outcome.next = world_.clock.now();
  } else if (!outcome.done.gathered.empty()) {
    outcome.next = std::min(*outcome.next, world_.clock.now() + gathered_look_interval);
  }
  if (failed_rounds_ > 0) {
    outcome.next = std::min(*outcome.next, hours_retry_at_);
  }
  return {};
}

result<void> agent::deliver_due(const subject& on, const exporting::settings& wanted,
                                const exporting::delivery_world& world, step_outcome& outcome) {
  SPILLWAY_TRY_ASSIGN(outcome.done,
                      exporting::plan_connection(state_, on.project, on.connection, wanted, world_.clock, world.stop));
  return exporting::deliver_all(state_, {on.connection}, wanted, world, outcome.done);
}

result<bool> agent::work_on_backfill(const subject& on, const exporting::settings& usual,
                                     const exporting::delivery_world& world, step_outcome& outcome) {
  SPILLWAY_TRY_ASSIGN(auto next, store::find_next_backfill(state_.database(), id_));
  if (!next) {
    return false;
  }
  const base::instant now = world_.clock.now();
  if (next->is_refused() && !base::is_due(backfill_at_, now, access_wait_max)) {
    outcome.next = std::min(*outcome.next, backfill_at_);
    return false;
  }
  const auto after = continue_backfill(state_, on.project, on.connection, *next, usual, world);
  if (!after && after.error().code == errc::denied) {
    // It lists and reads, which hours that are new do without: they go on.
    outcome.done.failures.push_back(base::while_doing(fmt::format("backfill {}", next->id), after.error()));
    backfill_at_ = now + access_probe_interval;
    outcome.next = std::min(*outcome.next, backfill_at_);
    return false;
  }
  if (!after) {
    return after.error();
  }
  if (!after->is_over() || after->connection != id_) {
    return true;
  }
  if (after->state == store::backfill_state::failed) {
    outcome.failed_backfills.push_back(base::while_doing(fmt::format("backfill {}", after->id), failure_of(*after)));
  }
  SPILLWAY_TRY_ASSIGN(next, store::find_next_backfill(state_.database(), id_));
  return next.has_value();
}

// After so many failures in a row.
base::instant agent::retry_time(int failures) {
  const auto longest = std::chrono::duration_cast<std::chrono::microseconds>(retry_delay_max(failures));
  return world_.clock.now() +
         std::chrono::microseconds(static_cast<std::int64_t>(world_.random() * static_cast<double>(longest.count())));
}

void agent::note_failed_hours(const exporting::summary& done) {
  failed_rounds_ = done.failures.empty() ? 0 : failed_rounds_ + 1;
  hours_retry_at_ = done.failures.empty() ? base::instant{} : retry_time(failed_rounds_);
}

result<void> agent::note_success(const subject& on, const store::undelivered& waited) {
  failures_ = 0;
  retry_at_ = {};
  SPILLWAY_TRY_ASSIGN(const auto trouble, store::find_trouble(state_.database(), id_));
  if (!trouble) {
    return {};
  }
  SPILLWAY_TRY_ASSIGN(db::transaction change, db::transaction::begin(state_.database()));
  SPILLWAY_TRY(store::end_trouble(state_.database(), id_));
  if (!trouble->blocked_at) {
    return change.commit();
  }
  SPILLWAY_TRY_ASSIGN(const notify::incident over,
                      end_incident(state_.database(), on.connection, *trouble, waited, world_.clock.now()));
  SPILLWAY_TRY(change.commit());
  world_.tell(over, notify::incident_event::recovered);
  return {};
}

result<void> agent::note_failure(const subject& on, const failure& failed, step_outcome& outcome) {
  const base::instant now = world_.clock.now();
  outcome.failed = failed;
  if (!needs_a_person(failed.code)) {
    retry_at_ = retry_time(++failures_);
    outcome.next = retry_at_;
    return {};
  }
  SPILLWAY_TRY_ASSIGN(db::transaction change, db::transaction::begin(state_.database()));
  SPILLWAY_TRY_ASSIGN(const auto before, store::find_trouble(state_.database(), id_));
  const store::access_trouble seen = after_refusal(before, failed, now);
  SPILLWAY_TRY(store::put_trouble(state_.database(), id_, seen));
  outcome.next = seen.next_try_at;
  if (!seen.blocked_at) {
    return change.commit();
  }
  SPILLWAY_TRY(store::block_jobs(state_.database(), id_, seen.detail));
  if (before && before->blocked_at) {
    return change.commit();
  }
  SPILLWAY_TRY_ASSIGN(const notify::incident begun, begin_incident(state_.database(), on.connection, seen, now));
  SPILLWAY_TRY(change.commit());
  world_.tell(begun, notify::incident_event::blocked);
  return {};
}

}  // namespace spillway::connection
