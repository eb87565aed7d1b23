// A job with its objects, as the ledger has them: what is delivered at once.
#pragma once

#include "export/open_body.hpp"
#include "model/project.hpp"
#include "store/ledger.hpp"

#include <vector>

namespace spillway::exporting {

struct job_plan {
  model::project project;
  store::job_row job;
  std::vector<store::object_row> objects;  // all of the hour, by partition

  object_place where() const { return {project, job.kind, job.hour}; }
};

}  // namespace spillway::exporting
