#include "export/run.hpp"

#include "export/deliver.hpp"
#include "export/leftovers.hpp"
#include "export/upload_keeper.hpp"
#include "store/catalog.hpp"

#include <atomic>
#include <deque>
#include <future>
#include <memory>

namespace spillway::exporting {
namespace {

void note(summary& noted, const hour_need& which) {
  if (which.what == need::open) {
    noted.open.push_back({which.key, which.unplanned_events});
  } else if (which.what == need::gather) {
    noted.gathered.push_back({which.key, which.unplanned_events});
  }
}

bool is_wanted(const settings& wanted, model::project_id project) {
  return !wanted.only_project || *wanted.only_project == project;
}

result<std::vector<job_plan>> find_jobs(db::database& state, const settings& wanted) {
  std::vector<job_plan> plans;
  SPILLWAY_TRY_ASSIGN(const std::vector<store::job_row> jobs, store::list_jobs(state));
  for (const store::job_row& job : jobs) {
    if (job.place == wanted.place && job.state != store::job_state::delivered && is_wanted(wanted, job.project)) {
      SPILLWAY_TRY_ASSIGN(std::vector<store::object_row> objects, store::list_objects(state, job.id));
      plans.push_back({job, std::move(objects)});
    }
  }
  return plans;
}

class delivery_run {
public:
  delivery_run(store::state_file& state, bucket::bucket& to, const settings& wanted, const base::clock& clock,
               std::stop_token stop)
      : state_(state),
        to_(to),
        wanted_(wanted),
        clock_(clock),
        stop_(stop),
        readers_(std::max<std::size_t>(wanted.threads, 1)),
        pool_(readers_.size()) {}

  result<void> run(const std::vector<job_plan>& plans, summary& done, const progress_sink& report) {
    for (auto& reader : readers_) {
      SPILLWAY_TRY_ASSIGN(db::database opened, state_.open_reader());
      reader = std::make_unique<db::database>(std::move(opened));
    }
    const auto total = static_cast<std::int64_t>(plans.size());
    std::size_t next = 0;
    while (next < plans.size() || !under_way_.empty()) {
      const bool may_begin = !stop_.stop_requested() && !trouble_;
      if (next < plans.size() && may_begin && under_way_.size() < 2 * pool_.threads()) {
        SPILLWAY_TRY(begin(plans[next++]));
        continue;
      }
      if (under_way_.empty()) {
        break;
      }
      SPILLWAY_TRY(end_oldest(done));
      report({done.hours, total, done.events, done.bytes});
    }
    if (trouble_) {
      return *trouble_;
    }
    if (next < plans.size()) {
      return failure{errc::interrupted, "delivering to " + to_.name(), "asked to stop", {}};
    }
    return {};
  }

private:
  struct job_under_way {
    const job_plan* plan;
    std::future<result<delivery>> made;
  };

  result<void> begin(const job_plan& plan) {
    SPILLWAY_TRY(store::start_job(state_.database(), plan.job.id));
    under_way_.push_back({&plan, base::run_on<result<delivery>>(
                                     pool_, [this, &plan](std::size_t worker) { return deliver_one(plan, worker); })});
    return {};
  }

  // On a thread of the pool. What waits in its queue when another job ends the run is not begun.
  result<delivery> deliver_one(const job_plan& plan, std::size_t worker) {
    if (is_ending_) {
      return failure{errc::interrupted, {}, "another hour's failure came before", {}};
    }
    auto made = deliver(to_, *readers_[worker], plan, wanted_);
    if (!made && made.error().code != errc::conflict) {
      is_ending_ = true;
    }
    return made;
  }

  result<void> end_oldest(summary& done) {
    job_under_way oldest = std::move(under_way_.front());
    under_way_.pop_front();
    const result<delivery> made = oldest.made.get();
    const store::job_row& job = oldest.plan->job;
    if (!made) {
      const failure& failed = made.error();
      if (failed.code == errc::conflict) {
        done.failures.push_back(failed);
        return store::fail_job(state_.database(), job.id, failed.text());
      }
      trouble_ = trouble_ ? trouble_ : std::optional(failed);
      return store::suspend_job(state_.database(), job.id, failed.text());
    }
    SPILLWAY_TRY_ASSIGN(db::transaction finished, db::transaction::begin(state_.database()));
    for (const delivered_object& each : made->objects) {
      SPILLWAY_TRY(store::finish_object(state_.database(), each.id, each.etag, clock_.now()));
    }
    SPILLWAY_TRY(store::finish_job(state_.database(), job.id, clock_.now()));
    SPILLWAY_TRY(finished.commit());
    ++done.hours;
    done.empty_hours += oldest.plan->objects.empty() ? 1 : 0;
    done.objects += static_cast<std::int64_t>(made->objects.size());
    done.bytes += made->bytes;
    done.events += made->events;
    return {};
  }

  store::state_file& state_;
  bucket::bucket& to_;
  const settings& wanted_;
  const base::clock& clock_;
  std::stop_token stop_;
  std::vector<std::unique_ptr<db::database>> readers_;  // one a thread
  std::deque<job_under_way> under_way_;
  std::optional<failure> trouble_;
  std::atomic<bool> is_ending_ = false;
  base::thread_pool pool_;  // behind everything that its tasks use: it ends first
};

}  // namespace

result<summary> plan_all(store::state_file& state, const settings& wanted, const base::clock& clock) {
  summary planned;
  base::thread_pool pool(std::max<std::size_t>(wanted.threads, 1));
  SPILLWAY_TRY_ASSIGN(const std::vector<model::project> projects, store::list_projects(state.database()));
  for (const model::project& project : projects) {
    if (!is_wanted(wanted, project.id)) {
      continue;
    }
    SPILLWAY_TRY_ASSIGN(const std::vector<hour_need> needs, find_needs(state.database(), project, wanted, clock.now()));
    for (const hour_need& each : needs) {
      note(planned, each);
    }
    SPILLWAY_TRY(plan_hours(state, project, needs, wanted, pool, clock.now()));
  }
  return planned;
}

result<summary> deliver_all(store::state_file& state, bucket::bucket& to, const settings& wanted, summary plans,
                            const base::clock& clock, std::stop_token stop, const progress_sink& report) {
  SPILLWAY_TRY(store::recover_jobs(state.database()));
  SPILLWAY_TRY(abort_known_leftovers(state.database(), to, wanted.place));
  SPILLWAY_TRY_ASSIGN(const std::vector<job_plan> jobs, find_jobs(state.database(), wanted));
  SPILLWAY_TRY_ASSIGN(db::database uploads, state.open_writer());
  upload_keeper keeper(std::move(uploads), wanted.place, clock);
  settings with_uploads = wanted;
  with_uploads.put.uploads = &keeper;
  delivery_run running(state, to, with_uploads, clock, stop);
  SPILLWAY_TRY(running.run(jobs, plans, report));
  return plans;
}

}  // namespace spillway::exporting
