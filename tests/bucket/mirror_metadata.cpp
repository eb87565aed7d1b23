#include "bucket/mirror_metadata.hpp"

#include "support/check_result.hpp"

namespace spillway::bucket::mirror_metadata_tests {
namespace {

const fs::file_identity identity{9183, 48213, 1'579'975'261'072'914'553};

object_note full_note() {
  object_note note;
  note.sha256 = base::sha256_of("text");
  note.encryption = encryption::sse_kms;
  note.kms_key_id = "k";
  return note;
}

BOOST_AUTO_TEST_SUITE(bucket_mirror_metadata)

BOOST_AUTO_TEST_CASE(a_note_is_one_line_of_json) {
  BOOST_TEST(encode_note("1/a#1.gz", identity, full_note()) ==
             R"({"key":"1/a#1.gz","inode":9183,"bytes":48213,"mtime_ns":1579975261072914553,"sha256":")" +
                 base::sha256_hex(base::sha256_of("text")) +
                 R"(","encryption":"aws:kms","kms_key_id":"k","content_type":"application/gzip"})" + "\n");
}

BOOST_AUTO_TEST_CASE(a_note_is_read_back) {
  const auto note = decode_note(encode_note("k", identity, full_note()), "k", identity);
  BOOST_REQUIRE(note.has_value());
  BOOST_CHECK(note->sha256 == base::sha256_of("text"));
  BOOST_CHECK(note->encryption == encryption::sse_kms);
  BOOST_TEST(note->kms_key_id == "k");
  BOOST_TEST(note->content_type == "application/gzip");
}

BOOST_AUTO_TEST_CASE(a_note_holds_for_one_state_of_one_key_only) {
  const std::string text = encode_note("k", identity, full_note());
  BOOST_TEST(!decode_note(text, "other", identity).has_value());
  for (const fs::file_identity& other :
       {fs::file_identity{9184, 48213, identity.modified_ns}, fs::file_identity{9183, 48214, identity.modified_ns},
        fs::file_identity{9183, 48213, identity.modified_ns + 1}}) {
    BOOST_TEST(!decode_note(text, "k", other).has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_note_cut_anywhere_is_none) {
  const std::string text = encode_note("k", identity, full_note());
  for (std::size_t bytes = 0; bytes + 1 < text.size(); ++bytes) {
    BOOST_TEST(!decode_note(text.substr(0, bytes), "k", identity).has_value());
  }
  BOOST_TEST(!decode_note(std::string(text.size(), '\0'), "k", identity).has_value());
}

BOOST_AUTO_TEST_CASE(a_hash_is_64_hexadecimal_digits) {
  const base::sha256_digest digest = base::sha256_of("text");
  BOOST_CHECK(parse_sha256(base::sha256_hex(digest)) == digest);
  BOOST_TEST(!parse_sha256("").has_value());
  BOOST_TEST(!parse_sha256(base::sha256_hex(digest).substr(1)).has_value());
  BOOST_TEST(!parse_sha256(base::sha256_hex(digest).replace(5, 1, "g")).has_value());
}

BOOST_AUTO_TEST_CASE(an_etag_tells_inode_size_and_time) {
  BOOST_TEST(etag_of({0x23df, 0xbc55, 0x15ed2ba1f1a0c3b9}) == "23df-bc55-15ed2ba1f1a0c3b9");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::bucket::mirror_metadata_tests
