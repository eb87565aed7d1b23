#include "connection/life_cycle.hpp"

#include "base/shell_word.hpp"
#include "connection/migration_rules.hpp"
#include "store/catalog.hpp"
#include "store/event_store.hpp"
#include "store/ledger.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace spillway::connection {
namespace {

std::string named(std::string_view doing, model::connection_id id) {
  return fmt::format("{} connection {}", doing, id);
}

// Who of a place was disabled last has its history: their order must not hang on a clock that stands, or goes back.
base::instant just_after(const model::connection& disabled, base::instant now) {
  return std::max(now, *disabled.disabled_at + std::chrono::microseconds{1});
}

// Whether events of the project were delivered to the place by a connection before: one of merged IDs only may have
// taken their history over, and delivers none of its hours. Whoever is enabled there is to go on, and was not before.
result<bool> has_event_history(db::database& state, const model::connection& of) {
  SPILLWAY_TRY_ASSIGN(const auto all, store::list_connections(state));
  const bool is_any = std::ranges::any_of(all, [&of](const model::connection& each) {
    const bool was_before = each.id == of.id || each.state == model::connection_state::disabled;
    return was_before && each.project == of.project && each.place == of.place &&
           each.kind == model::connection_kind::scheduled && model::delivers_events(each.data);
  });
  if (is_any) {
    return true;
  }
  SPILLWAY_TRY_ASSIGN(const auto jobs, store::list_jobs(state, of.id, store::job_kind::events, model::hour_range()));
  return !jobs.empty();
}

// What was refused and is no incident yet: nobody asks while a connection is disabled, and that time must not count.
result<void> end_small_trouble(db::database& state, model::connection_id of) {
  SPILLWAY_TRY_ASSIGN(const auto trouble, store::find_trouble(state, of));
  return trouble && !trouble->blocked_at ? store::end_trouble(state, of) : result<void>();
}

// A connection that is deleted leaves its history to the other one of its place: with the jobs goes how long the place
// was served, so that nobody takes delivered hours for a gap.
result<void> leave_to(db::database& state, const model::connection& from, model::connection twin, base::instant now) {
  SPILLWAY_TRY(store::move_history(state, from.id, twin.id));
  const base::instant end = from.disabled_at.value_or(just_after(twin, now));
  if (end > twin.disabled_at) {
    twin.disabled_at = end;
    twin.start = from.start;
    return store::change_connection(state, twin);
  }
  return {};
}

}  // namespace

result<std::optional<model::connection>> find_disabled_twin(db::database& state, const model::connection& of) {
  SPILLWAY_TRY_ASSIGN(const auto all, store::list_connections(state));
  std::optional<model::connection> twin;
  for (const model::connection& each : all) {
    const bool is_same = each.project == of.project && each.place == of.place && each.id != of.id;
    if (is_same && each.state == model::connection_state::disabled &&
        (!twin || twin->disabled_at <= each.disabled_at)) {
      twin = each;
    }
  }
  return twin;
}

result<model::connection> require_connection(db::database& state, model::connection_id id) {
  SPILLWAY_TRY_ASSIGN(auto found, store::find_connection(state, id));
  if (!found) {
    return failure{errc::not_found,
                   {},
                   fmt::format("there is no connection {}", id),
                   "see which there are: spillway connection list"};
  }
  if (found->kind == model::connection_kind::implicit) {
    return failure{errc::usage,
                   {},
                   fmt::format("connection {} was made by export and is not scheduled", id),
                   "set one up there, which goes on with its history: " + create_command(*found)};
  }
  return std::move(*found);
}

std::string create_command(const model::connection& implicit) {
  return fmt::format("spillway connection create --project {} {}{}", implicit.project,
                     base::shell_word(implicit.place.destination),
                     implicit.filter.empty() ? "" : " --filter " + base::shell_word(implicit.filter));
}

std::string backfill_command(model::connection_id of, const store::gap& gap) {
  return fmt::format("spillway backfill {} --from {} --to {}", of, model::to_date(gap.first), model::to_date(gap.last));
}

result<void> check_owner(db::database& state, const model::connection& of) {
  SPILLWAY_TRY_ASSIGN(const model::organization owner, store::owner_of(state, of.project));
  SPILLWAY_TRY_ASSIGN(const auto other, store::find_other_owner(state, of.place, owner.id));
  if (other) {
    return failure{errc::conflict, "looking whose bucket it is",
                   fmt::format("organization {} ({}) delivers to {}, and a bucket belongs to one organization",
                               other->id, other->name, model::bucket_of(of.place).destination),
                   "disable or delete its connections first, or choose another bucket"};
  }
  return {};
}

result<model::connection> disable(db::database& state, model::connection_id id, base::instant now) {
  SPILLWAY_TRY_ASSIGN(model::connection found, require_connection(state, id));
  if (found.state == model::connection_state::disabled) {
    return failure{errc::conflict, named("disabling", id), "it is disabled already", "there is nothing to do"};
  }
  SPILLWAY_TRY_ASSIGN(const auto twin, find_disabled_twin(state, found));
  found.state = model::connection_state::disabled;
  found.disabled_at = twin ? just_after(*twin, now) : now;
  SPILLWAY_TRY(end_small_trouble(state, id));
  SPILLWAY_TRY(store::change_connection(state, found));
  return found;
}

