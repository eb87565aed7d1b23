#include "export/run.hpp"

#include "base/shortage.hpp"
#include "export/deliver.hpp"
#include "export/leftovers.hpp"
#include "export/merge_plan.hpp"
#include "export/object_hashes.hpp"
#include "export/thread_readers.hpp"
#include "export/upload_keeper.hpp"
#include "store/catalog.hpp"
#include "store/connections.hpp"

#include <algorithm>
#include <deque>
#include <future>
#include <memory>
#include <mutex>
#include <span>

#include <fmt/format.h>

namespace spillway::exporting {
namespace {

void note(summary& noted, const hour_need& which) {
  if (which.what == need::open) {
    noted.open.push_back({which.key, which.unplanned_events});
  } else if (which.what == need::gather) {
    noted.gathered.push_back({which.key, which.unplanned_events});
  } else if (which.what == need::pruned) {
    noted.pruned.push_back(which.key.hour);
  } else if (which.what == need::plan && is_partly_pruned(which)) {
    noted.partly_pruned.push_back(which.key.hour);
  }
}

// A backfill does its own hours only: what it was told about foreign objects holds for no others.
bool is_asked_for(const store::job_row& job, const settings& wanted) {
  return !is_backfill(wanted) || wanted.hours->holds(job.hour);
}

result<void> find_jobs(db::database& state, const model::connection& connection, const settings& wanted,
                       std::vector<job_plan>& plans) {
  SPILLWAY_TRY_ASSIGN(const model::project project, store::get_project(state, connection.project));
  SPILLWAY_TRY_ASSIGN(const std::vector<store::job_row> jobs, store::list_undelivered_jobs(state, connection.id));
  for (const store::job_row& job : jobs) {
    // One that runs is in the hands of the connection that had the history before.
    if (job.state == store::job_state::running || !is_asked_for(job, wanted)) {
      continue;
    }
    SPILLWAY_TRY_ASSIGN(std::vector<store::object_row> objects, store::list_objects(state, job.id));
    plans.push_back({project, job, std::move(objects)});
  }
  return {};
}

class delivery_run {
public:
  delivery_run(store::state_file& state, const std::vector<model::connection>& connections, const settings& wanted,
               const delivery_world& world)
      : state_(state),
        connections_(connections),
        wanted_(wanted),
        world_(world),
        readers_(state, std::max<std::size_t>(wanted.threads, 1)),
        pool_(std::max<std::size_t>(wanted.threads, 1)) {}

  result<void> run(std::span<const job_plan> plans, summary& done) {
    const auto total = static_cast<std::int64_t>(plans.size());
    for (;;) {
      const bool may_begin = !plans.empty() && !is_ending();
      if (!may_begin && under_way_.empty()) {
        break;
      }
      // Nobody else can write while the oldest is noted, so that it is waited for before.
      std::optional<ended_job> ended;
      if (!may_begin || under_way_.size() == jobs_max()) {
        ended = wait_for_oldest();
      }
      SPILLWAY_TRY(take_turn(ended, plans));
      if (ended) {
        count(*ended, done);
        if (world_.report) {
          world_.report({done.hours, total, done.events, done.bytes});
        }
      }
    }
    if (trouble_) {
      return *trouble_;
    }
    if (!plans.empty()) {
      return failure{errc::interrupted, "delivering to " + world_.to.name(), "asked to stop",
                     std::string(base::hint_to_go_on)};
    }
    return {};
  }

private:
  struct job_end {
    result<delivery> made;
    bool is_its_own = false;  // the failure: other jobs go on
  };
  struct ended_job {
    const job_plan* plan;
    job_end end;
  };
  struct job_under_way {
    const job_plan* plan;
    std::future<job_end> end;
  };

  std::size_t jobs_max() const { return 2 * pool_.threads(); }

  // The first that is told ends the run: no job is begun behind it.
  void end_run(const failure& why) {
    const std::scoped_lock lock(ending_);
    trouble_ = trouble_ ? trouble_ : std::optional(why);
  }
  bool has_trouble() {
    const std::scoped_lock lock(ending_);
    return trouble_.has_value();
  }
  bool is_ending() { return has_trouble() || world_.stop.stop_requested(); }

  ended_job wait_for_oldest() {
    job_under_way oldest = std::move(under_way_.front());
    under_way_.pop_front();
    return {oldest.plan, oldest.end.get()};
  }

  // That one has ended and which ones begin is one commit: each waits for the disk.
  result<void> take_turn(const std::optional<ended_job>& ended, std::span<const job_plan>& plans) {
    std::vector<const job_plan*> begun;
    SPILLWAY_TRY_ASSIGN(db::transaction change, db::transaction::begin(state_.database()));
    if (ended) {
      SPILLWAY_TRY(note(*ended));
    }
    while (!plans.empty() && !is_ending() && under_way_.size() + begun.size() < jobs_max()) {
      SPILLWAY_TRY_ASSIGN(const bool may_begin, start(plans.front()));
      if (may_begin) {
        begun.push_back(&plans.front());
      }
      plans = plans.subspan(1);
    }
    SPILLWAY_TRY(change.commit());
    for (const job_plan* each : begun) {
      under_way_.push_back({each, base::run_on<job_end>(
                                      pool_, [this, each](std::size_t worker) { return deliver_one(*each, worker); })});
    }
    return {};
  }

