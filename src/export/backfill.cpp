#include "export/backfill.hpp"

#include "base/shortage.hpp"
#include "export/marker.hpp"
#include "model/object_key.hpp"
#include "store/event_store.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include <fmt/format.h>

namespace spillway::exporting {
namespace {

// A message names so many keys; `spillway check` lists the rest.
constexpr std::size_t shown_keys_max = 10;

// "analytics/187520/187520_2020-01-25_", which all keys of the day start with.
std::string prefix_of_day(const model::object_name& of, const settings& wanted) {
  const std::string key = model::to_key(of, wanted.prefix);
  return key.substr(0, key.find(model::to_date(of.hour), wanted.prefix.size()) + std::strlen("2020-01-25_"));
}

// The objects that a bucket has, listed a day at once: a directory is read whole for every listing, and S3's are
// paid for.
class day_lister {
public:
  day_lister(bucket::bucket& in, const settings& wanted) : in_(in), wanted_(wanted) {}

  // The keys of one kind, owner and hour. Days are to be asked for one behind the other.
  result<std::vector<std::string>> list(const model::object_name& of) {
    const std::string prefix = prefix_of_day(of, wanted_);
    if (prefix != listed_) {
      SPILLWAY_TRY(list_day(prefix, of.kind));
    }
    return keys_[of.hour];
  }

private:
  result<void> list_day(const std::string& prefix, model::object_kind kind) {
    keys_.clear();
    listed_.clear();
    SPILLWAY_TRY(in_.list_all(prefix, {}, [&](const bucket::object_info& each) -> result<void> {
      const auto name = model::parse_key(each.key);
      if (name && name->kind == kind) {
        keys_[name->hour].push_back(each.key);
      }
      return {};
    }));
    listed_ = prefix;
    return {};
  }

  bucket::bucket& in_;
  const settings& wanted_;
  std::string listed_;  // the prefix; empty: none
  std::map<model::hour, std::vector<std::string>> keys_;
};

// The job with the kind of marker that is wanted now, which may have been another one when the hour was planned. One
// that is there stays.
store::job_row with_marker(store::job_row job, model::marker_kind wanted) {
  if (job.kind == store::job_kind::events && wanted != model::marker_kind::off) {
    job.marker = wanted;
  }
  return job;
}

failure foreign_in_hours(const std::vector<std::string>& keys) {
  std::string listed;
  for (std::size_t i = 0; i < std::min(keys.size(), shown_keys_max); ++i) {
    listed += (i == 0 ? "" : ", ") + keys[i];
  }
  return {errc::conflict, "backfilling",
          fmt::format("{} object{} in these hours that the ledger does not know: {}{}", keys.size(),
                      keys.size() == 1 ? "" : "s", listed, keys.size() > shown_keys_max ? ", ..." : ""),
          "look at them (spillway check), and move them away or run again with --replace-foreign, which deletes them"};
}

// What is wrong with a job's hour in the bucket.
struct hour_findings {
  std::vector<std::int64_t> broken_objects;  // ids of delivered ones that are missing or differ
  std::vector<std::string> foreign_keys;     // of this hour, and no ledger row names them
  bool is_marker_wrong = false;
  bool is_marker_of_other_kind = false;  // the ledger has another kind than is wanted now

  bool is_broken() const { return !broken_objects.empty() || !foreign_keys.empty(); }
};

// Only reads. REQUIRES: `plan` has all objects of the hour.
result<hour_findings> inspect_hour(bucket::bucket& in, const job_plan& plan, const settings& wanted, day_lister& days) {
  hour_findings found;
  for (const store::object_row& each : plan.objects) {
    if (each.delivered_at) {
      SPILLWAY_TRY_ASSIGN(const found_object there, look_again_at_object(in, each, wanted));
      if (there.what != found_object::kind::same) {
        found.broken_objects.push_back(each.id);
      }
    }
  }
  if (plan.job.kind == store::job_kind::events) {
    SPILLWAY_TRY_ASSIGN(found.foreign_keys,
                        days.list({model::object_kind::events, plan.job.project, plan.job.hour, 0}));
    std::erase_if(found.foreign_keys, [&plan](const std::string& key) { return is_named(plan, key); });
    SPILLWAY_TRY_ASSIGN(const bool is_right, is_marker_right(in, plan, wanted));
    found.is_marker_wrong = !is_right;
  }
  return found;
}

class backfill_run {
public:
  backfill_run(store::state_file& state, const settings& wanted, const delivery_world& world)
      : state_(state), wanted_(wanted), world_(world) {}

  // Looks at every hour first, so that nothing is changed where something foreign stops it.
  result<void> look(const model::project& project, const model::connection& connection) {
    day_lister days(world_.to, wanted_);
    std::set<model::hour> merge_hours;
    for (const store::job_kind kind : {store::job_kind::events, store::job_kind::merges}) {
      SPILLWAY_TRY_ASSIGN(const std::vector<store::job_row> jobs,
                          store::list_jobs(state_.database(), connection.id, kind, *wanted_.hours));
      for (const store::job_row& job : jobs) {
        if (world_.stop.stop_requested()) {
          return failure{errc::interrupted, "backfilling", "asked to stop", std::string(base::hint_to_go_on)};
        }
        if (kind == store::job_kind::merges) {
          merge_hours.insert(job.hour);
        }
        // One that runs is in the hands of the connection that had the history before.
        if (job.state == store::job_state::running) {
          continue;
        }
        SPILLWAY_TRY_ASSIGN(std::vector<store::object_row> objects, store::list_objects(state_.database(), job.id));
        job_plan plan{project, with_marker(job, wanted_.marker), std::move(objects)};
        SPILLWAY_TRY_ASSIGN(hour_findings found, inspect_hour(world_.to, plan, wanted_, days));
        found.is_marker_of_other_kind = plan.job.marker != job.marker;
        foreign_.insert(foreign_.end(), found.foreign_keys.begin(), found.foreign_keys.end());
        seen_.push_back({std::move(plan), std::move(found)});
      }
    }
    if (model::delivers_merges(connection.data)) {
      SPILLWAY_TRY(look_for_foreign_merges(days, project, merge_hours));
    }
    return foreign_.empty() || wanted_.foreign == model::foreign_objects::replace ? result<void>()
                                                                                  : foreign_in_hours(foreign_);
  }

