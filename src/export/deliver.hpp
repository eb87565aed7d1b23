// Puts the objects of one job into its bucket, and then its marker: knows the order, and nothing else.
#pragma once

#include "bucket/bucket.hpp"
#include "export/job_plan.hpp"
#include "export/settings.hpp"

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::exporting {

// What the bucket holds under an object's key.
struct found_object {
  enum class kind { nothing, same, other } what = kind::nothing;
  bucket::receipt receipt{};    // of `same`
  bool is_unencrypted = false;  // and should not be
};
// Looks, and compares size and checksum; where the bucket has no checksum, the bytes themselves are read. `put_etag` is
// that of a put which has just been done; empty: none was.
result<found_object> look_at_object(bucket::bucket& in, const store::object_row& object, const settings& wanted,
                                    std::string_view put_etag = {});

// The same of what was delivered long ago: where a disk may have changed the bytes since, they are read.
result<found_object> look_again_at_object(bucket::bucket& in, const store::object_row& object, const settings& wanted);

struct delivered_object {
  std::int64_t id = 0;
  std::string etag;
};

struct delivery {
  std::vector<delivered_object> objects;  // those that were not delivered before
  std::int64_t bytes = 0;                 // of these
  std::int64_t events = 0;
};

// The order: each object is put and then verified (HEAD: size and checksum); the marker last. A marker that is there
// from an earlier delivery is replaced after the new partitions are in, but removed before the bytes of an object, ours
// or not, are replaced by others. Nothing is written to the ledger here, so this may run on any thread: doing it twice
// gives the same objects.
// errc::conflict: an object is there that the ledger does not know, with other bytes, or a marker that lists one. Other
// failures are the bucket's.
// errc::interrupted: `stop` was asked between two objects; those that were put are found again.
result<delivery> deliver(bucket::bucket& to, db::database& reader, const job_plan& plan, const settings& wanted,
                         const std::stop_token& stop = {});

}  // namespace spillway::exporting
