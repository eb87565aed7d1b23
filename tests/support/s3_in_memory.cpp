#include "support/s3_in_memory.hpp"

#include "base/bytes.hpp"
#include "s3/request_parts.hpp"
#include "s3/response_xml.hpp"
#include "s3/uri_encode.hpp"
#include "support/check_result.hpp"

#include <algorithm>
#include <charconv>
#include <map>

namespace spillway::test {

namespace {

using net::http_request;
using net::http_response;
using s3::xml_escape;

// A request as S3 reads it.
struct call {
  std::string method;
  std::string key;  // empty: the bucket
  std::map<std::string, std::string> query;
  const http_request& from;
  std::string body;

  bool asks(const std::string& name) const { return query.contains(name); }
  std::string value(const std::string& name) const { return query.contains(name) ? query.at(name) : std::string(); }
  int number(const std::string& name, int otherwise) const {
    const std::string text = value(name);
    int read = otherwise;
    std::from_chars(text.data(), text.data() + text.size(), read);
    return read;
  }
  std::string field(std::string_view name) const {
    return std::string(net::find_field(from.fields, name).value_or(std::string_view()));
  }
};

std::string decoded(std::string_view text) { return s3::uri_decode(text).value_or(std::string()); }

call read_call(const http_request& from) {
  call made{from.method, {}, {}, from, {}};
  const std::string_view target(from.target);
  const std::size_t mark = std::min(target.find('?'), target.size());
  const std::string path = decoded(target.substr(1, mark - 1));  // "raw/1/..."
  made.key = path.find('/') == std::string::npos ? std::string() : path.substr(path.find('/') + 1);
  for (std::string_view rest = target.substr(std::min(mark + 1, target.size())); !rest.empty();) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    made.query[decoded(pair.substr(0, equals))] = decoded(pair.substr(std::min(equals + 1, pair.size())));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
  }
  if (from.body.bytes > 0) {
    REQUIRE_OK(from.body.write([&made](std::string_view piece) -> result<void> {
      made.body += piece;
      return {};
    }));
  }
  return made;
}

http_response refused(int status, const std::string& code, const std::string& message) {
  return {status,
          {{"content-type", "application/xml"}},
          "<Error><Code>" + code + "</Code><Message>" + xml_escape(message) + "</Message></Error>"};
}

http_response document(const std::string& root, const std::string& content) {
  return {200, {}, "<" + root + " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + content + "</" + root + ">"};
}

// In S3's words what the bucket in memory says in ours.
http_response refused(const failure& why) {
  const std::string code = why.cause.substr(0, why.cause.find(':'));
  switch (why.code) {
    case errc::not_found: return refused(404, code.starts_with("NoSuch") ? code : "NoSuchKey", why.cause);
    case errc::conflict: return refused(412, "PreconditionFailed", why.cause);
    case errc::corrupt: return refused(400, "BadDigest", why.cause);
    default: return code == "InvalidRange" ? refused(416, code, why.cause) : refused(400, "InvalidRequest", why.cause);
  }
}

spillway::bucket::put_options options_of(const call& from) {
  spillway::bucket::put_options options;
  options.condition = from.field("if-none-match") == "*" ? spillway::bucket::put_options::when::absent
                                                         : spillway::bucket::put_options::when::always;
  const std::string encryption = from.field("x-amz-server-side-encryption");
  options.encryption = encryption == "aws:kms" ? spillway::bucket::encryption::sse_kms
                       : encryption.empty()    ? spillway::bucket::encryption::bucket_default
                                               : spillway::bucket::encryption::sse_s3;
  options.kms_key_id = from.field("x-amz-server-side-encryption-aws-kms-key-id");
  if (const auto checksum = base::from_base64(from.field("x-amz-checksum-sha256")); checksum && !checksum->empty()) {
    std::ranges::copy(*checksum, options.sha256.emplace().begin());
  }
  return options;
}

net::http_fields fields_of(const spillway::bucket::object_info& info) {
  net::http_fields fields = {{"etag", "\"" + info.etag + "\""}, {"content-length", std::to_string(info.bytes)}};
  if (info.sha256) {
    fields.emplace_back("x-amz-checksum-sha256", base::to_base64(*info.sha256));
  }
  if (info.encryption != spillway::bucket::encryption::none) {
    const bool is_kms = info.encryption == spillway::bucket::encryption::sse_kms;
    fields.emplace_back("x-amz-server-side-encryption", is_kms ? "aws:kms" : "AES256");
    fields.emplace_back("x-amz-server-side-encryption-aws-kms-key-id", info.kms_key_id);
  }
  return fields;
}

// ---- what is asked about objects

http_response put(memory_bucket& in, const call& from) {
  spillway::bucket::memory_body body(from.body);
  const auto made = in.put(from.key, body, options_of(from));
  return made ? http_response{200, {{"etag", "\"" + made->etag + "\""}}, {}} : refused(made.error());
}

http_response head(memory_bucket& in, const call& from) {
  const auto found = in.head(from.key).value();
  return found ? http_response{200, fields_of(*found), {}} : http_response{404, {}, {}};
}

// "bytes=0-9"
spillway::bucket::byte_range range_of(const call& from) {
  const std::string text = from.field("range");
  if (text.empty()) {
    return {};
  }
  const std::size_t dash = text.find('-');
  const std::uint64_t first = std::stoull(text.substr(6));
  const bool is_open = dash + 1 == text.size();
  return {first, is_open ? UINT64_MAX : std::stoull(text.substr(dash + 1)) - first + 1};
}

http_response get(memory_bucket& in, const call& from) {
  const auto found = in.head(from.key).value();
  if (found && found->bytes == 0 && !from.field("range").empty()) {
    return refused(416, "InvalidRange", "no byte of it can be asked for");
  }
  http_response answer{from.field("range").empty() ? 200 : 206, {}, {}};
  const auto got = in.get(from.key, range_of(from), [&answer](std::string_view piece) -> result<void> {
    answer.body += piece;
    return {};
  });
  return got ? answer : refused(got.error());
}

http_response list(memory_bucket& in, const call& from) {
  const auto page = in.list(from.value("prefix"), from.value("start-after"), from.number("max-keys", 1000)).value();
  std::string content = "<EncodingType>url</EncodingType><IsTruncated>" +
                        std::string(page.next.empty() ? "false" : "true") + "</IsTruncated>";
  for (const auto& each : page.objects) {
    content += "<Contents><Key>" + s3::uri_encode(each.key, s3::slashes::keep) + "</Key><LastModified>" +
               base::format_utc(each.modified_at) + "</LastModified><ETag>&quot;" + each.etag + "&quot;</ETag><Size>" +
               std::to_string(each.bytes) + "</Size></Contents>";
  }
  return document("ListBucketResult", content);
}

// ---- what is asked about uploads

http_response put_part(memory_bucket& in, const call& from) {
  spillway::bucket::memory_body body(from.body);
  const auto made = in.put_part(from.key, from.value("uploadId"), from.number("partNumber", 0), body);
  return made ? http_response{200, {{"etag", "\"" + *made + "\""}}, {}} : refused(made.error());
}

http_response create(memory_bucket& in, const call& from) {
  const auto made = in.create_multipart(from.key, options_of(from)).value();
  return document("InitiateMultipartUploadResult", "<UploadId>" + made + "</UploadId>");
}

// The condition comes with the completion; each <Part> has <PartNumber>n</PartNumber><ETag>&quot;e&quot;</ETag>.
http_response complete(memory_bucket& in, const call& from) {
  if (from.field("if-none-match") == "*" && in.head(from.key).value()) {
    return refused(412, "PreconditionFailed", "something is there");
  }
  std::vector<spillway::bucket::bucket::part> parts;
  const std::string_view number_tag = "<PartNumber>";
  const std::string_view etag_tag = "<ETag>&quot;";
  for (std::size_t at = from.body.find(number_tag); at != std::string::npos;
       at = from.body.find(number_tag, at + number_tag.size())) {
    const std::size_t etag = from.body.find(etag_tag, at) + etag_tag.size();
    parts.push_back({std::stoi(from.body.substr(at + number_tag.size())),
                     from.body.substr(etag, from.body.find("&quot;", etag) - etag)});
  }
  const auto made = in.complete_multipart(from.key, from.value("uploadId"), parts);
  return made ? document("CompleteMultipartUploadResult", "<ETag>&quot;" + made->etag + "&quot;</ETag>")
              : refused(made.error());
}

http_response abort(memory_bucket& in, const call& from) {
  const auto made = in.abort_multipart(from.key, from.value("uploadId"));
  return made ? http_response{204, {}, {}} : refused(made.error());
}

http_response list_parts(memory_bucket& in, const call& from) {
  const auto parts = in.list_parts(from.key, from.value("uploadId"));
  if (!parts) {
    return refused(parts.error());
  }
  std::string content = "<IsTruncated>false</IsTruncated>";
  for (const auto& each : *parts) {
    content += "<Part><PartNumber>" + std::to_string(each.number) + "</PartNumber><ETag>&quot;" + each.etag +
               "&quot;</ETag><Size>1</Size></Part>";
  }
  return document("ListPartsResult", content);
}

http_response list_uploads(memory_bucket& in, const call& from) {
  std::string content = "<IsTruncated>false</IsTruncated>";
  for (const auto& each : in.list_uploads(from.value("prefix")).value()) {
    content += "<Upload><Key>" + xml_escape(each.key) + "</Key><UploadId>" + each.upload_id + "</UploadId><Initiated>" +
               base::format_utc(each.begun_at) + "</Initiated></Upload>";
  }
  return document("ListMultipartUploadsResult", content);
}

// ---- what is asked about the bucket

http_response answer(const result<void>& made) { return made ? http_response{204, {}, {}} : refused(made.error()); }

http_response policy(memory_bucket& in, const call& from) {
  if (from.method == "PUT") {
    return answer(in.put_policy(from.body));
  }
  if (from.method == "DELETE") {
    return answer(in.remove_policy());
  }
  const auto found = in.policy().value();
  return found ? http_response{200, {}, *found} : refused(404, "NoSuchBucketPolicy", "there is none");
}

http_response encryption(memory_bucket& in, const call& from) {
  if (from.method == "DELETE") {
    return answer(in.remove_default_encryption());
  }
  if (from.method == "PUT") {
    return answer(in.put_default_encryption(s3::parse_bucket_encryption(from.body).value()));
  }
  const auto found = in.default_encryption().value();
  if (!found) {
    return refused(404, "ServerSideEncryptionConfigurationNotFoundError", "there is none");
  }
  if (!found->document.empty()) {
    return {200, {}, found->document};
  }
  const bool is_kms = found->algorithm == spillway::bucket::encryption::sse_kms;
  const bool has_key = is_kms && !found->kms_key_id.empty();
  const bool has_bucket_keys = found->keys == spillway::bucket::encryption_setting::bucket_keys::on;
  return document("ServerSideEncryptionConfiguration",
                  "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>" +
                      std::string(is_kms ? "aws:kms" : "AES256") + "</SSEAlgorithm>" +
                      (has_key ? "<KMSMasterKeyID>" + xml_escape(found->kms_key_id) + "</KMSMasterKeyID>" : "") +
                      "</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>" + (has_bucket_keys ? "true" : "false") +
                      "</BucketKeyEnabled></Rule>");
}

http_response answer_about_bucket(memory_bucket& in, const call& from) {
  if (from.asks("policy")) {
    return policy(in, from);
  }
  if (from.asks("encryption")) {
    return encryption(in, from);
  }
  if (from.asks("location")) {
    return document("LocationConstraint", "");
  }
  return from.asks("uploads") ? list_uploads(in, from) : list(in, from);
}

http_response answer_about_object(memory_bucket& in, const call& from) {
  if (from.method == "POST") {
    return from.asks("uploads") ? create(in, from) : complete(in, from);
  }
  if (from.method == "PUT") {
    return from.asks("partNumber") ? put_part(in, from) : put(in, from);
  }
  if (from.method == "DELETE") {
    return from.asks("uploadId") ? abort(in, from) : answer(in.remove(from.key));
  }
  if (from.method == "HEAD") {
    return head(in, from);
  }
  return from.asks("uploadId") ? list_parts(in, from) : get(in, from);
}

net::http_failure lost(net::phase during, net::fate fate) {
  net::http_failure made{{errc::unavailable, "asking the server", "the test has this request fail", {}}};
  made.during = during;
  made.fate = fate;
  return made;
}

}  // namespace

std::set<std::int64_t> requests_from(std::int64_t nth, std::int64_t times) {
  std::set<std::int64_t> which;
  for (std::int64_t each = nth; each < nth + times; ++each) {
    which.insert(each);
  }
  return which;
}

void s3_in_memory::arm(request_fault kind, std::set<std::int64_t> which) {
  const std::scoped_lock lock(mutex_);
  kind_ = kind;
  struck_ = std::move(which);
  requests_ = 0;
  if (!struck_.empty()) {
    fired_at_.clear();
  }
}

std::string s3_in_memory::fired_at() const {
  const std::scoped_lock lock(mutex_);
  return fired_at_;
}

std::optional<request_fault> s3_in_memory::strike(const net::http_request& request) {
  const std::scoped_lock lock(mutex_);
  const std::int64_t number = ++requests_;
  if (!struck_.contains(number)) {
    return std::nullopt;
  }
  fired_at_ = fired_at_.empty() ? request.method + " " + request.target : fired_at_;
  return kind_;
}

class s3_in_memory_client final : public net::http_client {
public:
  explicit s3_in_memory_client(s3_in_memory& server) : server_(server) {}

