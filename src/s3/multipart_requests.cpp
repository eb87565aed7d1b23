#include "s3/request_parts.hpp"

#include "base/bytes.hpp"

namespace spillway::s3 {
namespace {

result<request> make_upload_request(method verb, std::string_view permission, const bucket_address& bucket,
                                    const upload_address& upload) {
  // Without an id, "abort this upload" would read "delete this object".
  if (upload.upload_id.empty()) {
    return failure{errc::invalid, "addressing an upload", "it has no id", {}};
  }
  SPILLWAY_TRY_ASSIGN(request made, make_object_request(verb, permission, bucket, upload.key));
  made.query = {{"uploadId", upload.upload_id}};
  return made;
}

// <Part><PartNumber>1</PartNumber><ETag>"a54357aff0632cce46d942af68356b38"</ETag></Part>
std::string part_xml(const stored_part& part) {
  std::string text = "<Part><PartNumber>" + std::to_string(part.number) + "</PartNumber><ETag>" +
                     xml_escape("\"" + part.etag + "\"") + "</ETag>";
  if (part.sha256) {
    text += "<ChecksumSHA256>" + base::to_base64(*part.sha256) + "</ChecksumSHA256>";
  }
  return text + "</Part>";
}

}  // namespace

result<request> create_multipart_upload(const bucket_address& bucket, std::string_view key, const storing& how) {
  SPILLWAY_TRY_ASSIGN(request made, make_object_request(method::post, "s3:PutObject", bucket, key));
  made.query = {{"uploads", ""}};
  SPILLWAY_TRY(made.headers.add("content-type", how.content_type));
  SPILLWAY_TRY(add_encryption(made, how));
  if (how.checksum == checksum::sha256) {
    SPILLWAY_TRY(made.headers.add("x-amz-checksum-algorithm", "SHA256"));
  }
  return made;
}

result<request> upload_part(const bucket_address& bucket, const upload_address& upload, int part_number,
                            const payload& body, checksum with) {
  if (part_number < 1 || part_number > part_number_max) {
    return failure{
        errc::invalid, "uploading part " + std::to_string(part_number), "parts are numbered 1 to 10,000", {}};
  }
  SPILLWAY_TRY_ASSIGN(request made, make_upload_request(method::put, "s3:PutObject", bucket, upload));
  made.query.insert(made.query.begin(), {"partNumber", std::to_string(part_number)});
  announce(made, body);
  SPILLWAY_TRY(add_checksum(made, body, with));
  return made;
}

result<request> complete_multipart_upload(const bucket_address& bucket, const upload_address& upload,
                                          const std::vector<stored_part>& parts, storing::when condition) {
  SPILLWAY_TRY_ASSIGN(request made, make_upload_request(method::post, "s3:PutObject", bucket, upload));
  std::string document = "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  for (const stored_part& part : parts) {
    document += part_xml(part);
  }
  carry(made, document + "</CompleteMultipartUpload>");
  SPILLWAY_TRY(made.headers.add("content-type", "application/xml"));
  if (condition == storing::when::absent) {
    SPILLWAY_TRY(made.headers.add("if-none-match", "*"));
  }
  return made;
}

result<request> abort_multipart_upload(const bucket_address& bucket, const upload_address& upload) {
  return make_upload_request(method::remove, "s3:AbortMultipartUpload", bucket, upload);
}

result<request> list_parts(const bucket_address& bucket, const upload_address& upload, int part_number_after) {
  SPILLWAY_TRY_ASSIGN(request made, make_upload_request(method::get, "s3:ListMultipartUploadParts", bucket, upload));
  if (part_number_after > 0) {
    made.query.emplace_back("part-number-marker", std::to_string(part_number_after));
  }
  return made;
}

result<request> list_multipart_uploads(const bucket_address& bucket, const upload_list_query& query) {
  SPILLWAY_TRY_ASSIGN(request made, make_bucket_request(method::get, "s3:ListBucketMultipartUploads", bucket));
  made.query = {{"uploads", ""}, {"encoding-type", "url"}};
  for (const auto& [name, value] : {query_pair("prefix", query.prefix), query_pair("key-marker", query.key_after),
                                    query_pair("upload-id-marker", query.upload_id_after)}) {
    if (!value.empty()) {
      made.query.emplace_back(name, value);
    }
  }
  return made;
}

}  // namespace spillway::s3
