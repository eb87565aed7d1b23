// A job with its objects, as the ledger has them: what is delivered at once.
#pragma once

#include "export/open_body.hpp"
#include "model/project.hpp"
#include "store/ledger.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace spillway::exporting {

struct job_plan {
  model::project project;
  store::job_row job;
  std::vector<store::object_row> objects;  // all of the hour, by partition

  object_place where() const { return {project, job.kind, job.hour}; }
};

// Is there an object with this key among those of the ledger?
inline bool is_named(const job_plan& plan, std::string_view key) {
  return std::ranges::find(plan.objects, key, &store::object_row::key) != plan.objects.end();
}

}  // namespace spillway::exporting
