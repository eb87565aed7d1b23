// A bucket in memory with S3's semantics, for tests that make many. It passes the contract of buckets.
#pragma once

#include "base/clock.hpp"
#include "bucket/bucket.hpp"

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spillway::test {

class memory_bucket final : public bucket::bucket {
public:
  explicit memory_bucket(const base::clock& clock, std::string name = "s3://memory")
      : clock_(clock), name_(std::move(name)) {}

  // Key to bytes of all objects.
  std::map<std::string, std::string> tree() const;

  std::string name() const override { return name_; }
  result<spillway::bucket::receipt> put(std::string_view key, spillway::bucket::body_source& body,
                                        const spillway::bucket::put_options& options) override;
  result<std::optional<spillway::bucket::object_info>> head(std::string_view key) override;
  result<void> get(std::string_view key, spillway::bucket::byte_range range,
                   const std::function<result<void>(std::string_view)>& sink) override;
  result<spillway::bucket::list_page> list(std::string_view prefix, std::string_view after, int objects_max) override;
  result<void> remove(std::string_view key) override;

  result<std::string> create_multipart(std::string_view key, const spillway::bucket::put_options& options) override;
  result<std::string> put_part(std::string_view key, std::string_view upload_id, int part_number,
                               spillway::bucket::body_source& body) override;
  result<spillway::bucket::receipt> complete_multipart(std::string_view key, std::string_view upload_id,
                                                       const std::vector<part>& parts) override;
  result<void> abort_multipart(std::string_view key, std::string_view upload_id) override;
  result<std::vector<part>> list_parts(std::string_view key, std::string_view upload_id) override;
  result<std::vector<spillway::bucket::upload_info>> list_uploads(std::string_view prefix) override;

  result<std::string> location() override { return std::string("us-east-1"); }
  result<std::optional<std::string>> policy() override;
  result<void> put_policy(std::string_view json) override;
  result<void> remove_policy() override;
  result<std::optional<spillway::bucket::encryption_setting>> default_encryption() override;
  result<void> put_default_encryption(const spillway::bucket::encryption_setting& setting) override;
  result<void> remove_default_encryption() override;

private:
  struct stored {
    std::string bytes;
    spillway::bucket::object_info info;
  };
  struct upload {
    std::string key;
    spillway::bucket::put_options options;
    base::instant begun_at;
    std::map<int, std::pair<std::string, std::string>> parts;  // ETag and bytes
  };
  // REQUIRES: the lock.
  result<spillway::bucket::receipt> store(std::string_view key, std::string bytes,
                                          const spillway::bucket::put_options& options);
  result<upload*> find_upload(std::string_view key, std::string_view upload_id);

  const base::clock& clock_;
  const std::string name_;
  mutable std::mutex mutex_;
  std::map<std::string, stored, std::less<>> objects_;
  std::map<std::string, upload, std::less<>> uploads_;
  std::optional<std::string> policy_;
  std::optional<spillway::bucket::encryption_setting> encryption_;
  int made_ = 0;  // ETags and ids so far
};

}  // namespace spillway::test
