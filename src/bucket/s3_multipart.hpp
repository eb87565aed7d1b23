// Multipart uploads of a bucket of S3, one request a call. s3_upload.hpp drives the requests of a put on its own.
#pragma once

#include "bucket/bucket.hpp"
#include "bucket/s3_caller.hpp"
#include "bucket/s3_upload.hpp"
#include "s3/requests.hpp"

#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::bucket {

// Errors as bucket.hpp has them. Thread rule: any thread, at any time.
class s3_uploads {
public:
  // `name` is the bucket's, for failures: "s3://raw". `caller` and `tools` outlive it.
  s3_uploads(const s3_caller& caller, const upload_tools& tools, s3::checksum checksum, std::string name)
      : caller_(caller), tools_(tools), checksum_(checksum), name_(std::move(name)) {}

  result<std::string> create(std::string_view key, const put_options& options);
  result<std::string> put_part(std::string_view key, std::string_view upload_id, int part_number,
                               body_source& body) const;
  result<receipt> complete(std::string_view key, std::string_view upload_id,
                           const std::vector<bucket::part>& parts) const;
  result<void> abort(std::string_view key, std::string_view upload_id) const;

  result<std::vector<bucket::part>> parts_of(std::string_view key, std::string_view upload_id) const;
  result<std::vector<upload_info>> list(std::string_view prefix) const;

private:
  s3::storing::when condition_of(const std::string& upload_id) const;
  result<std::vector<s3::stored_part>> all_parts(const s3::upload_address& upload) const;
  result<std::vector<s3::stored_part>> stored_parts(const s3::upload_address& upload,
                                                    const std::vector<bucket::part>& wanted) const;

  const s3_caller& caller_;
  const upload_tools& tools_;
  const s3::checksum checksum_;
  const std::string name_;
  mutable std::mutex mutex_;
  std::set<std::string> conditional_;  // uploads that this process has begun
};

}  // namespace spillway::bucket