  // False: a job that is not there any more. That its connection was disabled, or followed by another one, ends the
  // run.
  result<bool> start(const job_plan& plan) {
    const store::job_row& job = plan.job;
    const auto of = std::ranges::find(connections_, job.connection_id, &model::connection::id);
    if (const auto unchanged = check_unchanged(state_.database(), *of); !unchanged) {
      end_run(unchanged.error());
      return false;
    }
    SPILLWAY_TRY_ASSIGN(const auto now, store::find_job(state_.database(), job.connection_id, job.kind, job.hour));
    if (!now || now->id != job.id || now->state == store::job_state::running ||
        now->state == store::job_state::delivered) {
      return false;
    }
    SPILLWAY_TRY(store::start_job(state_.database(), job.id));
    return true;
  }

  // On a thread of the pool. What waits in its queue when another job ends the run is not begun.
  job_end deliver_one(const job_plan& plan, std::size_t worker) {
    if (has_trouble()) {
      return {failure{errc::interrupted, {}, "another hour's failure came before", {}}};
    }
    const auto reader = readers_.of(worker);
    if (!reader) {
      end_run(reader.error());
      return {reader.error()};
    }
    job_end end{deliver(world_.to, **reader, plan, wanted_, world_.stop)};
    if (!end.made) {
      const errc code = end.made.error().code;
      end.is_its_own = code == errc::conflict || (code == errc::corrupt && is_damaged(**reader, plan));
      if (!end.is_its_own) {
        end_run(end.made.error());
      }
    }
    return end;
  }

  // Whether it is the store that does not have the bytes any more, and not the bucket that has made others of them.
  static bool is_damaged(db::database& reader, const job_plan& plan) {
    return std::ranges::any_of(plan.objects, [&](const store::object_row& each) {
      const auto checked = each.delivered_at ? result<void>() : check_object(reader, plan.where(), each);
      return !checked && checked.error().code == errc::corrupt;
    });
  }

  result<void> note(const ended_job& ended) {
    const std::int64_t job = ended.plan->job.id;
    const auto& [made, is_its_own] = ended.end;
    if (!made) {
      const std::string why = made.error().text();
      return is_its_own ? store::fail_job(state_.database(), job, why)
                        : store::suspend_job(state_.database(), job, why);
    }
    for (const delivered_object& each : made->objects) {
      SPILLWAY_TRY(store::finish_object(state_.database(), each.id, each.etag, world_.clock.now()));
    }
    return store::finish_job(state_.database(), job, world_.clock.now());
  }

  static void count(const ended_job& ended, summary& done) {
    const auto& [made, is_its_own] = ended.end;
    if (!made) {
      if (is_its_own) {
        done.failures.push_back(made.error());
      }
      return;
    }
    ++done.hours;
    done.empty_hours += ended.plan->objects.empty() ? 1 : 0;
    done.objects += static_cast<std::int64_t>(made->objects.size());
    done.bytes += made->bytes;
    done.events += made->events;
  }