  // An object whose segments were pruned can't be made again; one of events that came later into its hour can.
  result<void> leave_pruned(const model::project& project, summary& done) {
    SPILLWAY_TRY_ASSIGN(const auto hours, store::list_hours(state_.database(), project.id, *wanted_.hours));
    for (seen_hour& each : seen_) {
      const auto hour = std::ranges::lower_bound(hours, each.plan.job.hour, {},
                                                 [](const store::hour_row& row) { return row.key.hour; });
      if (each.plan.job.kind != store::job_kind::events || hour == hours.end() ||
          hour->key.hour != each.plan.job.hour || each.leave_broken_before(hour->pruned_bytes) == 0) {
        continue;
      }
      done.pruned.push_back(each.plan.job.hour);
      if (each.found.broken_objects.empty()) {
        each.found = {};
      }
    }
    return {};
  }

  // The ledger says so first: what is cut off behind it is made up for. Where an object is to be deleted or put again,
  // the marker goes before: it says that they are there.
  result<void> reopen() {
    SPILLWAY_TRY(note_findings());
    for (const seen_hour& each : seen_) {
      if (each.found.is_broken() && each.plan.job.kind == store::job_kind::events) {
        SPILLWAY_TRY(world_.to.remove(marker_key(each.plan, wanted_)));
      }
      for (const std::string& key : each.found.foreign_keys) {
        SPILLWAY_TRY(world_.to.remove(key));
      }
    }
    for (const std::string& key : foreign_merges_) {
      SPILLWAY_TRY(world_.to.remove(key));
    }
    return {};
  }

private:
  // Files of hours in which there were no merges.
  result<void> look_for_foreign_merges(day_lister& days, const model::project& project,
                                       const std::set<model::hour>& known) {
    for (model::hour hour = wanted_.hours->first; hour <= wanted_.hours->last; hour = hour.next()) {
      if (!known.contains(hour)) {
        SPILLWAY_TRY_ASSIGN(const std::vector<std::string> keys,
                            days.list({model::object_kind::merges, project.organization, hour, 0}));
        foreign_merges_.insert(foreign_merges_.end(), keys.begin(), keys.end());
      }
    }
    foreign_.insert(foreign_.end(), foreign_merges_.begin(), foreign_merges_.end());
    return {};
  }

  struct seen_hour {
    job_plan plan;
    hour_findings found;

    // How many there were.
    std::size_t leave_broken_before(std::int64_t pruned_bytes) {
      return std::erase_if(found.broken_objects, [&](std::int64_t id) {
        const auto object = std::ranges::find(plan.objects, id, &store::object_row::id);
        return object->source_offset < pruned_bytes;
      });
    }
    // An hour that was not delivered yet is put anyway, and its marker with it.
    bool is_to_be_noted() const {
      const bool was_delivered = plan.job.state == store::job_state::delivered;
      return !found.broken_objects.empty() || found.is_marker_of_other_kind ||
             (was_delivered && (found.is_broken() || found.is_marker_wrong));
    }
    std::string_view reason() const {
      const bool is_marker_alone = found.is_marker_of_other_kind && !found.is_broken();
      return is_marker_alone ? "its marker is to be of another kind" : "found damaged by a backfill";
    }
  };

  result<void> note_findings() {
    if (std::ranges::none_of(seen_, &seen_hour::is_to_be_noted)) {
      return {};
    }
    SPILLWAY_TRY_ASSIGN(db::transaction change, db::transaction::begin(state_.database()));
    for (const seen_hour& each : seen_) {
      if (each.is_to_be_noted()) {
        SPILLWAY_TRY(store::reopen_job(state_.database(), each.plan.job.id, each.plan.job.marker,
                                       each.found.broken_objects, each.reason()));
      }
    }
    return change.commit();
  }

  store::state_file& state_;
  const settings& wanted_;
  const delivery_world& world_;
  std::vector<seen_hour> seen_;
  std::vector<std::string> foreign_;
  std::vector<std::string> foreign_merges_;  // of these, those that no job is about
};

}  // namespace

result<void> backfill_hours(store::state_file& state, const model::project& project,
                            const model::connection& connection, const settings& wanted, const delivery_world& world,
                            summary& done) {
  SPILLWAY_ASSERT(is_backfill(wanted));
  settings all_now = wanted;
  all_now.open = open_hours::close;  // late events do not wait; the range holds no open hour
  SPILLWAY_TRY_ASSIGN(summary planned, plan_connection(state, project, connection, all_now, world.clock, world.stop));
  done.pruned.insert(done.pruned.end(), planned.pruned.begin(), planned.pruned.end());
  done.failures.insert(done.failures.end(), planned.failures.begin(), planned.failures.end());
  backfill_run running(state, all_now, world);
  SPILLWAY_TRY(running.look(project, connection));
  SPILLWAY_TRY(running.leave_pruned(project, done));
  SPILLWAY_TRY(running.reopen());
  return deliver_all(state, {connection}, all_now, world, done);
}

}  // namespace spillway::exporting