  net::http_result<http_response> send(const base::origin&, const http_request& request, const net::call_limits&,
                                       const net::piece_sink& sink) override {
    const auto fault = server_.strike(request);
    if (fault == request_fault::not_sent) {
      return lost(net::phase::connecting, net::fate::not_taken);
    }
    http_response made = fault == request_fault::slow_down
                             ? refused(503, "SlowDown", "Please reduce your request rate.")
                         : fault == request_fault::denied ? refused(403, "AccessDenied", "Access Denied")
                                                          : answer_of(request);
    if (fault == request_fault::lost_answer) {
      return lost(net::phase::waiting, net::fate::maybe_taken);
    }
    if (request.method == "HEAD") {
      made.body.clear();
    }
    if (sink && made.is_success()) {
      if (const auto taken = sink(std::exchange(made.body, {})); !taken) {
        return net::http_failure{taken.error()};
      }
    }
    return made;
  }

private:
  http_response answer_of(const http_request& request) {
    const call from = read_call(request);
    return from.key.empty() ? answer_about_bucket(server_.bucket, from) : answer_about_object(server_.bucket, from);
  }

  s3_in_memory& server_;
};

std::unique_ptr<net::http_client> make_client(s3_in_memory& server) {
  return std::make_unique<s3_in_memory_client>(server);
}

}  // namespace spillway::test
