// A bucket in front of another that fails by a seed: passing errors, answers that are lost, outages and refusals by the
// clock, and calls in which the whole process is killed.
#pragma once

#include "base/clock.hpp"
#include "bucket/bucket.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spillway::test {

// Thrown out of a call: nothing behind it happens any more, as with kill -9.
struct killed {};

class unreliable_bucket final : public bucket::bucket {
public:
  struct outage {
    base::instant from;
    base::instant until;
    errc code = errc::unavailable;  // or denied
  };
  struct faults {
    double lost_requests = 0;  // of all calls: they fail with errc::unavailable and do nothing
    double lost_answers = 0;   // the same, and they do what they should
    std::vector<outage> outages{};
    int kill_at = 0;  // the call, from 1, that is the process's last, until set() is called; 0: none
  };

  unreliable_bucket(std::shared_ptr<spillway::bucket::bucket> behind, const base::clock& clock, std::uint64_t seed)
      : behind_(std::move(behind)), clock_(clock), random_(seed) {}

  void set(faults wanted) {
    const std::lock_guard lock(mutex_);
    faults_ = std::move(wanted);
    calls_ = 0;
  }

  std::string name() const override { return behind_->name(); }
  result<spillway::bucket::receipt> put(std::string_view key, spillway::bucket::body_source& body,
                                        const spillway::bucket::put_options& options) override {
    return pass<spillway::bucket::receipt>("s3:PutObject", key, [&] { return behind_->put(key, body, options); });
  }
  result<std::unique_ptr<spillway::bucket::staged_body>> stage() override { return behind_->stage(); }
  result<std::optional<spillway::bucket::object_info>> head(std::string_view key) override {
    using found = std::optional<spillway::bucket::object_info>;
    return pass<found>("s3:GetObject", key, [&] { return behind_->head(key); });
  }
  result<void> get(std::string_view key, spillway::bucket::byte_range range,
                   const std::function<result<void>(std::string_view)>& sink) override {
    return pass<void>("s3:GetObject", key, [&] { return behind_->get(key, range, sink); });
  }
  result<spillway::bucket::list_page> list(std::string_view prefix, std::string_view after, int objects_max) override {
    return pass<spillway::bucket::list_page>("s3:ListBucket", prefix,
                                             [&] { return behind_->list(prefix, after, objects_max); });
  }
  result<void> remove(std::string_view key) override {
    return pass<void>("s3:DeleteObject", key, [&] { return behind_->remove(key); });
  }
  result<std::string> create_multipart(std::string_view key, const spillway::bucket::put_options& options) override {
    return pass<std::string>("s3:PutObject", key, [&] { return behind_->create_multipart(key, options); });
  }
  result<std::string> put_part(std::string_view key, std::string_view upload_id, int part_number,
                               spillway::bucket::body_source& body) override {
    return pass<std::string>("s3:PutObject", key, [&] { return behind_->put_part(key, upload_id, part_number, body); });
  }
  result<spillway::bucket::receipt> complete_multipart(std::string_view key, std::string_view upload_id,
                                                       const std::vector<part>& parts) override {
    return pass<spillway::bucket::receipt>("s3:PutObject", key,
                                           [&] { return behind_->complete_multipart(key, upload_id, parts); });
  }
  result<void> abort_multipart(std::string_view key, std::string_view upload_id) override {
    return pass<void>("s3:AbortMultipartUpload", key, [&] { return behind_->abort_multipart(key, upload_id); });
  }
  result<std::vector<part>> list_parts(std::string_view key, std::string_view upload_id) override {
    return pass<std::vector<part>>("s3:ListMultipartUploadParts", key,
                                   [&] { return behind_->list_parts(key, upload_id); });
  }
  result<std::vector<spillway::bucket::upload_info>> list_uploads(std::string_view prefix) override {
    return pass<std::vector<spillway::bucket::upload_info>>("s3:ListBucketMultipartUploads", prefix,
                                                            [&] { return behind_->list_uploads(prefix); });
  }
  result<std::string> location() override { return behind_->location(); }
  result<std::optional<std::string>> policy() override { return behind_->policy(); }
  result<void> put_policy(std::string_view json) override { return behind_->put_policy(json); }
  result<void> remove_policy() override { return behind_->remove_policy(); }
  result<std::optional<spillway::bucket::encryption_setting>> default_encryption() override {
    return behind_->default_encryption();
  }
  result<void> put_default_encryption(const spillway::bucket::encryption_setting& setting) override {
    return behind_->put_default_encryption(setting);
  }
  result<void> remove_default_encryption() override { return behind_->remove_default_encryption(); }

private:
  enum class fate { done, lost_request, lost_answer, unavailable, denied, killed };

  fate choose() {
    const std::lock_guard lock(mutex_);
    if (++calls_ >= faults_.kill_at && faults_.kill_at > 0) {
      return fate::killed;
    }
    const double drawn = std::uniform_real_distribution<double>(0, 1)(random_);
    for (const outage& each : faults_.outages) {
      if (each.from <= clock_.now() && clock_.now() < each.until) {
        return each.code == errc::denied ? fate::denied : fate::unavailable;
      }
    }
    return drawn < faults_.lost_requests                          ? fate::lost_request
           : drawn < faults_.lost_requests + faults_.lost_answers ? fate::lost_answer
                                                                  : fate::done;
  }

  template <class Value>
  result<Value> pass(std::string_view permission, std::string_view key, const std::function<result<Value>()>& call) {
    const std::string doing = std::string(permission) + " of " + std::string(key);
    switch (choose()) {
      case fate::done: return call();
      case fate::killed: throw killed{};
      case fate::denied:
        return failure{errc::denied, doing, "AccessDenied: not authorized to perform: " + std::string(permission), {}};
      case fate::lost_answer: static_cast<void>(call()); break;
      case fate::lost_request:
      case fate::unavailable: break;
    }
    return failure{errc::unavailable, doing, "the test has this call fail", {}};
  }

  const std::shared_ptr<spillway::bucket::bucket> behind_;
  const base::clock& clock_;
  std::mutex mutex_;
  std::mt19937_64 random_;
  faults faults_;
  int calls_ = 0;
};

}  // namespace spillway::test
