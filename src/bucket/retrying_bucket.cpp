#include "bucket/retrying_bucket.hpp"

#include <utility>

namespace spillway::bucket {
namespace {

class retrying_bucket final : public bucket {
public:
  retrying_bucket(std::shared_ptr<bucket> behind, retry_world world)
      : behind_(std::move(behind)), world_(std::move(world)) {}

  std::string name() const override { return behind_->name(); }

  result<receipt> put(std::string_view key, body_source& body, const put_options& options) override {
    return with_retries<receipt>(world_, [&] { return behind_->put(key, body, options); });
  }
  result<std::unique_ptr<staged_body>> stage() override { return behind_->stage(); }
  result<std::optional<object_info>> head(std::string_view key) override {
    return with_retries<std::optional<object_info>>(world_, [&] { return behind_->head(key); });
  }
  result<void> get(std::string_view key, byte_range range, const piece_sink& sink) override {
    bool has_begun = false;
    const piece_sink watched = [&](std::string_view piece) {
      has_begun = true;
      return sink(piece);
    };
    std::optional<failure> midway;
    auto made = with_retries<void>(world_, [&]() -> result<void> {
      result<void> got = behind_->get(key, range, watched);
      if (!got && has_begun) {
        midway = std::move(got).error();
        return {};
      }
      return got;
    });
    return midway ? result<void>(std::move(*midway)) : made;
  }
  bool may_have_rotted() const override { return behind_->may_have_rotted(); }
  result<list_page> list(std::string_view prefix, std::string_view after, int objects_max) override {
    return with_retries<list_page>(world_, [&] { return behind_->list(prefix, after, objects_max); });
  }
  // Another try goes on behind what was shown; what `visit` fails with is not tried again.
  result<void> list_all(std::string_view prefix, std::string_view after, const object_visitor& visit) override {
    std::string last(after);
    result<void> seen;
    const object_visitor watched = [&](const object_info& each) {
      last = each.key;
      return seen = visit(each);
    };
    const auto made = with_retries<void>(world_, [&]() -> result<void> {
      result<void> listed = behind_->list_all(prefix, last, watched);
      return seen ? std::move(listed) : result<void>();
    });
    return seen ? made : seen;
  }
  result<void> remove(std::string_view key) override {
    return with_retries<void>(world_, [&] { return behind_->remove(key); });
  }

  result<std::string> create_multipart(std::string_view key, const put_options& options) override {
    return with_retries<std::string>(world_, [&] { return behind_->create_multipart(key, options); });
  }
  result<std::string> put_part(std::string_view key, std::string_view upload_id, int part_number,
                               body_source& body) override {
    return with_retries<std::string>(world_, [&] { return behind_->put_part(key, upload_id, part_number, body); });
  }
  result<receipt> complete_multipart(std::string_view key, std::string_view upload_id,
                                     const std::vector<part>& parts) override {
    return with_retries<receipt>(world_, [&] { return behind_->complete_multipart(key, upload_id, parts); });
  }
  result<void> abort_multipart(std::string_view key, std::string_view upload_id) override {
    return with_retries<void>(world_, [&] { return behind_->abort_multipart(key, upload_id); });
  }
  result<std::vector<part>> list_parts(std::string_view key, std::string_view upload_id) override {
    return with_retries<std::vector<part>>(world_, [&] { return behind_->list_parts(key, upload_id); });
  }
  result<std::vector<upload_info>> list_uploads(std::string_view prefix) override {
    return with_retries<std::vector<upload_info>>(world_, [&] { return behind_->list_uploads(prefix); });
  }

  result<std::string> location() override {
    return with_retries<std::string>(world_, [&] { return behind_->location(); });
  }
  result<std::optional<std::string>> policy() override {
    return with_retries<std::optional<std::string>>(world_, [&] { return behind_->policy(); });
  }
  result<void> put_policy(std::string_view json) override {
    return with_retries<void>(world_, [&] { return behind_->put_policy(json); });
  }
  result<void> remove_policy() override {
    return with_retries<void>(world_, [&] { return behind_->remove_policy(); });
  }
  result<std::optional<encryption_setting>> default_encryption() override {
    return with_retries<std::optional<encryption_setting>>(world_, [&] { return behind_->default_encryption(); });
  }
  result<void> put_default_encryption(const encryption_setting& setting) override {
    return with_retries<void>(world_, [&] { return behind_->put_default_encryption(setting); });
  }
  result<void> remove_default_encryption() override {
    return with_retries<void>(world_, [&] { return behind_->remove_default_encryption(); });
  }

private:
  const std::shared_ptr<bucket> behind_;
  const retry_world world_;
};

}  // namespace

std::unique_ptr<bucket> make_retrying(std::shared_ptr<bucket> behind, retry_world world) {
  return std::make_unique<retrying_bucket>(std::move(behind), std::move(world));
}

}  // namespace spillway::bucket
