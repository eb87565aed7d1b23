// A bucket in front of another: it writes down every call, and can have one of them fail.
#pragma once

#include "bucket/bucket.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace spillway::test {

class recording_bucket final : public bucket::bucket {
public:
  explicit recording_bucket(spillway::bucket::bucket& behind) : behind_(behind) {}

  // Where a failure is made: on the way to the bucket, which then does nothing, or on the way back.
  enum class lost { request, answer };

  // Call number `nth` (from 1) and those behind it, `times` in all, fail with `code`.
  void fail(int nth, errc code, lost where = lost::request, int times = 1) {
    const std::lock_guard lock(mutex_);
    first_ = nth;
    last_ = nth + times - 1;
    code_ = code;
    where_ = where;
  }
  // The options of a put go through this on their way, and what head() says on its way back.
  std::function<void(spillway::bucket::put_options&)> on_put;
  std::function<void(spillway::bucket::object_info&)> on_head;
  // Instead of the stage of the bucket behind.
  std::function<result<std::unique_ptr<spillway::bucket::staged_body>>()> on_stage;

  // "put KEY" or "put_policy", in the order of their beginning.
  std::vector<std::string> calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  void forget_calls() {
    const std::lock_guard lock(mutex_);
    calls_.clear();
  }
  // With what the last put of a key was told.
  spillway::bucket::put_options options_of(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    return options_.at(key);
  }

  std::string name() const override { return behind_.name(); }
  result<spillway::bucket::receipt> put(std::string_view key, spillway::bucket::body_source& body,
                                        const spillway::bucket::put_options& options) override {
    {
      const std::lock_guard lock(mutex_);
      options_[std::string(key)] = options;
    }
    spillway::bucket::put_options passed = options;
    if (on_put) {
      on_put(passed);
    }
    return pass<spillway::bucket::receipt>("put", key, [&] { return behind_.put(key, body, passed); });
  }
  result<std::unique_ptr<spillway::bucket::staged_body>> stage() override {
    return on_stage ? on_stage() : behind_.stage();
  }
  result<std::optional<spillway::bucket::object_info>> head(std::string_view key) override {
    using head_result = std::optional<spillway::bucket::object_info>;
    auto found = pass<head_result>("head", key, [&] { return behind_.head(key); });
    if (on_head && found && *found) {
      on_head(**found);
    }
    return found;
  }
  result<void> get(std::string_view key, spillway::bucket::byte_range range,
                   const std::function<result<void>(std::string_view)>& sink) override {
    return pass<void>("get", key, [&] { return behind_.get(key, range, sink); });
  }
  bool may_have_rotted() const override { return behind_.may_have_rotted(); }
  result<spillway::bucket::list_page> list(std::string_view prefix, std::string_view after, int objects_max) override {
    return pass<spillway::bucket::list_page>("list", prefix, [&] { return behind_.list(prefix, after, objects_max); });
  }
  result<void> remove(std::string_view key) override {
    return pass<void>("remove", key, [&] { return behind_.remove(key); });
  }
  result<std::string> create_multipart(std::string_view key, const spillway::bucket::put_options& options) override {
    return pass<std::string>("create_multipart", key, [&] { return behind_.create_multipart(key, options); });
  }
  result<std::string> put_part(std::string_view key, std::string_view upload_id, int part_number,
                               spillway::bucket::body_source& body) override {
    return pass<std::string>("put_part", key, [&] { return behind_.put_part(key, upload_id, part_number, body); });
  }
  result<spillway::bucket::receipt> complete_multipart(std::string_view key, std::string_view upload_id,
                                                       const std::vector<part>& parts) override {
    return pass<spillway::bucket::receipt>("complete_multipart", key,
                                           [&] { return behind_.complete_multipart(key, upload_id, parts); });
  }
  result<void> abort_multipart(std::string_view key, std::string_view upload_id) override {
    return pass<void>("abort_multipart", key, [&] { return behind_.abort_multipart(key, upload_id); });
  }
  result<std::vector<part>> list_parts(std::string_view key, std::string_view upload_id) override {
    return pass<std::vector<part>>("list_parts", key, [&] { return behind_.list_parts(key, upload_id); });
  }
  result<std::vector<spillway::bucket::upload_info>> list_uploads(std::string_view prefix) override {
    return pass<std::vector<spillway::bucket::upload_info>>("list_uploads", prefix,
                                                            [&] { return behind_.list_uploads(prefix); });
  }
  result<std::string> location() override { return behind_.location(); }
  result<std::optional<std::string>> policy() override { return behind_.policy(); }
  result<void> put_policy(std::string_view json) override {
    return pass<void>("put_policy", "", [&] { return behind_.put_policy(json); });
  }
  result<void> remove_policy() override {
    return pass<void>("remove_policy", "", [&] { return behind_.remove_policy(); });
  }
  result<std::optional<spillway::bucket::encryption_setting>> default_encryption() override {
    return behind_.default_encryption();
  }
  result<void> put_default_encryption(const spillway::bucket::encryption_setting& setting) override {
    return pass<void>("put_default_encryption", "", [&] { return behind_.put_default_encryption(setting); });
  }
  result<void> remove_default_encryption() override {
    return pass<void>("remove_default_encryption", "", [&] { return behind_.remove_default_encryption(); });
  }

private:
  template <class Value>
  result<Value> pass(std::string_view what, std::string_view key, const std::function<result<Value>()>& call) {
    const std::string doing = std::string(what) + (key.empty() ? "" : " ") + std::string(key);
    const bool strikes = note(doing);
    if (strikes && where_ == lost::request) {
      return struck(doing);
    }
    result<Value> made = call();
    if (strikes) {
      return struck(doing);
    }
    return made;
  }
  bool note(std::string call) {
    const std::lock_guard lock(mutex_);
    calls_.push_back(std::move(call));
    const int number = static_cast<int>(calls_.size());
    return number >= first_ && number <= last_;
  }
  failure struck(const std::string& doing) const { return {code_, doing, "the test has this call fail", {}}; }

  spillway::bucket::bucket& behind_;
  mutable std::mutex mutex_;
  std::vector<std::string> calls_;
  std::map<std::string, spillway::bucket::put_options> options_;
  int first_ = 0;
  int last_ = -1;
  errc code_ = errc::io;
  lost where_ = lost::request;
};

}  // namespace spillway::test
