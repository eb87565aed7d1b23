// What S3 answers in XML, as plain structs. Pure: text in, values out.
//
// Unknown elements are ignored. Common errors: errc::corrupt - not well-formed, or a value is missing or no number;
// errc::invalid - a document type, another root element, or a listing that breaks its promises; errc::too_large - a
// limit (see xml.hpp). Errors are read by parse_error; error_class.hpp says what an answer means.
// Source: Amazon S3 API reference, the page of each operation.
#pragma once

#include "base/result.hpp"
#include "base/time.hpp"
#include "s3/requests.hpp"
#include "s3/sigv4.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::s3 {

// The named fields of an error, and no others: bodies echo session tokens, <Token-0>, and signed headers. Each is
// printable, and of at most 500 bytes and "...".
//     <Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>CM0R497</RequestId>...</Error>
struct error_body {
  std::string code;     // "AccessDenied"; never empty
  std::string message;  // never to be matched on, but for the name of a permission
  std::string request_id;
  std::string region;           // only if it is a region's name
  bool has_bad_region = false;  // it named one that can't be
};
// Also of STS: <ErrorResponse><Error>...</Error><RequestId>...</RequestId></ErrorResponse>.
// What it repeats of the secrets of `hidden` is not in it.
result<error_body> parse_error(std::string_view text, const credentials& hidden = {});

// The name of the root element: "Error", "CompleteMultipartUploadResult".
result<std::string> root_of(std::string_view text);

struct listed_object {
  std::string key;  // decoded
  std::uint64_t bytes = 0;
  std::string etag;  // without quotes
  base::instant modified_at;
};
struct object_page {
  std::vector<listed_object> objects;  // by key, in byte order
  bool is_last = true;                 // otherwise ask again, after the last key of this page
};
// errc::invalid too: a key that does not start with the prefix, is not behind the one before it or `query.after`, or a
// page that is neither the last one nor holds anything. A walk over pages therefore ends.
result<object_page> parse_list_objects(std::string_view text, const list_query& query);

// The upload's id; never empty.
result<std::string> parse_create_multipart_upload(std::string_view text);
// The object's ETag without quotes; never empty. S3 sends status 200 before it knows how the completion ends: only this
// root element is a success.
result<std::string> parse_complete_multipart_upload(std::string_view text);

struct part_page {
  std::vector<stored_part> parts;  // by number
  int next_after = 0;              // 0: this was the last page
};
result<part_page> parse_list_parts(std::string_view text);

struct listed_upload {
  upload_address upload;
  base::instant initiated_at;
};
struct upload_page {
  std::vector<listed_upload> uploads;
  std::string next_key_after;  // both empty: this was the last page
  std::string next_upload_id_after;
};
// `query` is what was asked; a page that would lead to itself is errc::invalid.
result<upload_page> parse_list_multipart_uploads(std::string_view text, const upload_list_query& query);

// "us-east-1" for an empty element, "eu-west-1" for "EU". Source: GetBucketLocation, LocationConstraint.
result<std::string> parse_bucket_location(std::string_view text);

result<encryption_setting> parse_bucket_encryption(std::string_view text);

struct assumed_role {
  s3::credentials credentials;
  base::instant expires_at;
};
result<assumed_role> parse_assume_role(std::string_view text);

}  // namespace spillway::s3
