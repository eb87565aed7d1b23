// The file of an hour's merges in a bucket, seen from outside its ledger row.
#pragma once

#include "bucket/bucket.hpp"
#include "export/open_body.hpp"

#include <string_view>

namespace spillway::exporting {

// Whether what is there under `key` is a file of these merges, with as many of the first ones as were known when it was
// put: for another connection of the organization, or by a run that never heard that it was done. The ledger has
// forgotten it when more merges came. errc::not_found: nothing is there. Thread rule: that of `reader`.
result<bool> is_file_of_merges(bucket::bucket& in, db::database& reader, const object_place& of, std::string_view key);

}  // namespace spillway::exporting
