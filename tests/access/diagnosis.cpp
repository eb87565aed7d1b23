#include "access/diagnosis.hpp"

#include "bucket/s3_diagnosis.hpp"
#include "fs/atomic_file.hpp"
#include "support/check_result.hpp"
#include "support/scripted_server.hpp"
#include "support/store_check.hpp"
#include "support/temp_dir.hpp"

#include <string>

#include <sys/stat.h>

namespace spillway::access::diagnosis_tests {
namespace {

// "dns ok, tls warning, ..."
std::string names(const std::vector<check_result>& checks) {
  std::string all;
  for (const check_result& each : checks) {
    all += (all.empty() ? "" : ", ") + each.check + " " + std::string(to_string(each.health));
  }
  return all;
}

bucket::s3_diagnosis answered() {
  bucket::s3_diagnosis found;
  found.endpoint = "https://s3.eu-west-1.amazonaws.com";
  found.is_encrypted = true;
  found.addresses = {"127.0.0.1:443"};
  found.skew = s3::clock_skew{0};
  found.region = "eu-west-1";
  return found;
}

void refuse_head(test::server_side& peer) {
  peer.read_request();
  peer.answer(
      "HTTP/1.1 403 Forbidden\r\nDate: Sat, 25 Jan 2020 14:00:00 GMT\r\nx-amz-bucket-region: eu-west-1\r\n"
      "Content-Length: 0\r\n\r\n");
}

bucket::s3_options options_of(const test::scripted_server& server) {
  bucket::s3_options wanted;
  wanted.name = "raw";
  wanted.aws.credentials.keys = {"ID", "secret", {}};
  wanted.aws.region = "eu-west-1";
  wanted.aws.endpoint_url = base::to_string(server.address());
  return wanted;
}

const base::fixed_clock clock(base::parse_timestamp("2020-01-25T13:59:00Z").value());

BOOST_AUTO_TEST_SUITE(access_diagnosis)

BOOST_AUTO_TEST_CASE(a_sound_state_file_is_ok) {
  const test::temp_dir dir;
  const std::string path = dir / "state.db";
  BOOST_TEST(names(check_state_file(path)) == "state file ok");  // it is not there yet
  test::open_state(path);
  BOOST_TEST(names(check_state_file(path)) == "state file ok, state file mode ok");
  BOOST_REQUIRE(::chmod(path.c_str(), 0644) == 0);
  BOOST_TEST(names(check_state_file(path)) == "state file ok, state file mode warning");
}

BOOST_AUTO_TEST_CASE(what_is_no_state_file_is_said) {
  const test::temp_dir dir;
  REQUIRE_OK(fs::write_file(dir / "state.db", std::string(10'000, 'x'), 0600));
  BOOST_TEST(names(check_state_file(dir / "state.db")) == "state file failed");
}

BOOST_AUTO_TEST_CASE(a_disk_is_found_for_what_is_not_there_yet) {
  const test::temp_dir dir;
  const check_result found = check_disk("bucket", dir / "not/there/yet");
  BOOST_TEST(found.check == "disk of the bucket");
  BOOST_TEST(found.detail.find("free") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_good_way_has_nothing_to_do) {
  const auto checks = check_way(answered(), "eu-west-1");
  BOOST_TEST(names(checks) == "dns ok, tls ok, clock ok, region ok, bucket ok");
  for (const check_result& each : checks) {
    BOOST_TEST(each.hint == "");
  }
}

BOOST_AUTO_TEST_CASE(each_obstacle_is_found_where_it_is) {
  bucket::s3_diagnosis found = answered();
  found.lookup_failure = failure{errc::unavailable, "looking up x", "no such host", {}};
  BOOST_TEST(names(check_way(found, "eu-west-1")) == "dns failed");
  found = answered();
  found.way_failure = failure{errc::invalid, {}, "the certificate has expired", {}};
  BOOST_TEST(names(check_way(found, "eu-west-1")) == "dns ok, tls failed");
  found.is_encrypted = false;
  BOOST_TEST(names(check_way(found, "eu-west-1")) == "dns ok, endpoint failed");
  found = answered();
  found.no_credentials = failure{errc::denied, "getting credentials", "it ended with status 3", {}};
  BOOST_TEST(names(check_way(found, "eu-west-1")) == "dns ok, credentials failed");
  found = answered();
  found.skew = std::chrono::minutes{20};
  BOOST_TEST(names(check_way(found, "us-east-1")) == "dns ok, tls ok, clock warning, region warning, bucket ok");
  found.refusal = failure{errc::denied, {}, "AccessDenied", {}};
  BOOST_TEST(names(check_way(found, "eu-west-1")).ends_with("bucket failed"));
}

BOOST_AUTO_TEST_CASE(one_answer_tells_all_of_the_way) {
  test::scripted_server server([](test::server_side& peer) {
    refuse_head(peer);
    peer.read_request();  // the listing
    peer.answer("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    peer.wait_for_close();
  });
  const auto found = bucket::diagnose_s3(options_of(server), "", clock, {});
  REQUIRE_OK(found);
  BOOST_TEST(found->addresses.size() == 1U);
  BOOST_TEST(!found->is_encrypted);
  BOOST_TEST(found->region == "eu-west-1");
  BOOST_REQUIRE(found->skew.has_value());
  BOOST_CHECK(*found->skew == std::chrono::minutes{1});
  BOOST_REQUIRE(found->refusal.has_value());
  BOOST_CHECK(found->refusal->code == errc::denied);
}

BOOST_AUTO_TEST_CASE(who_may_list_the_prefix_alone_is_not_refused) {
  test::scripted_server server([](test::server_side& peer) {
    refuse_head(peer);
    BOOST_TEST(peer.read_request().find("prefix=scoped%2F") != std::string::npos);
    const std::string listing = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
    peer.answer("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(listing.size()) + "\r\n\r\n" + listing);
    peer.wait_for_close();
  });
  const auto found = bucket::diagnose_s3(options_of(server), "scoped", clock, {});
  REQUIRE_OK(found);
  BOOST_TEST(!found->refusal.has_value());
  BOOST_TEST(found->region == "eu-west-1");
}

BOOST_AUTO_TEST_CASE(credentials_that_can_not_be_had_are_no_fault_of_the_way) {
  bucket::s3_options wanted;
  wanted.name = "raw";
  wanted.aws.credentials.process = "/bin/false";
  wanted.aws.region = "eu-west-1";
  wanted.aws.endpoint_url = "http://127.0.0.1:1";
  const auto found = bucket::diagnose_s3(wanted, "", clock, {});
  REQUIRE_OK(found);
  BOOST_TEST(!found->way_failure.has_value());
  BOOST_REQUIRE(found->no_credentials.has_value());
  BOOST_CHECK(found->no_credentials->code == errc::denied);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::access::diagnosis_tests
