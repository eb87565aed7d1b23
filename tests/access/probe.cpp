#include "access/probe.hpp"

#include "bucket/mirror_bucket.hpp"
#include "fs/atomic_file.hpp"
#include "support/check_result.hpp"
#include "support/export_run.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <filesystem>
#include <string>

namespace spillway::access::probe_tests {
namespace {

struct fixture {
  test::temp_dir dir;
  base::fixed_clock clock{base::instant()};
  bucket::put_options how;

  // A bucket that behaves as its settings say.
  std::unique_ptr<bucket::bucket> open(const std::string& settings) {
    std::filesystem::create_directories(dir / "bucket/.spillway");
    REQUIRE_OK(fs::write_file(dir / "bucket/.spillway/bucket.json", settings, 0600));
    return bucket::open_mirror(dir / "bucket", clock, bucket::create_root::no).value();
  }
  probe_report look(const std::string& settings) {
    const auto opened = open(settings);
    auto made = probe(*opened, "analytics", how, "0123");
    REQUIRE_OK(made);
    return std::move(*made);
  }
  // "s3:PutObject " for each that has this verdict.
  static std::string with(const probe_report& report, verdict value) {
    std::string names;
    for (const permission_finding& each : report.permissions) {
      names += each.verdict == value ? each.permission + " " : "";
    }
    return names;
  }
  bool is_clean() { return test::read_tree(dir / "bucket").empty() && open("{}")->list_uploads("").value().empty(); }
};

BOOST_FIXTURE_TEST_SUITE(access_probe, fixture)

BOOST_AUTO_TEST_CASE(a_bucket_that_allows_everything_is_all_right_and_stays_empty) {
  const probe_report found = look("{}");
  BOOST_TEST(found.is_ok());
  BOOST_TEST(with(found, verdict::denied) == "");
  BOOST_TEST(with(found, verdict::unknown) == "");
  BOOST_TEST(found.region == "us-east-1");
  BOOST_CHECK(found.conditions == probe_report::conditional_puts::kept);
  BOOST_TEST(found.left_behind == "");
  BOOST_TEST(is_clean());
}

BOOST_AUTO_TEST_CASE(the_six_of_the_generated_policy_come_first_and_in_its_order) {
  std::string names;
  for (const permission_finding& each : look("{}").permissions) {
    names += each.permission + (each.is_required ? " " : "? ");
  }
  BOOST_TEST(names ==
             "s3:AbortMultipartUpload s3:DeleteObject s3:GetObject s3:ListBucket s3:GetBucketLocation s3:PutObject "
             "s3:ListMultipartUploadParts? s3:ListBucketMultipartUploads? ");
}

BOOST_AUTO_TEST_CASE(each_permission_that_is_taken_away_is_the_one_that_is_named) {
  for (const std::string name : {"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:ListBucket",
                                 "s3:GetBucketLocation", "s3:PutObject"}) {
    BOOST_TEST_CONTEXT(name) {
      const probe_report found = look("{\"deny\":[\"" + name + "\"]}");
      BOOST_TEST(with(found, verdict::denied) == name + " ");
      BOOST_TEST(!found.is_ok());
      for (const permission_finding& each : found.permissions) {
        BOOST_TEST((each.detail.empty() || each.verdict != verdict::allowed));
      }
      BOOST_TEST(is_clean() == (name != "s3:DeleteObject"));
      BOOST_TEST(found.left_behind.empty() == (name != "s3:DeleteObject"));
      std::filesystem::remove_all(dir / "bucket");
    }
  }
}

BOOST_AUTO_TEST_CASE(without_the_two_that_list_uploads_exports_may_still_go_there) {
  for (const std::string name : {"s3:ListMultipartUploadParts", "s3:ListBucketMultipartUploads"}) {
    const probe_report found = look("{\"deny\":[\"" + name + "\"]}");
    BOOST_TEST(with(found, verdict::denied) == name + " ");
    BOOST_TEST(found.is_ok());
    BOOST_TEST(is_clean());
  }
}

BOOST_AUTO_TEST_CASE(with_a_kms_key_its_two_permissions_are_told_from_those_of_the_bucket) {
  how.encryption = bucket::encryption::sse_kms;
  BOOST_TEST(with(look("{}"), verdict::allowed).ends_with("kms:GenerateDataKey kms:Decrypt "));
  const probe_report without_data_key = look("{\"deny\":[\"kms:GenerateDataKey\"]}");
  BOOST_TEST(with(without_data_key, verdict::denied) == "kms:GenerateDataKey ");
  BOOST_TEST(with(without_data_key, verdict::unknown) == "s3:ListMultipartUploadParts kms:Decrypt ");
  BOOST_TEST(!without_data_key.is_ok());
  const probe_report without_decrypt = look("{\"deny\":[\"kms:Decrypt\"]}");
  BOOST_TEST(with(without_decrypt, verdict::denied) == "kms:Decrypt ");
  BOOST_TEST(is_clean());
}

BOOST_AUTO_TEST_CASE(the_default_encryption_of_the_bucket_counts_too) {
  const probe_report found = look(R"({"default_encryption":"aws:kms","deny":["kms:Decrypt"]})");
  BOOST_TEST(with(found, verdict::denied) == "kms:Decrypt ");
}

BOOST_AUTO_TEST_CASE(encryption_that_the_server_passes_over_is_noticed) {
  how.encryption = bucket::encryption::sse_kms;
  const auto opened = open("{}");
  test::recording_bucket passing_over(*opened);
  passing_over.on_head = [](bucket::object_info& info) { info.encryption = bucket::encryption::none; };
  const auto found = probe(passing_over, "analytics", how, "0123");
  REQUIRE_OK(found);
  BOOST_TEST(found->is_encryption_ignored);
  BOOST_TEST(!found->is_ok());
  BOOST_TEST(!found->is_denied());
  BOOST_TEST(with(*found, verdict::unknown) == "kms:GenerateDataKey kms:Decrypt ");
  BOOST_TEST(is_clean());
}

BOOST_AUTO_TEST_CASE(a_fault_that_is_no_refusal_leaves_the_permission_unknown) {
  const probe_report found = look(R"({"faults":[{"operation":"DeleteObject","error":"InternalError","times":0}]})");
  BOOST_TEST(with(found, verdict::unknown) == "s3:DeleteObject ");
  BOOST_TEST(found.is_ok());
  BOOST_TEST(found.left_behind == "analytics/.spillway-probe-0123");
}

// As a server that refuses a header of a put, and takes parts.
BOOST_AUTO_TEST_CASE(where_no_object_can_be_put_exports_can_not_go) {
  for (const std::string error : {"QuotaExceeded", "AccessDenied"}) {
    const probe_report found = look(R"({"faults":[{"operation":"PutObject","times":0,"error":")" + error + "\"}]}");
    BOOST_TEST(with(found, verdict::allowed).find("s3:PutObject") == std::string::npos, error);
    BOOST_TEST(!found.is_ok());
    BOOST_TEST(found.is_denied() == (error == "AccessDenied"));
    BOOST_TEST(is_clean());
    std::filesystem::remove_all(dir / "bucket");
  }
}

BOOST_AUTO_TEST_CASE(a_removal_that_fails_in_passing_is_tried_once_more) {
  const probe_report found = look(R"({"faults":[{"operation":"DeleteObject","error":"InternalError"}]})");
  BOOST_TEST(found.left_behind == "");
  BOOST_TEST(is_clean());
}

BOOST_AUTO_TEST_CASE(a_bucket_that_does_not_answer_is_a_failure) {
  const auto opened = open(R"({"faults":[{"error":"ServiceUnavailable","times":0}]})");
  CHECK_FAILS(probe(*opened, "", how, "0123"), errc::unavailable);
}

BOOST_AUTO_TEST_CASE(who_is_not_known_is_told_so_and_nothing_about_permissions) {
  const auto opened = open(R"({"faults":[{"error":"InvalidAccessKeyId","times":0}]})");
  const auto found = probe(*opened, "", how, "0123");
  CHECK_FAILS(found, errc::denied);
  BOOST_TEST(found.error().text().find("InvalidAccessKeyId") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_remedy_names_resource_and_policy) {
  const model::place raw{"s3://raw/analytics"};
  BOOST_TEST(remedy_for({"s3:ListBucket", verdict::denied, {}, true}, raw).find("arn:aws:s3:::raw ") !=
             std::string::npos);
  BOOST_TEST(remedy_for({"s3:PutObject", verdict::denied, {}, true}, raw).find("arn:aws:s3:::raw/* ") !=
             std::string::npos);
  BOOST_TEST(remedy_for({"kms:Decrypt", verdict::denied, {}, true}, raw).find("KMS key") != std::string::npos);
  BOOST_TEST(remedy_for({"kms:GenerateDataKey", verdict::denied, "kms:KeyNotFound: no such key", true}, raw) ==
             "name a KMS key that exists, with --sse-kms-key-id");
  BOOST_TEST(remedy_for({"s3:PutObject", verdict::denied, {}, true}, {"/srv/bucket"})
                 .starts_with("allow s3:PutObject in /srv/bucket/.spillway/bucket.json"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::access::probe_tests