  store::state_file& state_;
  const std::vector<model::connection>& connections_;
  const settings& wanted_;
  const delivery_world& world_;
  thread_readers readers_;
  std::deque<job_under_way> under_way_;
  std::mutex ending_;  // over what ends the run
  std::optional<failure> trouble_;
  base::thread_pool pool_;  // behind everything that its tasks use: it ends first
};

// A project without events has nothing to deliver where it has no connection, and gets none. A portfolio is no source:
// it is refused by who named it, and must not keep the others from theirs.
result<bool> is_asked_for(db::database& state, const model::project& project,
                          std::optional<model::project_id> only_project, const model::place& to) {
  if (only_project) {
    return *only_project == project.id;
  }
  if (project.kind == model::project_kind::portfolio) {
    return false;
  }
  SPILLWAY_TRY_ASSIGN(const auto there, store::find_connection(state, project.id, to));
  return project.events > 0 || there.has_value();
}

// Whole or not at all: one that was made without its filter would refuse the filter from then on.
result<model::connection> open_connection(db::database& state, model::project_id project, const settings& wanted,
                                          base::instant now) {
  SPILLWAY_TRY_ASSIGN(db::transaction change, db::transaction::begin(state));
  SPILLWAY_TRY_ASSIGN(model::connection opened,
                      store::open_connection(state, project, wanted.place, wanted.filter, now));
  SPILLWAY_TRY(change.commit());
  return opened;
}

}  // namespace

summary& summary::operator+=(const summary& more) {
  hours += more.hours;
  empty_hours += more.empty_hours;
  objects += more.objects;
  events += more.events;
  bytes += more.bytes;
  open.insert(open.end(), more.open.begin(), more.open.end());
  gathered.insert(gathered.end(), more.gathered.begin(), more.gathered.end());
  pruned.insert(pruned.end(), more.pruned.begin(), more.pruned.end());
  partly_pruned.insert(partly_pruned.end(), more.partly_pruned.begin(), more.partly_pruned.end());
  failures.insert(failures.end(), more.failures.begin(), more.failures.end());
  return *this;
}

result<summary> plan_connection(store::state_file& state, const model::project& project,
                                const model::connection& connection, const settings& wanted, const base::clock& clock,
                                const std::stop_token& stop) {
  summary planned;
  const auto turn = wanted.planning != nullptr ? std::unique_lock(*wanted.planning) : std::unique_lock<std::mutex>();
  if (model::delivers_events(connection.data)) {
    SPILLWAY_TRY_ASSIGN(const std::vector<hour_need> needs,
                        find_needs(state.database(), project, connection, wanted, clock.now()));
    for (const hour_need& each : needs) {
      note(planned, each);
    }
    // An agent looks often and mostly finds nothing: threads are for work.
    if (std::ranges::count(needs, need::plan, &hour_need::what) > 0) {
      base::thread_pool pool(std::max<std::size_t>(wanted.threads, 1));
      SPILLWAY_TRY_ASSIGN(const damaged_hours damaged,
                          plan_hours({state, project, connection, wanted, pool, clock.now(), stop}, needs));
      for (const auto& [key, why] : damaged) {
        planned.failures.push_back(base::while_doing(
            fmt::format("planning hour {} of project {}", model::to_string(key.hour), key.project), why));
      }
    }
  }
  if (model::delivers_merges(connection.data)) {
    SPILLWAY_TRY(plan_merges(state, project, connection, wanted, clock.now()));
  }
  return planned;
}

result<std::vector<model::connection>> plan_all(store::state_file& state, const settings& wanted,
                                                std::optional<model::project_id> only_project, const base::clock& clock,
                                                summary& planned, const std::stop_token& stop) {
  std::vector<model::connection> connections;
  SPILLWAY_TRY_ASSIGN(const std::vector<model::project> projects, store::list_projects(state.database()));
  for (const model::project& project : projects) {
    SPILLWAY_TRY_ASSIGN(const bool is_wanted, is_asked_for(state.database(), project, only_project, wanted.place));
    if (!is_wanted) {
      continue;
    }
    SPILLWAY_TRY_ASSIGN(const model::connection connection,
                        open_connection(state.database(), project.id, wanted, clock.now()));
    if (connection.filter != wanted.filter) {
      return failure{
          errc::conflict, fmt::format("exporting project {} to {}", project.id, wanted.place.destination),
          fmt::format("connection {} delivers there with {}", connection.id,
                      connection.filter.empty() ? "no filter" : "the filter " + connection.filter),
          "give the same --filter or another destination, since an hour is delivered once; or, for the others, "
          "--project"};
    }
    if (!model::delivers_events(connection.data)) {
      return failure{errc::conflict, fmt::format("exporting project {} to {}", project.id, wanted.place.destination),
                     fmt::format("connection {} delivers merged Amplitude IDs there, and no events", connection.id),
                     "give another destination; or, for the other projects, --project"};
    }
    SPILLWAY_TRY_ASSIGN(const summary made, plan_connection(state, project, connection, wanted, clock, stop));
    planned += made;
    connections.push_back(connection);
  }
  if (only_project && connections.empty()) {
    return failure{errc::not_found, fmt::format("exporting project {}", *only_project), "there is no such project",
                   "see which there are: spillway project list"};
  }
  return connections;
}

result<void> deliver_all(store::state_file& state, const std::vector<model::connection>& connections,
                         const settings& wanted, const delivery_world& world, summary& done) {
  // What a run that was cut off has left open; mostly nothing.
  SPILLWAY_TRY(abort_known_leftovers(state.database(), world.to, wanted.place));
  std::vector<job_plan> jobs;
  for (const model::connection& each : connections) {
    SPILLWAY_TRY(find_jobs(state.database(), each, wanted, jobs));
  }
  if (jobs.empty()) {
    return {};
  }
  SPILLWAY_TRY_ASSIGN(db::database uploads, state.open_writer());
  upload_keeper keeper(std::move(uploads), wanted.place, world.clock);
  settings with_uploads = wanted;
  with_uploads.put.uploads = &keeper;
  delivery_run running(state, connections, with_uploads, world);
  SPILLWAY_TRY(running.run(jobs, done));
  // What answers that were lost have left open in this run.
  return abort_known_leftovers(state.database(), world.to, wanted.place);
}

}  // namespace spillway::exporting
