#include "s3/response_xml.hpp"

#include "base/bytes.hpp"
#include "s3/endpoint.hpp"
#include "s3/hide_secrets.hpp"
#include "s3/uri_encode.hpp"
#include "s3/xml.hpp"

#include <algorithm>
#include <initializer_list>
#include <vector>

namespace spillway::s3 {
namespace {

failure reading(errc code, std::string_view what, std::string cause) {
  return {code, "reading " + std::string(what), std::move(cause), {}};
}

// The root element of an answer, which has to be of that name.
result<pugi::xml_node> root_named(std::string_view text, pugi::xml_document& document, const char* name) {
  SPILLWAY_TRY(read_xml(text, document));
  const pugi::xml_node root = document.document_element();
  if (root.name() != std::string_view(name)) {
    return reading(errc::invalid, name,
                   "the answer is <" + base::printable(root.name(), base::shown_answer_bytes_max) + "> instead");
  }
  return root;
}

// Hidden before it is cut: the half of a secret would not be found.
std::string shown(const pugi::xml_node& parent, const char* name, const credentials& hidden) {
  return base::printable(hide_secrets(child_text(parent, name), hidden), base::shown_answer_bytes_max);
}

std::string without_quotes(std::string text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    return text.substr(1, text.size() - 2);
  }
  return text;
}

// With encoding-type=url a space comes as '+', and a '+' as "%2B".
std::optional<std::string> decoded_key(std::string text) {
  std::replace(text.begin(), text.end(), '+', ' ');
  return uri_decode(text);
}

bool is_url_encoded(const pugi::xml_node& root) { return child_text(root, "EncodingType") == "url"; }

std::optional<std::string> key_of(const pugi::xml_node& node, const char* name, const pugi::xml_node& root) {
  std::string text = child_text(node, name);
  return is_url_encoded(root) ? decoded_key(std::move(text)) : std::optional(std::move(text));
}

result<listed_object> parse_object(const pugi::xml_node& node, const pugi::xml_node& root) {
  const auto key = key_of(node, "Key", root);
  const auto bytes = child_number(node, "Size");
  const auto modified_at = base::parse_timestamp(child_text(node, "LastModified"));
  if (!key || key->empty() || !bytes || !modified_at) {
    return reading(errc::corrupt, "a listed object", "its Key, Size or LastModified is missing or not understood");
  }
  return listed_object{*key, *bytes, without_quotes(child_text(node, "ETag")), *modified_at};
}

result<stored_part> parse_part(const pugi::xml_node& node) {
  const auto number = child_number(node, "PartNumber");
  const auto bytes = child_number(node, "Size");
  stored_part part;
  part.etag = without_quotes(child_text(node, "ETag"));
  if (!number || *number < 1 || *number > static_cast<std::uint64_t>(part_number_max) || !bytes || part.etag.empty()) {
    return reading(errc::corrupt, "a listed part", "its PartNumber, ETag or Size is missing or not understood");
  }
  part.number = static_cast<int>(*number);
  part.bytes = *bytes;
  const auto sha256 = base::from_base64(child_text(node, "ChecksumSHA256"));
  if (sha256 && sha256->size() == sizeof(base::sha256_digest)) {
    std::copy(sha256->begin(), sha256->end(), part.sha256.emplace().begin());
  }
  return part;
}

// Whether the elements in `parent` are of these names, each at most once.
bool has_only(const pugi::xml_node& parent, std::initializer_list<std::string_view> names) {
  std::vector<std::string_view> left(names);
  for (const pugi::xml_node child : parent.children()) {
    const auto found = std::find(left.begin(), left.end(), std::string_view(child.name()));
    if (child.type() != pugi::node_element || found == left.end()) {
      return false;
    }
    left.erase(found);
  }
  return true;
}

}  // namespace

result<std::string> root_of(std::string_view text) {
  pugi::xml_document document;
  SPILLWAY_TRY(read_xml(text, document));
  return std::string(document.document_element().name());
}

