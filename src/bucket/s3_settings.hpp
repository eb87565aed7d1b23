// What a bucket of S3 says of itself: its region, its policy, its default encryption. Errors as bucket.hpp has them.
#pragma once

#include "bucket/bucket.hpp"
#include "bucket/s3_caller.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace spillway::bucket {

// Thread rule: any thread, at any time.
class s3_settings {
public:
  // `name` is the bucket's, for failures: "s3://raw". `caller` outlives it.
  s3_settings(const s3_caller& caller, std::string name) : caller_(caller), name_(std::move(name)) {}

  result<std::string> location() const;

  result<std::optional<std::string>> policy() const;
  result<void> put_policy(std::string_view json) const;
  result<void> remove_policy() const;

  result<std::optional<encryption_setting>> default_encryption() const;
  result<void> put_default_encryption(const encryption_setting& setting) const;
  result<void> remove_default_encryption() const;

private:
  const s3_caller& caller_;
  const std::string name_;
};

}  // namespace spillway::bucket
