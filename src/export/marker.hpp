// The marker of a job: it says that the hour is complete, and of what it is made.
#pragma once

#include "bucket/bucket.hpp"
#include "export/job_plan.hpp"
#include "export/settings.hpp"

#include <string>

namespace spillway::exporting {

// Where the marker of a job is, below the prefix.
std::string marker_key(const job_plan& plan, const settings& wanted);

// The text of a marker: it depends on the objects alone.
std::string marker_body(const job_plan& plan);

// Whether the bucket has this marker, or needs none.
result<bool> is_marker_right(bucket::bucket& in, const job_plan& plan, const settings& wanted);

// Whether nothing of the hour was delivered before, and the marker that is there lists what the ledger does not know.
result<bool> lists_unknown(bucket::bucket& in, const job_plan& plan, const settings& wanted);

// Puts the marker of an hour whose objects are all there. One that is there is replaced, unless nothing of the hour was
// delivered before and it lists what the ledger does not know: a ledger that is younger than its bucket would make it
// untrue. errc::conflict: it does, and `wanted.foreign` is to be refused.
result<void> put_marker(bucket::bucket& to, const job_plan& plan, const settings& wanted);

// Of an object, or a marker, that the ledger does not know and that is in the way.
failure foreign_failure(const job_plan& plan, const settings& wanted, const std::string& key, std::string cause);

}  // namespace spillway::exporting
