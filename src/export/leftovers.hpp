// Multipart uploads that nobody will end: their parts cost money until they are aborted.
#pragma once

#include "bucket/bucket.hpp"
#include "store/upload_log.hpp"

#include <string_view>
#include <vector>

namespace spillway::exporting {

// Those that the ledger knows, and those of keys like ours that the bucket lists below `prefix`: a run that was cut off
// before it had the answer to "create" left one that the ledger does not know. `state` may be null: no ledger.
// Who may not list uploads (errc::denied) gets the ledger's.
result<std::vector<bucket::upload_info>> find_leftovers(db::database* state, bucket::bucket& in,
                                                        const store::place& place, std::string_view prefix);

// One that has gone meanwhile is no failure.
result<void> abort_leftover(db::database* state, bucket::bucket& in, const store::place& place,
                            const bucket::upload_info& which);

// Aborts those that the ledger knows, whoever has begun them; but not of jobs that are running, since other connections
// deliver to the same place at the same time. What can't be aborted now stays there for the next time.
// REQUIRES: the worker lock.
result<void> abort_known_leftovers(db::database& state, bucket::bucket& in, const store::place& place);

}  // namespace spillway::exporting