result<error_body> parse_error(std::string_view text, const credentials& hidden) {
  pugi::xml_document document;
  SPILLWAY_TRY(read_xml(text, document));
  const pugi::xml_node root = document.document_element();
  const bool is_sts = root.name() == std::string_view("ErrorResponse");
  const pugi::xml_node error = is_sts ? root.child("Error") : root;
  if (error.name() != std::string_view("Error") || child_text(error, "Code").empty()) {
    return reading(errc::invalid, "an error answer", "it has no error code");
  }
  error_body body;
  body.code = shown(error, "Code", hidden);
  body.message = shown(error, "Message", hidden);
  body.request_id = shown(is_sts ? root : error, "RequestId", hidden);
  const std::string region = child_text(error, "Region");
  body.has_bad_region = !region.empty() && !is_region(region);
  body.region = body.has_bad_region ? std::string() : region;
  return body;
}

result<object_page> parse_list_objects(std::string_view text, const list_query& query) {
  pugi::xml_document document;
  SPILLWAY_TRY_ASSIGN(const pugi::xml_node root, root_named(text, document, "ListBucketResult"));
  object_page page;
  std::string_view before = query.after;
  for (const pugi::xml_node node : root.children("Contents")) {
    SPILLWAY_TRY_ASSIGN(listed_object object, parse_object(node, root));
    if (!object.key.starts_with(query.prefix)) {
      return reading(errc::invalid, "a listing", "it has a key outside the prefix that was asked for");
    }
    if (object.key <= before) {
      return reading(errc::invalid, "a listing", "its keys are not in byte order, or come again");
    }
    page.objects.push_back(std::move(object));
    before = page.objects.back().key;
  }
  page.is_last = child_text(root, "IsTruncated") != "true";
  if (!page.is_last && page.objects.empty()) {
    return reading(errc::invalid, "a listing", "a page without a key says that there are more");
  }
  return page;
}

result<std::string> parse_create_multipart_upload(std::string_view text) {
  pugi::xml_document document;
  SPILLWAY_TRY_ASSIGN(const pugi::xml_node root, root_named(text, document, "InitiateMultipartUploadResult"));
  std::string id = child_text(root, "UploadId");
  if (id.empty()) {
    return reading(errc::corrupt, "a new upload", "it has no UploadId");
  }
  return id;
}

result<std::string> parse_complete_multipart_upload(std::string_view text) {
  pugi::xml_document document;
  SPILLWAY_TRY_ASSIGN(const pugi::xml_node root, root_named(text, document, "CompleteMultipartUploadResult"));
  std::string etag = without_quotes(child_text(root, "ETag"));
  if (etag.empty()) {
    return reading(errc::corrupt, "a completed upload", "it has no ETag");
  }
  return etag;
}

result<part_page> parse_list_parts(std::string_view text) {
  pugi::xml_document document;
  SPILLWAY_TRY_ASSIGN(const pugi::xml_node root, root_named(text, document, "ListPartsResult"));
  part_page page;
  for (const pugi::xml_node node : root.children("Part")) {
    SPILLWAY_TRY_ASSIGN(stored_part part, parse_part(node));
    if (!page.parts.empty() && part.number <= page.parts.back().number) {
      return reading(errc::invalid, "a listing of parts", "its numbers do not rise");
    }
    page.parts.push_back(std::move(part));
  }
  if (child_text(root, "IsTruncated") == "true") {
    if (page.parts.empty()) {
      return reading(errc::invalid, "a listing of parts", "a page without a part says that there are more");
    }
    page.next_after = page.parts.back().number;
  }
  return page;
}

