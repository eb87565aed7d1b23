#include "bucket/s3_bucket.hpp"

#include "bucket/s3_caller.hpp"
#include "bucket/s3_connection.hpp"
#include "bucket/s3_multipart.hpp"
#include "bucket/s3_settings.hpp"
#include "bucket/s3_storing.hpp"
#include "s3/object_head.hpp"
#include "s3/response_xml.hpp"

#include <utility>

namespace spillway::bucket {
namespace {

constexpr int range_not_satisfiable = 416;

class s3_bucket final : public bucket {
public:
  s3_bucket(s3_connection connected, const base::clock& clock, s3::checksum checksum, retry_world world)
      : name_("s3://" + connected.asking.bucket.name),
        checksum_(checksum),
        world_(std::move(world)),
        client_(std::move(connected.client)),
        credentials_(std::move(connected.fetch), clock),
        stop_(connected.asking.stop),
        requester_(*client_, credentials_, clock, std::move(connected.asking)),
        caller_(requester_, world_),
        settings_(caller_, name_),
        uploads_(caller_, tools_, checksum, name_) {}

  std::string name() const override { return name_; }

  result<receipt> put(std::string_view key, body_source& body, const put_options& options) override {
    const s3::storing how = to_storing(options, checksum_);
    if (body.bytes() > s3::part_bytes_usual) {
      auto made = upload_in_parts(tools_, key, body, options, how);
      return made ? made : failed("putting", key, made.error());
    }
    SPILLWAY_TRY_ASSIGN(const s3::payload payload, to_payload(body, options, checksum_));
    const net::http_body http = to_http(body);
    s3_requester::asking what{[&](const s3::bucket_address& to) { return s3::put_object(to, key, payload, how); }};
    what.body = &http;
    SPILLWAY_TRY_ASSIGN(const s3_answer made, caller_.ask("putting", key, what));
    const auto head = s3::read_object_head(made.answer.headers);
    if (!head) {
      return failed("putting", key,
                    {errc::unavailable, {}, "the answer is none to a put: it has no ETag", "run the command again"});
    }
    return receipt{head->etag, body.bytes()};
  }

  result<std::optional<object_info>> head(std::string_view key) override {
    SPILLWAY_TRY_ASSIGN(const auto made, caller_.ask_if_there("looking at", key, {[&](const s3::bucket_address& to) {
                                                                return s3::head_object(to, key);
                                                              }}));
    if (!made) {
      return std::optional<object_info>();
    }
    SPILLWAY_TRY_ASSIGN(s3::object_head head, s3::read_object_head(made->answer.headers));
    object_info info;
    info.key = key;
    info.bytes = head.bytes;
    info.etag = std::move(head.etag);
    info.modified_at = head.modified_at.value_or(base::instant());
    info.sha256 = head.sha256;
    info.sha256_of_parts = head.sha256_of_parts;
    info.encryption = head.encryption;
    info.kms_key_id = std::move(head.kms_key_id);
    return std::optional(std::move(info));
  }

  result<void> get(std::string_view key, byte_range range, const piece_sink& sink) override {
    const bool is_whole = range.first == 0 && range.bytes == UINT64_MAX;
    const auto wanted = is_whole ? std::nullopt : std::optional(s3::byte_range{range.first, range.bytes});
    if (wanted && wanted->bytes == 0) {
      return failure{errc::invalid, failed("reading", key, {}).doing, "a range of no bytes", {}};
    }
    s3_requester::asking what{[&](const s3::bucket_address& to) { return s3::get_object(to, key, wanted); }};
    what.sink = &sink;
    result<s3_answer> made = caller_.ask_for_any(what);
    // An empty object has no first byte to begin with.
    if (made && made->answer.status == range_not_satisfiable && range.first == 0) {
      return {};
    }
    return s3_caller::done(s3_caller::judged("reading", key, std::move(made)));
  }