result<std::optional<model::hour>> find_stop(db::database& state, const model::connection& of) {
  SPILLWAY_TRY_ASSIGN(const bool has_events, has_event_history(state, of));
  if (!has_events) {
    return std::optional<model::hour>();
  }
  const model::hour end = model::hour_of(of.disabled_at.value_or(of.created_at));
  if (end <= of.start) {
    return std::optional(end);
  }
  const model::hour_range in{of.start, {end.number - 1}};
  std::map<model::hour, store::job_state> jobs;
  SPILLWAY_TRY_ASSIGN(const auto planned, store::list_jobs(state, of.id, store::job_kind::events, in));
  model::hour last_delivered{};
  for (const store::job_row& each : planned) {
    jobs[each.hour] = each.state;
    if (each.state == store::job_state::delivered) {
      last_delivered = each.hour;
    }
  }
  // Without markers an empty hour needs no job. Hours are planned in their order: one without a job before others that
  // were delivered is of a connection of the place that had no markers.
  std::map<model::hour, std::int64_t> events;
  SPILLWAY_TRY_ASSIGN(const auto rows, store::list_hours(state, of.project, in));
  for (const store::hour_row& each : rows) {
    events[each.key.hour] = each.events;
  }
  for (model::hour hour = in.first; hour <= in.last; hour = hour.next()) {
    const auto job = jobs.find(hour);
    const bool needs_marker = of.marker != model::marker_kind::off && hour > last_delivered;
    const bool needs_job = needs_marker || events[hour] > 0;
    if (job == jobs.end() ? needs_job : job->second != store::job_state::delivered) {
      return std::optional(hour);
    }
  }
  return std::optional(end);
}

result<void> check_alone(db::database& state, const model::connection& of, std::string doing) {
  SPILLWAY_TRY_ASSIGN(const auto other, store::find_connection(state, of.project, of.place));
  if (other && other->id != of.id && other->delivers_by_itself()) {
    return failure{
        errc::conflict, std::move(doing),
        fmt::format("connection {} delivers project {} to {} already", other->id, of.project, of.place.destination),
        fmt::format("choose another destination, or disable that one first: spillway connection disable {}",
                    other->id)};
  }
  return {};
}

result<void> check_enable(db::database& state, const model::connection& of) {
  if (of.state == model::connection_state::enabled) {
    return failure{errc::conflict, named("enabling", of.id), "it is enabled already", "there is nothing to do"};
  }
  SPILLWAY_TRY(check_may_be_enabled(state, of.id));
  SPILLWAY_TRY(check_alone(state, of, named("enabling", of.id)));
  return check_owner(state, of);
}

result<enabled> enable(db::database& state, model::connection_id id, base::instant now) {
  SPILLWAY_TRY_ASSIGN(model::connection found, require_connection(state, id));
  SPILLWAY_TRY(check_enable(state, found));
  enabled made;
  // Another one may have been at work there meanwhile: this one goes on where that one stopped.
  SPILLWAY_TRY_ASSIGN(const auto twin, find_disabled_twin(state, found));
  const bool is_after_twin = twin && twin->disabled_at > found.disabled_at;
  const model::connection before = is_after_twin ? *twin : found;
  SPILLWAY_TRY_ASSIGN(const std::optional<model::hour> stop, find_stop(state, before));
  found.start = before.start;
  if (is_after_twin) {
    SPILLWAY_TRY(store::move_history(state, before.id, id));
  }
  if (!model::is_within_takeover_time(before, now)) {
    found.start = std::max(found.start, model::first_hour_of_day(now));
    if (stop && *stop < found.start) {
      made.gap = store::gap{*stop, {found.start.number - 1}};
      SPILLWAY_TRY(store::add_break(state, id, before.start, *made.gap));
    }
  }
  SPILLWAY_TRY(end_small_trouble(state, id));
  found.state = model::connection_state::enabled;
  found.disabled_at.reset();
  SPILLWAY_TRY(store::change_connection(state, found));
  made.connection = std::move(found);
  return made;
}

result<void> remove(db::database& state, model::connection_id id, base::instant now) {
  SPILLWAY_TRY_ASSIGN(const model::connection found, require_connection(state, id));
  SPILLWAY_TRY(check_may_be_deleted(state, id));
  SPILLWAY_TRY_ASSIGN(const auto jobs, store::list_undelivered_jobs(state, id));
  if (std::ranges::count(jobs, store::job_state::running, &store::job_row::state) > 0) {
    return failure{
        errc::conflict, named("deleting", id), "a job of it is running",
        fmt::format("disable it, and delete it when its jobs have ended: spillway connection disable {}", id)};
  }
  SPILLWAY_TRY_ASSIGN(const auto heir, find_disabled_twin(state, found));
  if (heir) {
    SPILLWAY_TRY(leave_to(state, found, *heir, now));
  }
  return store::remove_connection(state, id);
}

}  // namespace spillway::connection
