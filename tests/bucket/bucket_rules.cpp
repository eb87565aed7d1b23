// The rules by themselves, and as a mirror obeys them.
#include "bucket/bucket_rules.hpp"

#include "bucket/mirror_bucket.hpp"
#include "contract/bucket_contract.hpp"
#include "fs/atomic_file.hpp"
#include "support/check_result.hpp"
#include "support/temp_dir.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>
#include <vector>

namespace spillway::bucket::bucket_rules_tests {
namespace {

const base::fixed_clock the_clock(base::from_us(0));

struct fixture {
  test::temp_dir dir;

  result<std::unique_ptr<bucket>> try_open(std::string_view settings) {
    std::filesystem::create_directories(dir / ".spillway");
    SPILLWAY_TRY(fs::write_file(dir / ".spillway/bucket.json", settings, 0600));
    return open_mirror(dir.path(), the_clock, create_root::no);
  }
  std::unique_ptr<bucket> open(std::string_view settings) {
    auto opened = try_open(settings);
    BOOST_REQUIRE_MESSAGE(opened.has_value(), (opened ? std::string() : opened.error().text()));
    return std::move(*opened);
  }
  void put_by_hand(const std::string& key) { REQUIRE_OK(fs::write_file(dir / key, "text", 0600)); }
};

result<receipt> put(bucket& to, std::string_view key, put_options options = {}) {
  memory_body body("text");
  return to.put(key, body, options);
}

result<void> get(bucket& from, std::string_view key) {
  return from.get(key, {}, [](std::string_view) -> result<void> { return {}; });
}

put_options with_kms() {
  put_options options;
  options.encryption = encryption::sse_kms;
  return options;
}

template <class T>
bool names(const result<T>& outcome, std::string_view action) {
  return !outcome && outcome.error().code == errc::denied &&
         outcome.error().cause.find("is not authorized to perform: " + std::string(action) + " on resource: ") !=
             std::string::npos;
}

BOOST_FIXTURE_TEST_SUITE(bucket_bucket_rules, fixture)

BOOST_AUTO_TEST_CASE(a_star_stands_for_any_characters) {
  for (const auto& [pattern, text] :
       std::vector<std::pair<std::string, std::string>>{{"*", ""},
                                                        {"*", "abc"},
                                                        {"a*", "abc"},
                                                        {"*c", "abc"},
                                                        {"*_complete", "1/1_2020-01-25_17_complete"},
                                                        {"a*b*c", "axxbyybzzc"},
                                                        {"abc", "abc"},
                                                        {"**", "x"},
                                                        {"", ""}}) {
    BOOST_TEST_CONTEXT(pattern << " on " << text) { BOOST_TEST(matches(pattern, text)); }
  }
  for (const auto& [pattern, text] : std::vector<std::pair<std::string, std::string>>{{"", "a"},
                                                                                      {"a", ""},
                                                                                      {"a*", "ba"},
                                                                                      {"*c", "abd"},
                                                                                      {"a*b*c", "acb"},
                                                                                      {"abc", "abcd"},
                                                                                      {"*_complete", "x_complete2"}}) {
    BOOST_TEST_CONTEXT(pattern << " on " << text) { BOOST_TEST(!matches(pattern, text)); }
  }
}

BOOST_AUTO_TEST_CASE(only_what_the_file_denies_is_denied) {
  const auto mirror = open(R"({"deny":["s3:PutObject"]})");
  put_by_hand("k");
  CHECK_OK(get(*mirror, "k"));
  CHECK_OK(mirror->list("", "", 10));
  CHECK_OK(mirror->location());
  CHECK_OK(mirror->remove("k"));
}

BOOST_AUTO_TEST_CASE(actions_are_denied_in_any_case_of_their_letters) {
  for (const std::string action : {"s3:putobject", "S3:PutObject", "s3:PUT*"}) {
    BOOST_TEST_CONTEXT(action) { CHECK_FAILS(put(*open(R"({"deny":[")" + action + R"("]})"), "k"), errc::denied); }
  }
}

BOOST_AUTO_TEST_CASE(location_policy_and_encryption_are_those_of_the_file) {
  const auto mirror = open(R"({"location":"eu-west-1","default_encryption":"aws:kms","kms_key_id":"k1",
                               "policy":{"Version":"2012-10-17"}})");
  BOOST_TEST(mirror->location().value() == "eu-west-1");
  BOOST_TEST(mirror->policy().value().value() == R"({"Version":"2012-10-17"})");
  BOOST_CHECK(mirror->default_encryption().value() == (encryption_setting{encryption::sse_kms, "k1", {}, {}}));
  REQUIRE_OK(put(*mirror, "k"));
  BOOST_CHECK(mirror->head("k").value()->encryption == encryption::sse_kms);
  BOOST_TEST(mirror->head("k").value()->kms_key_id == "k1");
  put_options aes;
  aes.encryption = encryption::sse_s3;
  REQUIRE_OK(put(*mirror, "k", aes));
  BOOST_CHECK(mirror->head("k").value()->encryption == encryption::sse_s3);
  BOOST_TEST(mirror->head("k").value()->kms_key_id.empty());
}

BOOST_AUTO_TEST_CASE(a_denied_put_says_so_in_aws_words) {
  const auto mirror = open(R"({"deny":["s3:PutObject"]})");
  const auto done = put(*mirror, "1/x.gz");
  BOOST_TEST(done.error().text() ==
             "putting 1/x.gz: User: arn:aws:iam::000000000000:user/spillway is not authorized to perform: s3:PutObject "
             "on resource: \"arn:aws:s3:::mirror/1/x.gz\" because no identity-based policy allows the s3:PutObject "
             "action");
  BOOST_CHECK(done.error().code == errc::denied);
  BOOST_TEST(!std::filesystem::exists(dir / "1"));
}

BOOST_AUTO_TEST_CASE(every_call_asks_for_its_action) {
  put_by_hand("k");
  memory_body body("text");
  BOOST_TEST(names(open(R"({"deny":["s3:GetObject"]})")->head("k"), "s3:GetObject"));
  BOOST_TEST(names(get(*open(R"({"deny":["s3:GetObject"]})"), "k"), "s3:GetObject"));
  BOOST_TEST(names(open(R"({"deny":["s3:ListBucket"]})")->list("", "", 10), "s3:ListBucket"));
  BOOST_TEST(names(open(R"({"deny":["s3:DeleteObject"]})")->remove("k"), "s3:DeleteObject"));
  BOOST_TEST(names(open(R"({"deny":["s3:PutObject"]})")->create_multipart("k", {}), "s3:PutObject"));
  BOOST_TEST(names(open(R"({"deny":["s3:GetBucketLocation"]})")->location(), "s3:GetBucketLocation"));
  BOOST_TEST(names(open(R"({"deny":["s3:GetBucketPolicy"]})")->policy(), "s3:GetBucketPolicy"));
  BOOST_TEST(names(open(R"({"deny":["s3:GetEncryptionConfiguration"]})")->default_encryption(),
                   "s3:GetEncryptionConfiguration"));
  BOOST_TEST(
      names(open(R"({"deny":["s3:PutBucketPolicy"]})")->put_policy(R"({"Statement":[]})"), "s3:PutBucketPolicy"));
  BOOST_TEST(names(open(R"({"deny":["s3:DeleteBucketPolicy"]})")->remove_policy(), "s3:DeleteBucketPolicy"));
  const auto no_encryption = open(R"({"deny":["s3:PutEncryptionConfiguration"]})");
  BOOST_TEST(names(no_encryption->put_default_encryption({}), "s3:PutEncryptionConfiguration"));
  BOOST_TEST(names(no_encryption->remove_default_encryption(), "s3:PutEncryptionConfiguration"));
  const std::string id = open("{}")->create_multipart("k", {}).value();
  BOOST_TEST(names(open(R"({"deny":["s3:PutObject"]})")->put_part("k", id, 1, body), "s3:PutObject"));
  BOOST_TEST(names(open(R"({"deny":["s3:PutObject"]})")->complete_multipart("k", id, {{1, "x"}}), "s3:PutObject"));
  BOOST_TEST(
      names(open(R"({"deny":["s3:AbortMultipartUpload"]})")->abort_multipart("k", id), "s3:AbortMultipartUpload"));
  BOOST_TEST(names(open(R"({"deny":["s3:*"]})")->list("", "", 10), "s3:ListBucket"));
  BOOST_TEST(std::filesystem::exists(dir / "k"));
}

BOOST_AUTO_TEST_CASE(kms_actions_are_asked_for_only_where_kms_is_used) {
  const auto mirror = open(R"({"deny":["kms:GenerateDataKey"],"kms_key_id":"arn:aws:kms:eu-west-1:1:key/x"})");
  CHECK_OK(put(*mirror, "plain"));
  const auto denied = put(*mirror, "secret", with_kms());
  BOOST_TEST(names(denied, "kms:GenerateDataKey"));
  BOOST_TEST(denied.error().cause.find("on resource: arn:aws:kms:eu-west-1:1:key/x because") != std::string::npos);
  REQUIRE_OK(put(*open("{}"), "secret", with_kms()));
  const auto reader = open(R"({"deny":["kms:Decrypt"]})");
  CHECK_OK(reader->head("secret"));
  CHECK_OK(get(*reader, "plain"));
  BOOST_TEST(names(get(*reader, "secret"), "kms:Decrypt"));
  const std::string id = reader->create_multipart("k", with_kms()).value();
  memory_body body("text");
  BOOST_TEST(names(reader->put_part("k", id, 1, body), "kms:Decrypt"));
}

BOOST_AUTO_TEST_CASE(who_may_not_list_is_not_told_that_a_key_is_missing) {
  put_by_hand("k");
  const auto mirror = open(R"({"deny":["s3:ListBucket"]})");
  CHECK_OK(mirror->head("k"));
  BOOST_TEST(names(mirror->head("missing"), "s3:ListBucket"));
  BOOST_TEST(names(get(*mirror, "missing"), "s3:ListBucket"));
}

BOOST_AUTO_TEST_CASE(a_fault_strikes_the_nth_call_that_it_matches) {
  const auto mirror = open(R"({"faults":[{"operation":"PutObject","key":"*_complete","nth":2,"error":"SlowDown"}]})");
  CHECK_OK(put(*mirror, "a_complete"));
  CHECK_OK(put(*mirror, "a#1"));
  const auto struck = put(*mirror, "b_complete");
  CHECK_FAILS(struck, errc::throttled);
  BOOST_TEST(struck.error().text() == "putting b_complete: SlowDown: please reduce your request rate");
  BOOST_TEST(!mirror->head("b_complete").value().has_value());
  CHECK_OK(put(*mirror, "b_complete"));
}

BOOST_AUTO_TEST_CASE(a_fault_strikes_as_often_as_it_says) {
  const auto mirror = open(R"({"faults":[{"operation":"HeadObject","times":2,"error":"InternalError"},
                                         {"operation":"ListObjectsV2","times":0,"error":"ServiceUnavailable"}]})");
  CHECK_FAILS(mirror->head("k"), errc::unavailable);
  CHECK_FAILS(mirror->head("k"), errc::unavailable);
  CHECK_OK(mirror->head("k"));
  for (int call = 0; call < 5; ++call) {
    CHECK_FAILS(mirror->list("", "", 1), errc::unavailable);
  }
}

