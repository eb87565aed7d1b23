// Multipart uploads that nobody will end: their parts cost money until they are aborted.
#pragma once

#include "bucket/bucket.hpp"
#include "store/upload_log.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace spillway::exporting {

struct leftovers {
  std::vector<bucket::upload_info> left_behind;
  // Of keys like ours, younger than a day, and not the ledger's: another state file, or Amplitude itself, may be at it.
  std::vector<bucket::upload_info> perhaps_under_way;
  std::optional<failure> not_listed;  // why only the ledger's are here: errc::denied
};

// All below `prefix`: those that the ledger knows, whatever place of the bucket they were begun for, and those of keys
// like ours that the bucket lists: a run that was cut off before it had the answer to "create" left one whose id the
// ledger does not know. `state` may be null: no ledger. Who may not list uploads gets the ledger's.
result<leftovers> find_leftovers(db::database* state, bucket::bucket& in, const store::place& place,
                                 std::string_view prefix, base::instant now);

// In the ledger it goes from whatever place of the bucket it was begun for. One that has gone meanwhile is no failure.
result<void> abort_leftover(db::database* state, bucket::bucket& in, const store::place& place,
                            const bucket::upload_info& which);

// Aborts those that the ledger knows, whoever has begun them; but not of jobs that are running, since other connections
// deliver to the same place at the same time. What can't be aborted now stays there for the next time.
// REQUIRES: the worker lock.
result<void> abort_known_leftovers(db::database& state, bucket::bucket& in, const store::place& place);

}  // namespace spillway::exporting
