#include "support/memory_bucket.hpp"

#include "s3/policy_document.hpp"

#include <algorithm>

namespace spillway::test {
namespace {

using namespace spillway::bucket;

// Source: Amazon S3 User Guide, "Naming objects" and "Amazon S3 multipart upload limits".
constexpr std::size_t key_bytes_max = 1024;
constexpr std::size_t part_bytes_min = std::size_t{5} << 20;
constexpr int part_number_max = 10'000;

failure failing(errc code, std::string_view key, std::string cause) {
  return {code, "in memory: " + std::string(key), std::move(cause), {}};
}

result<std::string> read_whole(body_source& body) {
  std::string bytes;
  SPILLWAY_TRY(body.read([&bytes](std::string_view piece) -> result<void> {
    bytes += piece;
    return {};
  }));
  if (bytes.size() != body.bytes()) {
    return failing(errc::corrupt, "", "the body is not as long as it says");
  }
  return bytes;
}

}  // namespace

std::map<std::string, std::string> memory_bucket::tree() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::string> all;
  for (const auto& [key, object] : objects_) {
    all[key] = object.bytes;
  }
  return all;
}

result<receipt> memory_bucket::store(std::string_view key, std::string bytes, const put_options& options) {
  if (key.empty() || key.size() > key_bytes_max) {
    return failing(errc::invalid, key, "no such key can be");
  }
  const base::sha256_digest sha256 = base::sha256_of(bytes);
  if (options.sha256 && *options.sha256 != sha256) {
    return failing(errc::corrupt, key, "it hashes to something else");
  }
  if (options.condition == put_options::when::absent && objects_.contains(key)) {
    return failing(errc::conflict, key, "PreconditionFailed: something is there");
  }
  object_info info;
  info.key = key;
  info.bytes = bytes.size();
  info.etag = "etag-" + std::to_string(++made_);
  info.modified_at = clock_.now();
  if (options.sha256) {
    info.sha256 = sha256;
  }
  info.encryption = options.encryption;
  info.kms_key_id = options.kms_key_id;
  if (info.encryption == encryption::bucket_default) {
    info.encryption = encryption_ ? encryption_->algorithm : encryption::none;
    info.kms_key_id = encryption_ ? encryption_->kms_key_id : std::string();
  }
  const receipt made{info.etag, info.bytes};
  objects_.insert_or_assign(std::string(key), stored{std::move(bytes), std::move(info)});
  return made;
}

result<receipt> memory_bucket::put(std::string_view key, body_source& body, const put_options& options) {
  SPILLWAY_TRY_ASSIGN(std::string bytes, read_whole(body));
  const std::lock_guard lock(mutex_);
  return store(key, std::move(bytes), options);
}

result<std::optional<object_info>> memory_bucket::head(std::string_view key) {
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(key);
  return found == objects_.end() ? std::optional<object_info>() : std::optional(found->second.info);
}

result<void> memory_bucket::get(std::string_view key, byte_range range,
                                const std::function<result<void>(std::string_view)>& sink) {
  std::string bytes;
  {
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(key);
    if (found == objects_.end()) {
      return failing(errc::not_found, key, "NoSuchKey");
    }
    bytes = found->second.bytes;
  }
  if (range.first > 0 && range.first >= bytes.size()) {
    return failing(errc::invalid, key, "InvalidRange");
  }
  return sink(std::string_view(bytes).substr(range.first, range.bytes));
}

result<list_page> memory_bucket::list(std::string_view prefix, std::string_view after, int objects_max) {
  if (objects_max < 1 || objects_max > 1000) {
    return failing(errc::invalid, prefix, "a page has 1 to 1,000 keys");
  }
  const std::lock_guard lock(mutex_);
  list_page page;
  for (auto at = after < prefix ? objects_.lower_bound(prefix) : objects_.upper_bound(after);
       at != objects_.end() && at->first.starts_with(prefix); ++at) {
    if (page.objects.size() == static_cast<std::size_t>(objects_max)) {
      page.next = page.objects.back().key;
      break;
    }
    object_info info = at->second.info;
    info.sha256.reset();
    page.objects.push_back(std::move(info));
  }
  return page;
}

result<void> memory_bucket::remove(std::string_view key) {
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(key);
  if (found != objects_.end()) {
    objects_.erase(found);
  }
  return {};
}