  result<list_page> list(std::string_view prefix, std::string_view after, int objects_max) override {
    if (objects_max < 1 || objects_max > list_page::objects_max) {
      return failure{errc::invalid, "listing " + name_, "a page has 1 to 1,000 keys", {}};
    }
    const s3::list_query query{std::string(prefix), std::string(after), objects_max};
    SPILLWAY_TRY_ASSIGN(
        const s3_answer made,
        caller_.ask("listing", name_,
                    {[&](const s3::bucket_address& to) { return s3::list_objects(to, query); }, "ListBucketResult"}));
    SPILLWAY_TRY_ASSIGN(s3::object_page read, s3::parse_list_objects(made.answer.body, query));
    list_page page;
    for (s3::listed_object& each : read.objects) {
      object_info info;
      info.key = std::move(each.key);
      info.bytes = each.bytes;
      info.etag = std::move(each.etag);
      info.modified_at = each.modified_at;
      page.objects.push_back(std::move(info));
    }
    page.next = read.is_last ? std::string() : page.objects.back().key;
    return page;
  }

  result<void> remove(std::string_view key) override {
    return s3_caller::done(caller_.ask_if_there(
        "removing", key, {[&](const s3::bucket_address& to) { return s3::delete_object(to, key); }}));
  }

  result<std::string> create_multipart(std::string_view key, const put_options& options) override {
    return uploads_.create(key, options);
  }
  result<std::string> put_part(std::string_view key, std::string_view upload_id, int part_number,
                               body_source& body) override {
    return uploads_.put_part(key, upload_id, part_number, body);
  }
  result<receipt> complete_multipart(std::string_view key, std::string_view upload_id,
                                     const std::vector<part>& parts) override {
    return uploads_.complete(key, upload_id, parts);
  }
  result<void> abort_multipart(std::string_view key, std::string_view upload_id) override {
    return uploads_.abort(key, upload_id);
  }
  result<std::vector<part>> list_parts(std::string_view key, std::string_view upload_id) override {
    return uploads_.parts_of(key, upload_id);
  }
  result<std::vector<upload_info>> list_uploads(std::string_view prefix) override { return uploads_.list(prefix); }

  result<std::string> location() override { return settings_.location(); }
  result<std::optional<std::string>> policy() override { return settings_.policy(); }
  result<void> put_policy(std::string_view json) override { return settings_.put_policy(json); }
  result<void> remove_policy() override { return settings_.remove_policy(); }
  result<std::optional<encryption_setting>> default_encryption() override { return settings_.default_encryption(); }
  result<void> put_default_encryption(const encryption_setting& setting) override {
    return settings_.put_default_encryption(setting);
  }
  result<void> remove_default_encryption() override { return settings_.remove_default_encryption(); }

private:
  const std::string name_;
  const s3::checksum checksum_;
  const retry_world world_;
  const std::unique_ptr<net::http_client> client_;
  credentials_provider credentials_;
  const std::stop_token stop_;
  s3_requester requester_;
  const s3_caller caller_;
  const s3_settings settings_;
  part_buffers buffers_{s3::parts_in_flight_max};
  const upload_tools tools_{requester_, buffers_, senders_, world_, stop_};
  s3_uploads uploads_;
  base::thread_pool senders_{s3::parts_in_flight_max};  // behind everything that its tasks use: it ends first
};

}  // namespace

result<std::unique_ptr<bucket>> open_s3(const s3_options& wanted, const base::clock& clock, std::stop_token stop) {
  SPILLWAY_TRY_ASSIGN(s3_connection connected, connect_s3(wanted, clock, stop));
  return make_s3_bucket(std::move(connected), clock, wanted.checksum, make_retry_world(std::move(stop)));
}

std::unique_ptr<bucket> make_s3_bucket(s3_connection connected, const base::clock& clock, s3::checksum checksum,
                                       retry_world world) {
  return std::make_unique<s3_bucket>(std::move(connected), clock, checksum, std::move(world));
}

}  // namespace spillway::bucket