BOOST_AUTO_TEST_CASE(errors_have_the_codes_that_retry_and_exit_depend_on) {
  for (const auto& [name, code] : std::vector<std::pair<std::string, errc>>{{"SlowDown", errc::throttled},
                                                                            {"InternalError", errc::unavailable},
                                                                            {"ServiceUnavailable", errc::unavailable},
                                                                            {"RequestTimeout", errc::unavailable},
                                                                            {"AccessDenied", errc::denied},
                                                                            {"NoSuchBucket", errc::not_found},
                                                                            {"PreconditionFailed", errc::conflict},
                                                                            {"BadDigest", errc::corrupt},
                                                                            {"disk_full", errc::no_space},
                                                                            {"io_error", errc::io}}) {
    BOOST_TEST_CONTEXT(name) {
      const auto mirror = open(R"({"faults":[{"error":")" + name + R"("}]})");
      CHECK_FAILS(put(*mirror, "k"), code);
      CHECK_OK(put(*mirror, "k"));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_delay_is_waited_for_and_then_the_call_is_done) {
  const auto mirror = open(R"({"faults":[{"operation":"PutObject","delay_ms":30}]})");
  const auto start = std::chrono::steady_clock::now();
  CHECK_OK(put(*mirror, "k"));
  BOOST_CHECK(std::chrono::steady_clock::now() - start >= std::chrono::milliseconds(30));
  BOOST_TEST(mirror->head("k").value().has_value());
}

BOOST_AUTO_TEST_CASE(calls_are_counted_over_all_threads) {
  const auto mirror = open(R"({"faults":[{"operation":"HeadObject","nth":10,"times":7,"error":"SlowDown"}]})");
  std::atomic<int> struck = 0;
  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([&] {
      for (int call = 0; call < 50; ++call) {
        struck += mirror->head("k") ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  BOOST_TEST(struck == 7);
}

BOOST_AUTO_TEST_CASE(a_file_that_can_not_be_taken_is_named_with_the_reason) {
  const auto opened = try_open(R"({"faults":[{"operation":"PutObjekt","error":"SlowDown"}]})");
  CHECK_FAILS(opened, errc::invalid);
  BOOST_TEST(opened.error().text().find("reading .spillway/bucket.json: 'PutObjekt' is no operation") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::bucket::bucket_rules_tests
