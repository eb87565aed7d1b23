// Answers of S3. Byte 0 of an input chooses the status, the rest is the body; every reader is given it.
#include "fuzz/fuzz.hpp"
#include "s3/error_class.hpp"
#include "s3/response_xml.hpp"

#include <algorithm>

using namespace spillway;
using fuzz::require;

namespace {

constexpr int statuses[] = {200, 204, 301, 307, 400, 403, 404, 409, 411, 412, 416, 429, 500, 501, 503, 507, 0, 999};

bool is_shown(std::string_view text) {
  constexpr std::size_t shown_bytes_max = 503;  // 500 and "..."
  return text.size() <= shown_bytes_max &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

void read_error(std::string_view body) {
  if (const auto read = s3::parse_error(body); read) {
    require(!read->code.empty(), "an error has a code");
    require(is_shown(read->code) && is_shown(read->message) && is_shown(read->request_id),
            "an error's fields can be shown");
    require(read->region.empty() || !read->has_bad_region, "a region is right or is not said");
  }
}

void read_lists(std::string_view body) {
  const s3::list_query query{"1/", "1/1_2020-01-25_16", 1000};
  if (const auto page = s3::parse_list_objects(body, query); page) {
    require(page->is_last || !page->objects.empty(), "a walk over pages ends");
    std::string_view before = query.after;
    for (const s3::listed_object& each : page->objects) {
      require(each.key.starts_with(query.prefix) && each.key > before, "keys rise behind what was asked for");
      before = each.key;
    }
  }
  if (const auto page = s3::parse_list_parts(body); page) {
    int before = 0;
    for (const s3::stored_part& each : page->parts) {
      require(each.number > before && each.number <= s3::part_number_max && !each.etag.empty(), "parts rise");
      before = each.number;
    }
    require(page->next_after == 0 || page->next_after == before, "the next page is behind the last part");
  }
  const s3::upload_list_query uploads{"1/", "1/a", "id"};
  if (const auto page = s3::parse_list_multipart_uploads(body, uploads); page) {
    require(page->next_key_after != uploads.key_after || page->next_upload_id_after != uploads.upload_id_after,
            "the next page is another one");
  }
}

void read_values(std::string_view body) {
  const auto id = s3::parse_create_multipart_upload(body);
  require(!id || !id->empty(), "an upload has an id");
  const auto etag = s3::parse_complete_multipart_upload(body);
  require(!etag || !etag->empty(), "a completed upload has an ETag");
  const auto location = s3::parse_bucket_location(body);
  require(!location || s3::is_region(*location), "a bucket is in a region");
  if (const auto encryption = s3::parse_bucket_encryption(body); encryption) {
    require(encryption->algorithm != s3::encryption::bucket_default, "an encryption says which");
    require(encryption->document.empty() || encryption->document == body, "a document is kept as it came");
    require(!encryption->document.empty() || encryption->algorithm == s3::encryption::sse_kms ||
                encryption->kms_key_id.empty(),
            "only KMS has keys");
  }
  const auto role = s3::parse_assume_role(body);
  require(!role || !role->credentials.access_key_id.empty(), "a role has credentials");
}

void judge(int status, std::string_view body) {
  for (const std::string_view root : {std::string_view(), std::string_view("CompleteMultipartUploadResult")}) {
    const s3::response answer{status, {}, std::string(body)};
    const s3::verdict verdict = s3::classify(answer, {.success_root = root});
    require(is_shown(verdict.message), "a message can be shown");
    if (verdict.action != s3::action::proceed) {
      require(!s3::to_failure(verdict, "putting 1/a").text().empty(), "a verdict becomes a failure");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  if (bytes == 0) {
    return -1;
  }
  const std::string_view body = fuzz::text_of(data + 1, bytes - 1);
  read_error(body);
  read_lists(body);
  read_values(body);
  judge(statuses[data[0] % std::size(statuses)], body);
  return 0;
}
