#include "s3/response_xml.hpp"

#include "s3/vectors.hpp"
#include "s3/xml.hpp"

#include <functional>
#include <random>

namespace spillway::s3_response_xml_tests {
namespace {

using namespace spillway::test;
using namespace std::string_view_literals;

const std::string head = R"(<?xml version="1.0" encoding="UTF-8"?>)"
                         "\n";
const std::string space = R"( xmlns="http://s3.amazonaws.com/doc/2006-03-01/")";

std::string listed(const std::string& key, const std::string& bytes = "434234") {
  return "<Contents><Key>" + key + "</Key><LastModified>2009-10-12T17:50:30.000Z</LastModified>" +
         "<ETag>&quot;fba9dede5f27731c9771645a39863328&quot;</ETag><Size>" + bytes +
         "</Size><StorageClass>STANDARD</StorageClass></Contents>";
}

std::string listing(const std::string& contents, const std::string& truncated = "false") {
  return head + "<ListBucketResult" + space + "><Name>raw</Name><Prefix>1%2F</Prefix><EncodingType>url</EncodingType>" +
         "<IsTruncated>" + truncated + "</IsTruncated>" + contents + "</ListBucketResult>";
}

const s3::list_query project_1 = {"1/", "", 1000};

const std::string created = head + "<InitiateMultipartUploadResult" + space +
                            "><Bucket>raw</Bucket><Key>a</Key><UploadId>VXBsb2FkIElE</UploadId>"
                            "</InitiateMultipartUploadResult>";
const std::string parts = head + "<ListPartsResult" + space +
                          "><UploadId>x</UploadId><IsTruncated>true</IsTruncated><NextPartNumberMarker>3"
                          "</NextPartNumberMarker><Part><PartNumber>2</PartNumber><ETag>\"7778\"</ETag>"
                          "<Size>10485760</Size></Part><Part><PartNumber>3</PartNumber><ETag>\"aaaa\"</ETag>"
                          "<Size>5</Size><ChecksumSHA256>LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="
                          "</ChecksumSHA256></Part></ListPartsResult>";
const std::string uploads = head + "<ListMultipartUploadsResult" + space +
                            "><EncodingType>url</EncodingType><NextKeyMarker>a%23b</NextKeyMarker>"
                            "<NextUploadIdMarker>Y</NextUploadIdMarker><IsTruncated>true</IsTruncated><Upload>"
                            "<Key>a%23b</Key><UploadId>Y</UploadId><Initiated>2010-11-10T20:48:33.000Z</Initiated>"
                            "</Upload></ListMultipartUploadsResult>";
const std::string role =
    "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>"
    "<Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>SECRET</SecretAccessKey>"
    "<SessionToken>TOKEN</SessionToken><Expiration>2026-01-31T23:59:58Z</Expiration>"
    "</Credentials></AssumeRoleResult></AssumeRoleResponse>";

// How each of the readers ends; errc::bug is a success.
std::vector<errc> codes_of(const std::string& text) {
  const auto code = [](const auto& read) { return read ? errc::bug : read.error().code; };
  return {code(s3::parse_list_objects(text, project_1)),
          code(s3::parse_create_multipart_upload(text)),
          code(s3::parse_complete_multipart_upload(text)),
          code(s3::parse_list_parts(text)),
          code(s3::parse_list_multipart_uploads(text, {})),
          code(s3::parse_bucket_location(text)),
          code(s3::parse_bucket_encryption(text)),
          code(s3::parse_assume_role(text)),
          code(s3::parse_error(text)),
          code(s3::root_of(text))};
}

std::string nested(int levels) {
  std::string text;
  for (int i = 0; i < levels; ++i) {
    text.insert(0, "<a>").append("</a>");
  }
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(s3_response_xml)

BOOST_AUTO_TEST_CASE(a_listing_is_read_with_its_keys_decoded) {
  const auto page = s3::parse_list_objects(
      listing(listed("1/1_2020-01-25_17%231.json.gz") + listed("1/a+b%2Bc%C3%A9", "0"), "true"), project_1);
  REQUIRE_OK(page);
  BOOST_REQUIRE_EQUAL(page->objects.size(), 2U);
  BOOST_TEST(page->objects[0].key == "1/1_2020-01-25_17#1.json.gz");
  BOOST_TEST(page->objects[0].bytes == 434234U);
  BOOST_TEST(page->objects[0].etag == "fba9dede5f27731c9771645a39863328");
  BOOST_TEST(base::format_utc(page->objects[0].modified_at) == "2009-10-12T17:50:30Z");
  BOOST_TEST(page->objects[1].key == "1/a b+c\xc3\xa9");
  BOOST_TEST(!page->is_last);
  BOOST_TEST(s3::parse_list_objects(listing(""), project_1)->is_last);
}

BOOST_AUTO_TEST_CASE(a_server_that_does_not_encode_keys_is_understood) {
  std::string text = listing(listed("1/a+b%23"));
  text.erase(text.find("<EncodingType>"), 31);
  const auto page = s3::parse_list_objects(text, project_1);
  REQUIRE_OK(page);
  BOOST_TEST(page->objects.at(0).key == "1/a+b%23");
}

BOOST_AUTO_TEST_CASE(a_listing_that_breaks_its_promises_is_refused) {
  const std::pair<std::string, errc> rows[] = {{listing(listed("2/a")), errc::invalid},
                                               {listing(listed("1/b") + listed("1/a")), errc::invalid},
                                               {listing(listed("1/a") + listed("1/a")), errc::invalid},
                                               {listing("", "true"), errc::invalid},
                                               {listing(listed("")), errc::corrupt},
                                               {listing(listed("1/%2")), errc::corrupt},
                                               {listing(listed("1/a", "-1")), errc::corrupt},
                                               {listing(listed("1/a", "")), errc::corrupt},
                                               {listing(listed("1/a", "99999999999999999999")), errc::corrupt},
                                               {"<html><body/></html>", errc::invalid},
                                               {"<Error><Code>NoSuchBucket</Code></Error>", errc::invalid}};
  for (const auto& [text, code] : rows) {
    BOOST_TEST_CONTEXT(text) { CHECK_FAILS(s3::parse_list_objects(text, project_1), code); }
  }
  CHECK_FAILS(s3::parse_list_objects(listing(listed("1/a")), {"1/", "1/a", 1000}), errc::invalid);
  CHECK_OK(s3::parse_list_objects(listing(listed("1/b")), {"1/", "1/a", 1000}));
}

BOOST_AUTO_TEST_CASE(multipart_answers_are_read) {
  BOOST_TEST(s3::parse_create_multipart_upload(created).value() == "VXBsb2FkIElE");
  const std::string completed = "  \n" + head +
                                "<CompleteMultipartUploadResult><ETag>&quot;3858f62230ac3c915f300c664312c11f-9&quot;"
                                "</ETag></CompleteMultipartUploadResult>";
  BOOST_TEST(s3::parse_complete_multipart_upload(completed).value() == "3858f62230ac3c915f300c664312c11f-9");
  const auto page = s3::parse_list_parts(parts);
  REQUIRE_OK(page);
  BOOST_REQUIRE_EQUAL(page->parts.size(), 2U);
  BOOST_TEST(page->parts[0].etag == "7778");
  BOOST_TEST(page->parts[0].bytes == 10485760U);
  BOOST_TEST((page->parts[1].sha256 == base::sha256_of("hello")));
  BOOST_TEST(page->next_after == 3);
  const auto found = s3::parse_list_multipart_uploads(uploads, {});
  REQUIRE_OK(found);
  BOOST_TEST(found->uploads.at(0).upload.key == "a#b");
  BOOST_TEST(found->uploads.at(0).upload.upload_id == "Y");
  BOOST_TEST(found->next_key_after == "a#b");
  CHECK_FAILS(s3::parse_list_multipart_uploads(uploads, {"", "a#b", "Y"}), errc::invalid);
}

BOOST_AUTO_TEST_CASE(the_numbers_of_parts_rise_from_1_to_10000) {
  const auto listed_parts = [](std::initializer_list<int> numbers) {
    std::string text = "<ListPartsResult>";
    for (const int each : numbers) {
      text += "<Part><PartNumber>" + std::to_string(each) + "</PartNumber><ETag>e</ETag><Size>5</Size></Part>";
    }
    return s3::parse_list_parts(text + "</ListPartsResult>");
  };
  CHECK_OK(listed_parts({1, 2, 10'000}));
  CHECK_FAILS(listed_parts({0}), errc::corrupt);
  CHECK_FAILS(listed_parts({10'001}), errc::corrupt);
  CHECK_FAILS(listed_parts({2, 2}), errc::invalid);
  CHECK_FAILS(listed_parts({3, 2}), errc::invalid);
}

BOOST_AUTO_TEST_CASE(a_completion_without_an_etag_is_no_success) {
  CHECK_FAILS(s3::parse_complete_multipart_upload("<CompleteMultipartUploadResult/>"), errc::corrupt);
  CHECK_FAILS(s3::parse_complete_multipart_upload("<Error><Code>InternalError</Code></Error>"), errc::invalid);
  CHECK_FAILS(s3::parse_create_multipart_upload("<InitiateMultipartUploadResult/>"), errc::corrupt);
}

BOOST_AUTO_TEST_CASE(locations_of_old_have_their_region) {
  const std::pair<const char*, const char*> rows[] = {
      {"<LocationConstraint/>", "us-east-1"},
      {"<LocationConstraint></LocationConstraint>", "us-east-1"},
      {"<LocationConstraint>EU</LocationConstraint>", "eu-west-1"},
      {"<LocationConstraint>us-west-2</LocationConstraint>", "us-west-2"}};
  for (const auto& [text, region] : rows) {
    BOOST_TEST(s3::parse_bucket_location(text).value() == region);
  }
  CHECK_FAILS(s3::parse_bucket_location("<LocationConstraint>a.b/</LocationConstraint>"), errc::invalid);
}

BOOST_AUTO_TEST_CASE(encryption_and_roles_are_read) {
  const auto with = [](const std::string& rule) {
    return "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>" + rule +
           "</ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>";
  };
  BOOST_TEST(
      (s3::parse_bucket_encryption(with("<SSEAlgorithm>AES256</SSEAlgorithm>"))->algorithm == s3::encryption::sse_s3));
  CHECK_FAILS(s3::parse_bucket_encryption(with("")), errc::corrupt);
  const auto given = s3::parse_assume_role(role);
  REQUIRE_OK(given);
  BOOST_TEST(given->credentials.access_key_id == "ASIA");
  BOOST_TEST(given->credentials.secret_access_key == "SECRET");
  BOOST_TEST(given->credentials.session_token == "TOKEN");
  BOOST_TEST(base::format_utc(given->expires_at) == "2026-01-31T23:59:58Z");
}

// What the fields can't say must not be lost when a setting is put back.
BOOST_AUTO_TEST_CASE(an_encryption_that_says_more_than_its_fields_keeps_its_document) {
  const auto of = [](const std::string& rules) {
    return "<ServerSideEncryptionConfiguration>" + rules + "</ServerSideEncryptionConfiguration>";
  };
  const std::string aes =
      "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault>";
  const std::string dsse =
      "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms:dsse</SSEAlgorithm><KMSMasterKeyID>k</KMSMasterKeyID>"
      "</ApplyServerSideEncryptionByDefault>";
  const std::pair<std::string, bool> rows[] = {
      {of("<Rule>" + aes + "</Rule>"), false},
      {of("\n  <Rule>\n" + aes + "<BucketKeyEnabled>false</BucketKeyEnabled></Rule>"), false},
      {of("<Rule>" + aes + "<BucketKeyEnabled>true</BucketKeyEnabled></Rule>"), false},
      {of("<Rule>" + dsse + "</Rule>"), true},
      {of("<Rule>" + aes +
          "<BlockedEncryptionTypes><EncryptionType>SSE-C</EncryptionType></BlockedEncryptionTypes></Rule>"),
       true},
      {of("<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm><KMSMasterKeyID>k"
          "</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></Rule>"),
       true},
      {of("<Rule>" + aes + "</Rule><Rule>" + aes + "</Rule>"), true},
      {of("<Rule>" + aes + "</Rule><Other/>"), true}};
  for (const auto& [text, is_kept] : rows) {
    BOOST_TEST_CONTEXT(text) {
      const auto read = s3::parse_bucket_encryption(text);
      REQUIRE_OK(read);
      BOOST_TEST(read->document == (is_kept ? text : ""));
    }
  }
  BOOST_TEST(s3::parse_bucket_encryption(of("<Rule>" + dsse + "</Rule>"))->kms_key_id == "k");
}

BOOST_AUTO_TEST_CASE(only_the_named_fields_of_an_error_are_kept) {
  const auto s3_error = s3::parse_error(
      "<Error><Code>ExpiredToken</Code><Message>line\r\nnext \x1b[31m</Message><Token-0>SECRET</Token-0>"
      "<Region>us-west-2</Region><RequestId>R</RequestId><HostId>H</HostId></Error>");
  REQUIRE_OK(s3_error);
  BOOST_TEST(s3_error->code == "ExpiredToken");
  BOOST_TEST(s3_error->message.find_first_of("\r\n\x1b") == std::string::npos);
  BOOST_TEST(s3_error->request_id == "R");
  BOOST_TEST(s3_error->region == "us-west-2");
  const auto sts_error = s3::parse_error(
      "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>"
      "<Code>AccessDenied</Code><Message>m</Message></Error><RequestId>R2</RequestId></ErrorResponse>");
  REQUIRE_OK(sts_error);
  BOOST_TEST(sts_error->code == "AccessDenied");
  BOOST_TEST(sts_error->request_id == "R2");
  BOOST_TEST(s3::parse_error("<Error><Code>A</Code><Message>" + std::string(10'000, 'x') + "</Message></Error>")
                 ->message.size() == 503U);
}

BOOST_AUTO_TEST_CASE(no_cut_of_an_answer_is_an_answer) {
  const std::pair<std::string, std::function<errc(std::string_view)>> rows[] = {
      {listing(listed("1/a")),
       [](std::string_view text) { return s3::parse_list_objects(text, project_1).error().code; }},
      {created, [](std::string_view text) { return s3::parse_create_multipart_upload(text).error().code; }},
      {parts, [](std::string_view text) { return s3::parse_list_parts(text).error().code; }},
      {uploads, [](std::string_view text) { return s3::parse_list_multipart_uploads(text, {}).error().code; }},
      {role, [](std::string_view text) { return s3::parse_assume_role(text).error().code; }}};
  for (const auto& [whole, code_of] : rows) {
    for (std::size_t bytes = 0; bytes < whole.size(); ++bytes) {
      BOOST_REQUIRE_MESSAGE(code_of(std::string_view(whole).substr(0, bytes)) == errc::corrupt, whole << bytes);
    }
  }
}

// What a damaged or hostile server sends is refused or read, and ends either way.
BOOST_AUTO_TEST_CASE(no_damage_of_an_answer_is_more_than_a_failure) {
  std::mt19937 random(31);
  constexpr std::string_view bytes = "<>/&;\"'!?[]-=\0\r\n a\xff\xc3"sv;
  for (const std::string& whole : {listing(listed("1/a") + listed("1/b")), created, parts, uploads, role}) {
    for (int i = 0; i < 3000; ++i) {
      std::string text = whole;
      for (auto edits = 1 + random() % 3; edits > 0; --edits) {
        text.replace(random() % text.size(), random() % 3, 1, bytes[random() % bytes.size()]);
      }
      for (const errc code : codes_of(text)) {
        BOOST_REQUIRE((code == errc::bug || code == errc::corrupt || code == errc::invalid));
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(s3_xml)

BOOST_AUTO_TEST_CASE(limits_hold) {
  pugi::xml_document document;
  CHECK_OK(s3::read_xml(nested(s3::xml_depth_max), document));
  CHECK_FAILS(s3::read_xml(nested(s3::xml_depth_max + 1), document), errc::too_large);
  std::string many = "<r>";
  for (std::size_t i = 0; i < s3::xml_tags_max; ++i) {
    many += "<a/>";
  }
  CHECK_FAILS(s3::read_xml(many + "</r>", document), errc::too_large);
  CHECK_FAILS(s3::read_xml("<r>" + std::string(s3::xml_bytes_max, 'x') + "</r>", document), errc::too_large);
  CHECK_OK(s3::read_xml("<r>" + std::string(s3::xml_bytes_max - 7, 'x') + "</r>", document));
}

BOOST_AUTO_TEST_CASE(document_types_and_entities_are_refused) {
  pugi::xml_document document;
  for (const char* text : {"<!DOCTYPE a><a/>", "<!doctype a><a/>", "<a><!ENTITY x \"y\"></a>",
                           "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>"}) {
    BOOST_TEST_CONTEXT(text) { CHECK_FAILS(s3::read_xml(text, document), errc::invalid); }
  }
  CHECK_OK(s3::read_xml("<a><!-- a comment --><![CDATA[<b>]]></a>", document));
  REQUIRE_OK(s3::read_xml("<a><b>&x;</b></a>", document));
  BOOST_TEST(s3::child_text(document.document_element(), "b") == "&x;");
}

BOOST_AUTO_TEST_CASE(what_is_no_xml_is_corrupt) {
  pugi::xml_document document;
  for (const char* text : {"", " \n", "x", "{}", "<", "<a", "<a>", "<a></b>", "<a><b></a>", "</a>"}) {
    BOOST_TEST_CONTEXT(text) { CHECK_FAILS(s3::read_xml(text, document), errc::corrupt); }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace spillway::s3_response_xml_tests
