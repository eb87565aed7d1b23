// The bytes of a planned object, whatever it is made of.
#pragma once

#include "bucket/bucket.hpp"
#include "export/settings.hpp"
#include "model/project.hpp"
#include "store/ledger.hpp"

#include <memory>

namespace spillway::exporting {

// Which object: of a job of this project.
struct object_place {
  const model::project& project;
  store::job_kind kind = store::job_kind::events;
  model::hour hour;
};

// `reader` and `object` outlive the body; it is used on the thread of `reader`.
result<std::unique_ptr<bucket::body_source>> open_body(db::database& reader, const object_place& in,
                                                       const store::object_row& object);

}  // namespace spillway::exporting