result<memory_bucket::upload*> memory_bucket::find_upload(std::string_view key, std::string_view upload_id) {
  const auto found = uploads_.find(upload_id);
  if (found == uploads_.end() || found->second.key != key) {
    return failing(errc::not_found, key, "NoSuchUpload");
  }
  return &found->second;
}

result<std::string> memory_bucket::create_multipart(std::string_view key, const put_options& options) {
  const std::lock_guard lock(mutex_);
  std::string id = "upload-" + std::to_string(++made_);
  uploads_[id] = {std::string(key), options, clock_.now(), {}};
  return id;
}

result<std::string> memory_bucket::put_part(std::string_view key, std::string_view upload_id, int part_number,
                                            body_source& body) {
  SPILLWAY_TRY_ASSIGN(std::string bytes, read_whole(body));
  const std::lock_guard lock(mutex_);
  SPILLWAY_TRY_ASSIGN(upload* const to, find_upload(key, upload_id));
  if (part_number < 1 || part_number > part_number_max) {
    return failing(errc::invalid, key, "no such part can be");
  }
  std::string etag = "part-" + std::to_string(++made_);
  to->parts[part_number] = {etag, std::move(bytes)};
  return etag;
}

result<receipt> memory_bucket::complete_multipart(std::string_view key, std::string_view upload_id,
                                                  const std::vector<part>& parts) {
  const std::lock_guard lock(mutex_);
  SPILLWAY_TRY_ASSIGN(upload* const of, find_upload(key, upload_id));
  if (parts.empty() || !std::ranges::is_sorted(parts, {}, &part::number)) {
    return failing(errc::invalid, key, "InvalidPartOrder");
  }
  std::string whole;
  for (const part& each : parts) {
    const auto found = of->parts.find(each.number);
    if (found == of->parts.end() || found->second.first != each.etag) {
      return failing(errc::invalid, key, "InvalidPart");
    }
    if (&each != &parts.back() && found->second.second.size() < part_bytes_min) {
      return failing(errc::invalid, key, "EntityTooSmall");
    }
    whole += found->second.second;
  }
  SPILLWAY_TRY_ASSIGN(const receipt made, store(key, std::move(whole), of->options));
  uploads_.erase(uploads_.find(upload_id));
  return made;
}

result<void> memory_bucket::abort_multipart(std::string_view key, std::string_view upload_id) {
  const std::lock_guard lock(mutex_);
  SPILLWAY_TRY(find_upload(key, upload_id));
  uploads_.erase(uploads_.find(upload_id));
  return {};
}

result<std::vector<memory_bucket::part>> memory_bucket::list_parts(std::string_view key, std::string_view upload_id) {
  const std::lock_guard lock(mutex_);
  SPILLWAY_TRY_ASSIGN(upload* const of, find_upload(key, upload_id));
  std::vector<part> all;
  for (const auto& [number, put] : of->parts) {
    all.push_back({number, put.first});
  }
  return all;
}

result<std::vector<upload_info>> memory_bucket::list_uploads(std::string_view prefix) {
  const std::lock_guard lock(mutex_);
  std::vector<upload_info> all;
  for (const auto& [id, each] : uploads_) {
    if (each.key.starts_with(prefix)) {
      all.push_back({each.key, id, each.begun_at});
    }
  }
  return all;
}

result<std::optional<std::string>> memory_bucket::policy() {
  const std::lock_guard lock(mutex_);
  return policy_;
}
result<void> memory_bucket::put_policy(std::string_view json) {
  SPILLWAY_TRY(s3::check_policy(json));
  const std::lock_guard lock(mutex_);
  policy_ = json;
  return {};
}
result<void> memory_bucket::remove_policy() {
  const std::lock_guard lock(mutex_);
  policy_.reset();
  return {};
}
result<std::optional<encryption_setting>> memory_bucket::default_encryption() {
  const std::lock_guard lock(mutex_);
  return encryption_;
}
result<void> memory_bucket::put_default_encryption(const encryption_setting& setting) {
  const std::lock_guard lock(mutex_);
  encryption_ = setting;
  return {};
}
result<void> memory_bucket::remove_default_encryption() {
  const std::lock_guard lock(mutex_);
  encryption_.reset();
  return {};
}

}  // namespace spillway::test
