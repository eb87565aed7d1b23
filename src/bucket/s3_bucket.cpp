#include "bucket/s3_bucket.hpp"

#include "bucket/s3_connection.hpp"
#include "bucket/s3_retry.hpp"
#include "bucket/s3_upload.hpp"
#include "s3/object_head.hpp"
#include "s3/response_xml.hpp"

#include <mutex>
#include <set>
#include <utility>

namespace spillway::bucket {
namespace {

// "putting 1/1_2020-01-25_17#1.json.gz: ..."
failure failed(std::string_view doing, std::string_view key, const failure& why) {
  return base::while_doing(std::string(doing) + " " + std::string(key), why);
}

s3::encryption to_s3(encryption wanted) {
  switch (wanted) {
    case encryption::sse_s3: return s3::encryption::sse_s3;
    case encryption::sse_kms: return s3::encryption::sse_kms;
    case encryption::bucket_default:
    case encryption::none: break;
  }
  return s3::encryption::bucket_default;
}

encryption from_s3(std::optional<s3::encryption> found) {
  if (!found || *found == s3::encryption::bucket_default) {
    return encryption::none;
  }
  return *found == s3::encryption::sse_kms ? encryption::sse_kms : encryption::sse_s3;
}

s3::bucket_encryption to_s3(const encryption_setting& setting) {
  using enum s3::bucket_encryption::bucket_keys;
  const bool has_bucket_keys = setting.keys == encryption_setting::bucket_keys::on;
  return {to_s3(setting.kind), setting.kms_key_id, has_bucket_keys ? on : off, setting.document};
}

encryption_setting from_s3(s3::bucket_encryption read) {
  using enum encryption_setting::bucket_keys;
  const bool has_bucket_keys = read.keys == s3::bucket_encryption::bucket_keys::on;
  return {from_s3(std::optional(read.algorithm)), std::move(read.kms_key_id), has_bucket_keys ? on : off,
          std::move(read.document)};
}

failure cut_off() {
  return {errc::io, {}, "the connection was lost in the middle of the object", "run the command again"};
}

net::http_body to_http(body_source& body) {
  return {body.bytes(), [&body](const net::piece_sink& sink) { return body.read(sink); }};
}

class s3_bucket final : public bucket {
public:
  s3_bucket(s3_connection connected, const base::clock& clock, s3::checksum checksum, retry_world world)
      : name_(connected.asking.bucket.name),
        checksum_(checksum),
        stop_(connected.asking.stop),
        world_(std::move(world)),
        client_(std::move(connected.client)),
        credentials_(std::move(connected.fetch), clock),
        requester_(*client_, credentials_, clock, std::move(connected.asking)),
        buffers_(s3::parts_in_flight_max),
        senders_(s3::parts_in_flight_max) {}

  std::string name() const override { return "s3://" + name_; }

  result<receipt> put(std::string_view key, body_source& body, const put_options& options) override {
    const s3::storing how = storing_of(options);
    if (body.bytes() > s3::part_bytes_usual) {
      auto made = upload_in_parts(tools(), key, body, options, how);
      return made ? made : failed("putting", key, made.error());
    }
    SPILLWAY_TRY_ASSIGN(const s3::payload payload, payload_of(body, options));
    const net::http_body http = to_http(body);
    SPILLWAY_TRY_ASSIGN(
        const s3_answer made,
        ask("putting", key,
            {[&](const s3::bucket_address& to) { return s3::put_object(to, key, payload, how); }, {}, &http}));
    const auto head = s3::read_object_head(made.answer.headers);
    if (!head) {
      return failed("putting", key,
                    {errc::unavailable, {}, "the answer is none to a put: it has no ETag", "run the command again"});
    }
    return receipt{head->etag, body.bytes()};
  }

  result<std::optional<object_info>> head(std::string_view key) override {
    SPILLWAY_TRY_ASSIGN(
        const auto made,
        ask_if_there("looking at", key, {[&](const s3::bucket_address& to) { return s3::head_object(to, key); }}));
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
    info.encryption = from_s3(head.stored_with);
    info.kms_key_id = std::move(head.kms_key_id);
    return std::optional(std::move(info));
  }

