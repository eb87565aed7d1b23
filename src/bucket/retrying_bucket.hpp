// A bucket in front of another: what fails in passing is tried again, as retry.hpp says. For buckets that do not do it
// themselves: s3_bucket does, since an answer of S3 can say how long to wait.
#pragma once

#include "bucket/bucket.hpp"
#include "bucket/retry.hpp"

#include <memory>

namespace spillway::bucket {

// A get is tried again only as long as its sink has had nothing.
std::unique_ptr<bucket> make_retrying(std::shared_ptr<bucket> behind, retry_world world);

}  // namespace spillway::bucket
