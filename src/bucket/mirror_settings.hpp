// ROOT/.spillway/bucket.json as the file of a mirror: read when the mirror is opened, and written when somebody puts
// one of the bucket's settings. What the file says is bucket_rules.hpp's.
#pragma once

#include "base/result.hpp"
#include "bucket/bucket_rules.hpp"
#include "bucket/mirror_staging.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace spillway::bucket {

// What the file says; the settings of a mirror without one if it is not there.
// errc::invalid: it can't be taken; the cause says why.
result<bucket_settings> read_settings(int root);

// Sets one member of the file to `json`, or takes it away (nullopt); gives what the file says then. The others stay as
// they are in the file now, whoever wrote them. When this returns the file is durable; a reader sees the old one or the
// new. Several threads and processes may do this at once: one after the other, each on what the one before has left.
// errc::invalid: the file can't be taken, and is left as it is.
result<bucket_settings> write_setting(int root, mirror_staging& staging, std::string_view name,
                                      const std::optional<std::string>& json);

}  // namespace spillway::bucket
