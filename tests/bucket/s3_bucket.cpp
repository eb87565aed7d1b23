// The contract on a real server. AWS_* say where it is: tests/e2e/minio.py and versitygw.py start one and set them.
// Without it these suites are not run. docs/providers.md lists how servers differ.
#include "bucket/s3_bucket.hpp"

#include "contract/bucket_contract.hpp"
#include "support/check_result.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace spillway::bucket::s3_bucket_tests {
namespace {

const base::system_clock the_clock;

s3_options options_from_environment() {
  s3_options wanted;
  wanted.name = "raw";
  auto found = find_aws_settings({}, base::system_environment());
  REQUIRE_OK(found);
  wanted.aws = std::move(*found);
  return wanted;
}

// What the server has not that others have: words of SPILLWAY_SERVER_LACKS. versitygw knows no encryption: it takes the
// headers, and does nothing about them; and it looks for an object before it stores one, so that two may win.
bool server_has(std::string_view what) {
  const auto lacks = base::system_environment()("SPILLWAY_SERVER_LACKS");
  return !lacks || lacks->find(what) == std::string::npos;
}
bool server_encrypts() { return server_has("encryption"); }

// Of a test: it is skipped where it would be about what the server lacks.
struct server_with {
  std::string what;
  boost::test_tools::assertion_result operator()(boost::unit_test::test_unit_id) const { return server_has(what); }
};

std::shared_ptr<bucket> opened(s3::checksum checksum = s3::checksum::sha256) {
  s3_options wanted = options_from_environment();
  wanted.checksum = checksum;
  auto made = open_s3(wanted, the_clock, {});
  REQUIRE_OK(made);
  return std::move(*made);
}

// The server's only bucket, emptied.
std::shared_ptr<bucket> make_bucket() {
  auto made = opened();
  for (;;) {
    const auto page = made->list("", "", 1'000);
    REQUIRE_OK(page);
    if (page->objects.empty()) {
      break;
    }
    for (const object_info& each : page->objects) {
      REQUIRE_OK(made->remove(each.key));
    }
  }
  REQUIRE_OK(made->remove_policy());
  if (server_encrypts()) {
    REQUIRE_OK(made->remove_default_encryption());
  }
  const auto uploads = made->list_uploads("");
  REQUIRE_OK(uploads);
  for (const upload_info& each : *uploads) {
    REQUIRE_OK(made->abort_multipart(each.key, each.upload_id));
  }
  return made;
}

using boost::unit_test::precondition;

BOOST_AUTO_TEST_SUITE(bucket_s3_bucket, *boost::unit_test::disabled())

#define RUN(name) \
  BOOST_AUTO_TEST_CASE(name) { test::contract::name(make_bucket); }
SPILLWAY_BUCKET_CONTRACT(RUN)
#undef RUN
#define RUN(name) \
  BOOST_AUTO_TEST_CASE(name, *precondition(server_with{"one_step"})) { test::contract::name(make_bucket); }
SPILLWAY_BUCKET_ONE_STEP_CONTRACT(RUN)
#undef RUN
#define RUN(name) \
  BOOST_AUTO_TEST_CASE(name, *precondition(server_with{"encryption"})) { test::contract::name(make_bucket); }
SPILLWAY_BUCKET_ENCRYPTION_CONTRACT(RUN)
#undef RUN

BOOST_AUTO_TEST_CASE(a_large_object_goes_in_parts_and_arrives_whole) {
  const auto bucket = make_bucket();
  const std::string text = test::some_bytes((50 << 20) + 12'345, 7);
  for (const s3::checksum checksum : {s3::checksum::sha256, s3::checksum::none, s3::checksum::md5}) {
    test::piecewise_body body(text, 300'000);
    const auto done = opened(checksum)->put("large", body, {});
    REQUIRE_OK(done);
    BOOST_TEST(done->bytes == text.size());
    BOOST_TEST(done->etag.ends_with("-4"));
    BOOST_TEST(bucket->head("large").value()->etag == done->etag);
    BOOST_TEST((test::get_text(*bucket, "large") == text));
  }
}

BOOST_AUTO_TEST_CASE(a_part_with_another_hash_than_was_planned_is_refused_and_stores_nothing) {
  const auto bucket = make_bucket();
  const std::string text = test::some_bytes(20 << 20, 7);
  put_options planned;
  planned.part_sha256s = {base::sha256_of(text.substr(0, 16 << 20)), base::sha256_of("a disk has changed the rest")};
  for (const s3::checksum checksum : {s3::checksum::sha256, s3::checksum::none, s3::checksum::md5}) {
    test::piecewise_body body(text, 1 << 20);
    CHECK_FAILS(opened(checksum)->put("large", body, planned), errc::corrupt);
    BOOST_TEST(!bucket->head("large").value().has_value());
    BOOST_TEST(bucket->list_uploads("large").value().empty());
  }
}

BOOST_AUTO_TEST_CASE(a_large_conditional_put_never_replaces) {
  const auto bucket = make_bucket();
  test::put_text(*bucket, "large", "first");
  test::piecewise_body body(test::some_bytes(20 << 20, 8), 1 << 20);
  CHECK_FAILS(bucket->put("large", body, test::only_if_absent()), errc::conflict);
  BOOST_TEST(test::get_text(*bucket, "large") == "first");
  BOOST_TEST(bucket->list_uploads("large").value().empty());
}

// As equal as two objects can look without a checksum.
BOOST_AUTO_TEST_CASE(a_large_conditional_put_takes_no_object_of_its_size_for_its_own) {
  const auto bucket = make_bucket();
  const std::string theirs = test::some_bytes(20 << 20, 9);
  test::piecewise_body first(theirs, 1 << 20);
  REQUIRE_OK(opened(s3::checksum::none)->put("large", first, {}));
  for (const s3::checksum checksum : {s3::checksum::sha256, s3::checksum::none}) {
    test::piecewise_body body(test::some_bytes(20 << 20, 8), 1 << 20);
    CHECK_FAILS(opened(checksum)->put("large", body, test::only_if_absent()), errc::conflict);
    BOOST_TEST((test::get_text(*bucket, "large") == theirs));
    BOOST_TEST(bucket->list_uploads("large").value().empty());
  }
}

// As a store does whose disk has a bad place in the third part.
class broken_body final : public body_source {
public:
  std::uint64_t bytes() const override { return 64 << 20; }
  result<void> read(const piece_sink& sink) override {
    const std::string piece(8 << 20, 'x');
    for (int i = 0; i < 5; ++i) {
      SPILLWAY_TRY(sink(piece));
    }
    return failure{errc::state, "reading a segment", "it can't be read", ""};
  }
};

BOOST_AUTO_TEST_CASE(a_large_body_that_fails_leaves_nothing) {
  const auto bucket = make_bucket();
  broken_body body;
  CHECK_FAILS(bucket->put("large", body, {}), errc::state);
  BOOST_TEST(!bucket->head("large").value().has_value());
  BOOST_TEST(bucket->list_uploads("large").value().empty());
}

BOOST_AUTO_TEST_CASE(wrong_credentials_are_denied) {
  s3_options wanted = options_from_environment();
  wanted.aws.credentials.keys.secret_access_key = "another";
  const auto bucket = open_s3(wanted, the_clock, {});
  REQUIRE_OK(bucket);
  const auto listed = (*bucket)->list("", "", 1);
  CHECK_FAILS(listed, errc::denied);
  BOOST_TEST(listed.error().text().find("another") == std::string::npos);
}

// One PUT, whose checksum is of the whole: the ledger has none of parts for it.
BOOST_AUTO_TEST_CASE(an_object_of_16_mib_is_one_put) {
  const auto to = make_bucket();
  const std::string text(std::size_t{16} << 20, 'x');
  memory_body body(text);
  put_options options;
  options.sha256 = base::sha256_of(text);
  REQUIRE_OK(to->put("k", body, options));
  const auto there = to->head("k").value();
  BOOST_REQUIRE(there.has_value());
  BOOST_CHECK(there->sha256 == options.sha256);
  BOOST_TEST(!there->sha256_of_parts.has_value());
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_an_hour_off_is_corrected) {
  const base::fixed_clock slow(the_clock.now() - std::chrono::hours{1});
  const auto bucket = open_s3(options_from_environment(), slow, {});
  REQUIRE_OK(bucket);
  CHECK_OK((*bucket)->list("", "", 1));
}

BOOST_AUTO_TEST_CASE(a_bucket_that_is_not_there_is_named) {
  s3_options wanted = options_from_environment();
  wanted.name = "not-there";
  const auto bucket = open_s3(wanted, the_clock, {});
  REQUIRE_OK(bucket);
  const auto listed = (*bucket)->list("", "", 1);
  BOOST_TEST(!listed.has_value());
  BOOST_TEST(listed.error().text().find("NoSuchBucket") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_the_bucket_says_of_itself_is_read) {
  const auto bucket = make_bucket();
  BOOST_TEST(bucket->location().value() == "us-east-1");
  BOOST_TEST(!bucket->policy().value().has_value());
  if (server_encrypts()) {
    BOOST_CHECK(!bucket->default_encryption().value().has_value());
  } else {
    CHECK_FAILS(bucket->default_encryption(), errc::usage);  // 501
    CHECK_FAILS(bucket->put_default_encryption({}), errc::usage);
  }
}

BOOST_AUTO_TEST_CASE(encryption_is_as_asked_for) {
  const auto bucket = make_bucket();
  put_options options;
  options.encryption = encryption::sse_kms;
  options.kms_key_id = "exporter-key";
  memory_body body("text");
  REQUIRE_OK(bucket->put("k", body, options));
  const auto found = bucket->head("k").value().value();
  BOOST_CHECK(found.encryption == (server_encrypts() ? encryption::sse_kms : encryption::none));
  BOOST_TEST((found.kms_key_id.find("exporter-key") != std::string::npos) == server_encrypts());
  BOOST_CHECK(found.sha256 == base::sha256_of("text"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::bucket::s3_bucket_tests