result<upload_page> parse_list_multipart_uploads(std::string_view text, const upload_list_query& query) {
  pugi::xml_document document;
  SPILLWAY_TRY_ASSIGN(const pugi::xml_node root, root_named(text, document, "ListMultipartUploadsResult"));
  upload_page page;
  for (const pugi::xml_node node : root.children("Upload")) {
    const auto key = key_of(node, "Key", root);
    const auto initiated_at = base::parse_timestamp(child_text(node, "Initiated"));
    const std::string id = child_text(node, "UploadId");
    if (!key || key->empty() || id.empty() || !initiated_at) {
      return reading(errc::corrupt, "a listed upload", "its Key, UploadId or Initiated is missing or not understood");
    }
    page.uploads.push_back({{*key, id}, *initiated_at});
  }
  if (child_text(root, "IsTruncated") == "true") {
    page.next_key_after = key_of(root, "NextKeyMarker", root).value_or(std::string());
    page.next_upload_id_after = child_text(root, "NextUploadIdMarker");
    if (page.next_key_after.empty() ||
        (page.next_key_after == query.key_after && page.next_upload_id_after == query.upload_id_after)) {
      return reading(errc::invalid, "a listing of uploads", "its next page is this one");
    }
  }
  return page;
}

result<std::string> parse_bucket_location(std::string_view text) {
  pugi::xml_document document;
  SPILLWAY_TRY_ASSIGN(const pugi::xml_node root, root_named(text, document, "LocationConstraint"));
  std::string region = root.text().get();
  if (region.empty()) {
    return "us-east-1";
  }
  if (region == "EU") {
    return "eu-west-1";
  }
  if (!is_region(region)) {
    return reading(errc::invalid, "a bucket's location", "not the name of a region");
  }
  return region;
}

result<encryption_setting> parse_bucket_encryption(std::string_view text) {
  pugi::xml_document document;
  SPILLWAY_TRY_ASSIGN(const pugi::xml_node root, root_named(text, document, "ServerSideEncryptionConfiguration"));
  const pugi::xml_node rule = root.child("Rule");
  const pugi::xml_node by_default = rule.child("ApplyServerSideEncryptionByDefault");
  const std::string algorithm = child_text(by_default, "SSEAlgorithm");
  // "aws:kms" or "aws:kms:dsse", which encrypts twice with the same key.
  const bool is_kms = algorithm.starts_with("aws:kms");
  if (!is_kms && algorithm != "AES256") {
    return reading(errc::corrupt, "a bucket's encryption", "its algorithm is missing or not known");
  }
  encryption_setting read;
  read.algorithm = is_kms ? encryption::sse_kms : encryption::sse_s3;
  read.kms_key_id = child_text(by_default, "KMSMasterKeyID");
  using enum encryption_setting::bucket_keys;
  read.keys = child_text(rule, "BucketKeyEnabled") == "true" ? on : off;
  const bool says_more = (is_kms && algorithm != "aws:kms") || !has_only(root, {"Rule"}) ||
                         !has_only(rule, {"ApplyServerSideEncryptionByDefault", "BucketKeyEnabled"}) ||
                         !has_only(by_default, {"SSEAlgorithm", "KMSMasterKeyID"}) ||
                         (!is_kms && !read.kms_key_id.empty());
  read.document = says_more ? std::string(text) : std::string();
  return read;
}

result<assumed_role> parse_assume_role(std::string_view text) {
  pugi::xml_document document;
  SPILLWAY_TRY_ASSIGN(const pugi::xml_node root, root_named(text, document, "AssumeRoleResponse"));
  const pugi::xml_node given = root.child("AssumeRoleResult").child("Credentials");
  const auto expires_at = base::parse_timestamp(child_text(given, "Expiration"));
  assumed_role role;
  role.credentials = {child_text(given, "AccessKeyId"), child_text(given, "SecretAccessKey"),
                      child_text(given, "SessionToken")};
  if (!expires_at || role.credentials.access_key_id.empty() || role.credentials.secret_access_key.empty() ||
      role.credentials.session_token.empty()) {
    return reading(errc::corrupt, "the credentials of a role",
                   "AccessKeyId, SecretAccessKey, SessionToken or "
                   "Expiration is missing or not understood");
  }
  role.expires_at = *expires_at;
  return role;
}

}  // namespace spillway::s3
