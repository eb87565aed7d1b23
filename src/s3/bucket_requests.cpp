#include "s3/request_parts.hpp"
#include "s3/response_xml.hpp"
#include "s3/uri_encode.hpp"

namespace spillway::s3 {
namespace {

result<request> make_configuration_request(method verb, std::string_view permission, const bucket_address& bucket,
                                           std::string sub_resource) {
  SPILLWAY_TRY_ASSIGN(request made, make_bucket_request(verb, permission, bucket));
  made.query = {{std::move(sub_resource), ""}};
  return made;
}

// "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fx"
std::string form_text(const std::vector<query_pair>& fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    if (!value.empty()) {
      text += (text.empty() ? "" : "&") + name + "=" + uri_encode(value, slashes::encode);
    }
  }
  return text;
}

// A document that came from a server goes back as it is, if it is one.
result<std::string> encryption_document(const encryption_setting& value) {
  if (!value.document.empty()) {
    SPILLWAY_TRY(parse_bucket_encryption(value.document));
    return value.document;
  }
  if (value.algorithm == encryption::bucket_default) {
    return failure{errc::bug, "building a bucket's encryption", "the default of a bucket can't be its default", {}};
  }
  const bool is_kms = value.algorithm == encryption::sse_kms;
  const std::string key = is_kms && !value.kms_key_id.empty()
                              ? "<KMSMasterKeyID>" + xml_escape(value.kms_key_id) + "</KMSMasterKeyID>"
                              : "";
  const bool has_bucket_keys = value.keys == encryption_setting::bucket_keys::on;
  return "<ServerSideEncryptionConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule>"
         "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>" +
         std::string(to_string(value.algorithm)) + "</SSEAlgorithm>" + key + "</ApplyServerSideEncryptionByDefault>" +
         (has_bucket_keys ? "<BucketKeyEnabled>true</BucketKeyEnabled>" : "") +
         "</Rule></ServerSideEncryptionConfiguration>";
}

}  // namespace

result<request> head_bucket(const bucket_address& bucket) {
  return make_bucket_request(method::head, "s3:ListBucket", bucket);
}

result<request> get_bucket_location(const bucket_address& bucket) {
  return make_configuration_request(method::get, "s3:GetBucketLocation", bucket, "location");
}

result<request> get_bucket_policy(const bucket_address& bucket) {
  return make_configuration_request(method::get, "s3:GetBucketPolicy", bucket, "policy");
}

result<request> put_bucket_policy(const bucket_address& bucket, std::string_view policy_json) {
  SPILLWAY_TRY_ASSIGN(request made, make_configuration_request(method::put, "s3:PutBucketPolicy", bucket, "policy"));
  carry(made, std::string(policy_json));
  SPILLWAY_TRY(made.headers.add("content-type", "application/json"));
  SPILLWAY_TRY(add_content_md5(made));
  return made;
}

result<request> delete_bucket_policy(const bucket_address& bucket) {
  return make_configuration_request(method::remove, "s3:DeleteBucketPolicy", bucket, "policy");
}

result<request> get_bucket_encryption(const bucket_address& bucket) {
  return make_configuration_request(method::get, "s3:GetEncryptionConfiguration", bucket, "encryption");
}

result<request> put_bucket_encryption(const bucket_address& bucket, const encryption_setting& value) {
  SPILLWAY_TRY_ASSIGN(std::string document, encryption_document(value));
  SPILLWAY_TRY_ASSIGN(request made,
                      make_configuration_request(method::put, "s3:PutEncryptionConfiguration", bucket, "encryption"));
  carry(made, std::move(document));
  SPILLWAY_TRY(made.headers.add("content-type", "application/xml"));
  SPILLWAY_TRY(add_content_md5(made));
  return made;
}

// The permission is that of putting one: there is none for this alone. Source: DeleteBucketEncryption.
result<request> delete_bucket_encryption(const bucket_address& bucket) {
  return make_configuration_request(method::remove, "s3:PutEncryptionConfiguration", bucket, "encryption");
}

result<request> assume_role(const endpoint& where, const role& wanted) {
  request made;
  made.method = method::post;
  made.origin = where.origin;
  made.path = where.base_path + "/";
  carry(made, form_text({{"Action", "AssumeRole"},
                         {"Version", "2011-06-15"},
                         {"RoleArn", wanted.arn},
                         {"RoleSessionName", wanted.session_name},
                         {"DurationSeconds", std::to_string(wanted.duration.count())},
                         {"ExternalId", wanted.external_id}}));
  SPILLWAY_TRY(made.headers.add("content-type", "application/x-www-form-urlencoded"));
  return made;
}

}  // namespace spillway::s3
