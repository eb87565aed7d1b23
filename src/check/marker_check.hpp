// A marker against what its hour holds. An empty body says nothing more than that the hour is complete, as Amplitude's
// own do; a manifest (model/manifest.hpp) is compared object by object.
#pragma once

#include "bucket/bucket.hpp"
#include "check/finding.hpp"
#include "check/object_check.hpp"
#include "model/object_key.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::check {

// Reads `findings.key()`; nullopt if it is gone, unread or too large, which is then reported.
result<std::optional<std::string>> read_marker(bucket::bucket& from, tally& findings);

// `found`: the objects of that project and hour. Listed keys are compared without what stands in front of the project's
// folder, so that a copy of a part of a bucket is as right as the whole.
void check_marker(std::string_view body, const model::object_name& name, const std::vector<object_facts>& found,
                  tally& findings);

}  // namespace spillway::check
