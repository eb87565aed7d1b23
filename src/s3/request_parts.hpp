// What the requests of one kind and another are put together from. Only for this folder.
#pragma once

#include "s3/requests.hpp"

namespace spillway::s3 {

// A request without a body, for a key or - if it is empty - for the bucket, with x-amz-expected-bucket-owner.
// errc::invalid: the bucket's name or the key.
result<request> make_bucket_request(method verb, std::string_view permission, const bucket_address& bucket);
result<request> make_object_request(method verb, std::string_view permission, const bucket_address& bucket,
                                    std::string_view key);

// For bytes that the caller brings, or for a document that the request takes with it.
void announce(request& value, const payload& body);
void carry(request& value, std::string document);

// Content-MD5 of the request's document: S3 demands it where a bucket's configuration is put.
result<void> add_content_md5(request& value);
result<void> add_checksum(request& value, const payload& body, checksum with);
result<void> add_encryption(request& value, const storing& how);

// "a&b" to "a&amp;b", for text and attributes.
std::string xml_escape(std::string_view text);

}  // namespace spillway::s3
