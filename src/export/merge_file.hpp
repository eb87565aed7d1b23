// The file of an hour's merges in a bucket, seen from outside its ledger row.
#pragma once

#include "bucket/bucket.hpp"
#include "export/open_body.hpp"

#include <string_view>

namespace spillway::exporting {

// A file of an hour's merges has as many of the first ones as were known when it was put: for this connection or for
// another of the organization, perhaps by a run that never heard that it was done. The ledger forgets one when more
// merges came.
enum class merge_file {
  other,  // something else
  older,  // the first of what `planned` holds
  newer,  // all that `planned` holds, and perhaps more
};

// What is there under the key of `planned`. errc::not_found: nothing is. Thread rule: that of `reader`.
result<merge_file> look_at_merge_file(bucket::bucket& in, db::database& reader, const object_place& of,
                                      const store::object_row& planned);

}  // namespace spillway::exporting
