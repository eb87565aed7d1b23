#include "bucket/s3_multipart.hpp"

#include "bucket/s3_storing.hpp"
#include "s3/object_head.hpp"
#include "s3/response_xml.hpp"

#include <chrono>
#include <utility>

namespace spillway::bucket {

result<std::string> s3_uploads::create(std::string_view key, const put_options& options) {
  SPILLWAY_TRY_ASSIGN(const s3_answer made, caller_.ask("beginning", key,
                                                        {[&](const s3::bucket_address& to) {
                                                           return s3::create_multipart_upload(
                                                               to, key, to_storing(options, checksum_));
                                                         },
                                                         "InitiateMultipartUploadResult"}));
  SPILLWAY_TRY_ASSIGN(std::string id, s3::parse_create_multipart_upload(made.answer.body));
  if (options.condition == put_options::when::absent) {
    const std::scoped_lock lock(mutex_);
    conditional_.insert(id);
  }
  return id;
}

result<std::string> s3_uploads::put_part(std::string_view key, std::string_view upload_id, int part_number,
                                         body_source& body) const {
  SPILLWAY_TRY_ASSIGN(const s3::payload payload, to_payload(body, {}, checksum_));
  const net::http_body http = to_http(body);
  const s3::upload_address upload{std::string(key), std::string(upload_id)};
  s3_requester::asking what{
      [&](const s3::bucket_address& to) { return s3::upload_part(to, upload, part_number, payload, checksum_); }};
  what.body = &http;
  SPILLWAY_TRY_ASSIGN(const s3_answer made, caller_.ask("putting a part of", key, what));
  SPILLWAY_TRY_ASSIGN(s3::object_head head, s3::read_object_head(made.answer.headers));
  return std::move(head.etag);
}

result<receipt> s3_uploads::complete(std::string_view key, std::string_view upload_id,
                                     const std::vector<bucket::part>& parts) const {
  const s3::upload_address upload{std::string(key), std::string(upload_id)};
  SPILLWAY_TRY_ASSIGN(const std::vector<s3::stored_part> stored, stored_parts(upload, parts));
  const s3::storing::when condition = condition_of(upload.upload_id);
  s3_requester::asking what{
      [&](const s3::bucket_address& to) { return s3::complete_multipart_upload(to, upload, stored, condition); },
      "CompleteMultipartUploadResult"};
  what.patience = std::chrono::seconds{600};
  SPILLWAY_TRY_ASSIGN(const s3_answer made, caller_.ask("completing", key, what));
  SPILLWAY_TRY_ASSIGN(std::string etag, s3::parse_complete_multipart_upload(made.answer.body));
  std::uint64_t bytes = 0;
  for (const s3::stored_part& each : stored) {
    bytes += each.bytes;
  }
  return receipt{std::move(etag), bytes};
}

result<void> s3_uploads::abort(std::string_view key, std::string_view upload_id) const {
  const s3::upload_address upload{std::string(key), std::string(upload_id)};
  SPILLWAY_TRY(caller_.ask("aborting the upload of", key,
                           {[&](const s3::bucket_address& to) { return s3::abort_multipart_upload(to, upload); }}));
  // Parts that were under way may have come after it.
  const auto gone = abort_upload(tools_, upload);
  return gone ? gone : failed("aborting the upload of", key, gone.error());
}

result<std::vector<bucket::part>> s3_uploads::parts_of(std::string_view key, std::string_view upload_id) const {
  SPILLWAY_TRY_ASSIGN(const std::vector<s3::stored_part> stored, all_parts({std::string(key), std::string(upload_id)}));
  std::vector<bucket::part> parts;
  for (const s3::stored_part& each : stored) {
    parts.push_back({each.number, each.etag});
  }
  return parts;
}

result<std::vector<upload_info>> s3_uploads::list(std::string_view prefix) const {
  std::vector<upload_info> uploads;
  s3::upload_list_query query{std::string(prefix), {}, {}};
  for (;;) {
    SPILLWAY_TRY_ASSIGN(
        const s3_answer made,
        caller_.ask("listing the uploads of", name_,
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

// S3 takes the condition of a multipart upload when it is completed, the interface when it is begun.
s3::storing::when s3_uploads::condition_of(const std::string& upload_id) const {
  const std::scoped_lock lock(mutex_);
  return conditional_.contains(upload_id) ? s3::storing::when::absent : s3::storing::when::always;
}

result<std::vector<s3::stored_part>> s3_uploads::all_parts(const s3::upload_address& upload) const {
  std::vector<s3::stored_part> known;
  for (int after = 0;;) {
    SPILLWAY_TRY_ASSIGN(const s3_answer made,
                        caller_.ask("listing the parts of", upload.key,
                                    {[&](const s3::bucket_address& to) { return s3::list_parts(to, upload, after); },
                                     "ListPartsResult"}));
    SPILLWAY_TRY_ASSIGN(const s3::part_page page, s3::parse_list_parts(made.answer.body));
    known.insert(known.end(), page.parts.begin(), page.parts.end());
    after = page.next_after;
    if (page.parts.empty() || after == 0) {
      return known;
    }
  }
}

// CompleteMultipartUpload wants each part's checksum, which the caller does not have.
result<std::vector<s3::stored_part>> s3_uploads::stored_parts(const s3::upload_address& upload,
                                                              const std::vector<bucket::part>& wanted) const {
  SPILLWAY_TRY_ASSIGN(const std::vector<s3::stored_part> known, all_parts(upload));
  std::vector<s3::stored_part> stored;
  for (const bucket::part& each : wanted) {
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

}  // namespace spillway::bucket