  result<void> get(std::string_view key, byte_range range, const piece_sink& sink) override {
    const bool is_whole = range.first == 0 && range.bytes == UINT64_MAX;
    const auto wanted = is_whole ? std::nullopt : std::optional(s3::byte_range{range.first, range.bytes});
    if (wanted && wanted->bytes == 0) {
      return failure{errc::invalid, failed("reading", key, {}).doing, "a range of no bytes", {}};
    }
    bool has_begun = false;
    const net::piece_sink pieces = [&](std::string_view piece) {
      has_begun = true;
      return sink(piece);
    };
    s3_requester::asking what{[&](const s3::bucket_address& to) -> result<s3::request> {
      // The sink can't take back what it has had.
      return has_begun ? result<s3::request>(cut_off()) : s3::get_object(to, key, wanted);
    }};
    what.sink = &pieces;
    what.patience = std::chrono::seconds{600};
    return done(ask("reading", key, what));
  }

  result<list_page> list(std::string_view prefix, std::string_view after, int objects_max) override {
    if (objects_max < 1 || objects_max > 1'000) {
      return failure{errc::invalid, "listing " + name(), "a page has 1 to 1,000 keys", {}};
    }
    const s3::list_query query{std::string(prefix), std::string(after), objects_max};
    SPILLWAY_TRY_ASSIGN(
        const s3_answer made,
        ask("listing", name(),
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
    return done(
        ask_if_there("removing", key, {[&](const s3::bucket_address& to) { return s3::delete_object(to, key); }}));
  }

  result<std::string> create_multipart(std::string_view key, const put_options& options) override {
    SPILLWAY_TRY_ASSIGN(
        const s3_answer made,
        ask("beginning", key,
            {[&](const s3::bucket_address& to) { return s3::create_multipart_upload(to, key, storing_of(options)); },
             "InitiateMultipartUploadResult"}));
    SPILLWAY_TRY_ASSIGN(std::string id, s3::parse_create_multipart_upload(made.answer.body));
    if (options.condition == put_options::when::absent) {
      const std::scoped_lock lock(mutex_);
      conditional_uploads_.insert(id);
    }
    return id;
  }

  result<std::string> put_part(std::string_view key, std::string_view upload_id, int part_number,
                               body_source& body) override {
    SPILLWAY_TRY_ASSIGN(const s3::payload payload, payload_of(body, {}));
    const net::http_body http = to_http(body);
    SPILLWAY_TRY_ASSIGN(const s3_answer made, ask("putting a part of", key,
                                                  {[&](const s3::bucket_address& to) {
                                                     return s3::upload_part(to,
                                                                            {std::string(key), std::string(upload_id)},
                                                                            part_number, payload, checksum_);
                                                   },
                                                   {},
                                                   &http}));
    SPILLWAY_TRY_ASSIGN(s3::object_head head, s3::read_object_head(made.answer.headers));
    return std::move(head.etag);
  }

  result<receipt> complete_multipart(std::string_view key, std::string_view upload_id,
                                     const std::vector<part>& parts) override {
    const s3::upload_address upload{std::string(key), std::string(upload_id)};
    SPILLWAY_TRY_ASSIGN(const std::vector<s3::stored_part> stored, stored_parts(upload, parts));
    const s3::storing::when condition = condition_of(upload.upload_id);
    s3_requester::asking what{
        [&](const s3::bucket_address& to) { return s3::complete_multipart_upload(to, upload, stored, condition); },
        "CompleteMultipartUploadResult"};
    what.patience = std::chrono::seconds{600};
    SPILLWAY_TRY_ASSIGN(const s3_answer made, ask("completing", key, what));
    SPILLWAY_TRY_ASSIGN(std::string etag, s3::parse_complete_multipart_upload(made.answer.body));
    std::uint64_t bytes = 0;
    for (const s3::stored_part& each : stored) {
      bytes += each.bytes;
    }
    return receipt{std::move(etag), bytes};
  }

  result<void> abort_multipart(std::string_view key, std::string_view upload_id) override {
    const s3::upload_address upload{std::string(key), std::string(upload_id)};
    SPILLWAY_TRY(ask("aborting the upload of", key,
                     {[&](const s3::bucket_address& to) { return s3::abort_multipart_upload(to, upload); }}));
    // Parts that were under way may have come after it.
    const auto gone = abort_upload(tools(), upload);
    return gone ? gone : failed("aborting the upload of", key, gone.error());
  }

  result<std::vector<part>> list_parts(std::string_view key, std::string_view upload_id) override {
    SPILLWAY_TRY_ASSIGN(const std::vector<s3::stored_part> stored,
                        all_parts({std::string(key), std::string(upload_id)}));
    std::vector<part> parts;
    for (const s3::stored_part& each : stored) {
      parts.push_back({each.number, each.etag});
    }
    return parts;
  }

  result<std::vector<upload_info>> list_uploads(std::string_view prefix) override {
    std::vector<upload_info> uploads;
    s3::upload_list_query query{std::string(prefix), {}, {}};
    for (;;) {
      SPILLWAY_TRY_ASSIGN(const s3_answer made,
                          ask("listing the uploads of", name(),
                              {[&](const s3::bucket_address& to) { return s3::list_multipart_uploads(to, query); },
                               "ListMultipartUploadsResult"}));
      SPILLWAY_TRY_ASSIGN(const s3::upload_page page, s3::parse_list_multipart_uploads(made.answer.body, query));
      for (const s3::listed_upload& each : page.uploads) {
        uploads.push_back({each.upload.key, each.upload.upload_id, each.initiated_at});
      }
      if (page.next_key_after.empty() && page.next_upload_id_after.empty()) {
        return uploads;
      }
      query.key_after = page.next_key_after;
      query.upload_id_after = page.next_upload_id_after;
    }
  }

  result<std::string> location() override {
    SPILLWAY_TRY_ASSIGN(const s3_answer made,
                        ask("asking for the region of", name(), {&s3::get_bucket_location, "LocationConstraint"}));
    return s3::parse_bucket_location(made.answer.body);
  }

  result<std::optional<std::string>> policy() override {
    SPILLWAY_TRY_ASSIGN(auto made, ask_if_there("reading the policy of", name(), {&s3::get_bucket_policy}));
    return made ? std::optional(std::move(made->answer.body)) : std::nullopt;
  }

  result<void> put_policy(std::string_view json) override {
    return done(ask("writing the policy of", name(),
                    {[&](const s3::bucket_address& to) { return s3::put_bucket_policy(to, json); }}));
  }
  result<void> remove_policy() override {
    return done(ask_if_there("removing the policy of", name(), {&s3::delete_bucket_policy}));
  }

  result<std::optional<encryption_setting>> default_encryption() override {
    SPILLWAY_TRY_ASSIGN(const auto made,
                        ask_if_there("reading the encryption of", name(),
                                     {&s3::get_bucket_encryption, "ServerSideEncryptionConfiguration"}));
    if (!made) {
      return std::optional<encryption_setting>();
    }
    SPILLWAY_TRY_ASSIGN(s3::bucket_encryption read, s3::parse_bucket_encryption(made->answer.body));
    return std::optional(from_s3(std::move(read)));
  }
  result<void> put_default_encryption(const encryption_setting& setting) override {
    const s3::bucket_encryption wanted = to_s3(setting);
    return done(ask("writing the encryption of", name(),
                    {[&](const s3::bucket_address& to) { return s3::put_bucket_encryption(to, wanted); }}));
  }
  result<void> remove_default_encryption() override {
    return done(ask_if_there("removing the encryption of", name(), {&s3::delete_bucket_encryption}));
  }

private:
  // S3 takes the condition of a multipart upload when it is completed, the interface when it is begun.
  s3::storing::when condition_of(const std::string& upload_id) {
    const std::scoped_lock lock(mutex_);
    return conditional_uploads_.contains(upload_id) ? s3::storing::when::absent : s3::storing::when::always;
  }

  s3::storing storing_of(const put_options& options) const {
    s3::storing how;
    const bool is_conditional = options.condition == put_options::when::absent;
    how.condition = is_conditional ? s3::storing::when::absent : s3::storing::when::always;
    how.encryption = to_s3(options.encryption);
    how.kms_key_id = options.kms_key_id;
    how.checksum = checksum_;
    how.content_type = options.content_type;
    return how;
  }

  // What the body must hash to is signed: S3 takes nothing else. Without such a hash it is read twice.
  result<s3::payload> payload_of(body_source& body, const put_options& options) const {
    s3::payload payload;
    payload.bytes = body.bytes();
    if (options.sha256 && checksum_ != s3::checksum::md5) {
      payload.sha256 = *options.sha256;
      return payload;
    }
    std::string text;
    SPILLWAY_TRY(body.read([&text](std::string_view piece) {
      text += piece;
      return result<void>();
    }));
    payload = s3::payload_of(text, checksum_);
    if (options.sha256 && payload.sha256 != *options.sha256) {
      return failure{errc::corrupt, {}, "the bytes do not hash to what was planned", {}};
    }
    return payload;
  }

  upload_tools tools() { return {requester_, buffers_, senders_, world_, stop_}; }

  result<std::vector<s3::stored_part>> all_parts(const s3::upload_address& upload) {
    std::vector<s3::stored_part> known;
    for (int after = 0;;) {
      SPILLWAY_TRY_ASSIGN(
          const s3_answer made,
          ask("listing the parts of", upload.key,
              {[&](const s3::bucket_address& to) { return s3::list_parts(to, upload, after); }, "ListPartsResult"}));
      SPILLWAY_TRY_ASSIGN(const s3::part_page page, s3::parse_list_parts(made.answer.body));
      known.insert(known.end(), page.parts.begin(), page.parts.end());
      after = page.next_after;
      if (page.parts.empty() || after == 0) {
        return known;
      }
    }
  }

  // CompleteMultipartUpload wants each part's checksum, which the caller does not have.
  result<std::vector<s3::stored_part>> stored_parts(const s3::upload_address& upload, const std::vector<part>& wanted) {
    SPILLWAY_TRY_ASSIGN(const std::vector<s3::stored_part> known, all_parts(upload));
    std::vector<s3::stored_part> stored;
    for (const part& each : wanted) {
      s3::stored_part one;
      for (const s3::stored_part& listed : known) {
        if (listed.number == each.number) {
          one = listed;
        }
      }
      one.number = each.number;
      one.etag = each.etag;
      stored.push_back(std::move(one));
    }
    return stored;
  }

  // An answer that is no success is a failure.
  result<s3_answer> ask(std::string_view doing, std::string_view key, const s3_requester::asking& what) {
    result<s3_answer> made = ask_with_retries(requester_, world_, what);
    if (!made) {
      return failed(doing, key, made.error());
    }
    return made->is_ok() ? made : failed(doing, key, made->to_failure());
  }
  // nullopt: what was asked for is not there.
  result<std::optional<s3_answer>> ask_if_there(std::string_view doing, std::string_view key,
                                                const s3_requester::asking& what) {
    result<s3_answer> made = ask_with_retries(requester_, world_, what);
    if (made && made->verdict.error_class == s3::error_class::not_found) {
      return std::optional<s3_answer>();
    }
    if (!made || !made->is_ok()) {
      return failed(doing, key, made ? made->to_failure() : made.error());
    }
    return std::optional(std::move(*made));
  }
  template <class Answer>
  static result<void> done(const result<Answer>& made) {
    return made ? result<void>() : made.error();
  }

  const std::string name_;
  const s3::checksum checksum_;
  const std::stop_token stop_;
  const retry_world world_;
  const std::unique_ptr<net::http_client> client_;
  credentials_provider credentials_;
  s3_requester requester_;
  std::mutex mutex_;
  std::set<std::string> conditional_uploads_;  // that this process has begun
  part_buffers buffers_;
  base::thread_pool senders_;  // behind everything that its tasks use: it ends first
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
