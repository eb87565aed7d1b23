#include "bucket/mirror_settings.hpp"
#include "bucket/mirror_bucket.hpp"
#include "fs/atomic_file.hpp"
#include "fs/directory.hpp"
#include "fs/read_file.hpp"
#include "support/check_result.hpp"
#include "support/temp_dir.hpp"

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace spillway::bucket::mirror_settings_tests {
namespace {

const base::fixed_clock the_clock(base::from_us(0));
const std::string policy = R"({"Version":"2012-10-17","Statement":[]})";

struct fixture {
  test::temp_dir dir;
  std::filesystem::path file = dir / ".spillway/bucket.json";

  std::unique_ptr<bucket> open() { return open_mirror(dir.path(), the_clock, create_root::no).value(); }
  void write(std::string_view text) {
    std::filesystem::create_directories(file.parent_path());
    REQUIRE_OK(fs::write_file(file, text, 0600));
  }
  std::string text() {
    const auto directory = fs::open_directory(dir / ".spillway");
    REQUIRE_OK(directory);
    return fs::read_file(directory->get(), "bucket.json", 1 << 20).value();
  }
};

BOOST_FIXTURE_TEST_SUITE(bucket_mirror_settings, fixture)

BOOST_AUTO_TEST_CASE(what_is_put_is_there_for_whoever_opens_the_mirror_next) {
  const encryption_setting setting{encryption::sse_kms, "k1", encryption_setting::bucket_keys::on, {}};
  REQUIRE_OK(open()->put_policy(policy));
  REQUIRE_OK(open()->put_default_encryption(setting));
  BOOST_TEST(open()->policy().value().value() == policy);
  BOOST_CHECK(open()->default_encryption().value() == setting);
  REQUIRE_OK(open()->remove_policy());
  REQUIRE_OK(open()->remove_default_encryption());
  BOOST_TEST(!open()->policy().value().has_value());
  BOOST_TEST(text() == "{\n}\n");
}

BOOST_AUTO_TEST_CASE(what_a_person_has_written_stays) {
  write(R"({"location":"eu-west-1","deny":["s3:DeleteObject"],"kms_key_id":"k0",
            "faults":[{"operation":"GetObject","error":"SlowDown"}]})");
  const auto mirror = open();
  REQUIRE_OK(mirror->put_default_encryption({encryption::sse_kms, "k1", {}, {}}));
  BOOST_TEST(text() == R"({
  "location": "eu-west-1",
  "deny": ["s3:DeleteObject"],
  "kms_key_id": "k0",
  "faults": [{"operation":"GetObject","error":"SlowDown"}],
  "default_encryption": {"algorithm":"aws:kms","kms_key_id":"k1","bucket_keys":false}
}
)");
  CHECK_FAILS(mirror->remove("k"), errc::denied);
  CHECK_FAILS(open()->remove("k"), errc::denied);
}

BOOST_AUTO_TEST_CASE(a_change_that_others_have_made_meanwhile_is_kept) {
  const auto first = open();
  const auto second = open();
  REQUIRE_OK(first->put_policy(policy));
  REQUIRE_OK(second->put_default_encryption({}));
  BOOST_TEST(open()->policy().value().value() == policy);
  BOOST_TEST(open()->default_encryption().value().has_value());
}

BOOST_AUTO_TEST_CASE(changes_from_many_mirrors_at_once_all_count) {
  std::atomic<int> failures = 0;
  std::vector<std::thread> threads;
  for (int number = 0; number < 4; ++number) {
    threads.emplace_back([this, number, &failures] {
      const auto mirror = open();
      const auto put = [&] {
        return number % 2 == 0 ? mirror->put_policy(policy) : mirror->put_default_encryption({});
      };
      const auto remove = [&] {
        return number % 2 == 0 ? mirror->remove_policy() : mirror->remove_default_encryption();
      };
      for (int round = 0; round < 10; ++round) {
        failures += put() && remove() ? 0 : 1;
      }
      failures += put() ? 0 : 1;
    });
  }
  for (std::thread& each : threads) {
    each.join();
  }
  BOOST_TEST(failures == 0);
  BOOST_TEST(open()->policy().value().has_value());
  BOOST_TEST(open()->default_encryption().value().has_value());
}

BOOST_AUTO_TEST_CASE(a_put_with_kms_that_names_no_key_has_that_of_the_mirror) {
  write(R"({"kms_key_id":"k0"})");
  const auto mirror = open();
  put_options options;
  options.encryption = encryption::sse_kms;
  memory_body body("text");
  REQUIRE_OK(mirror->put("k", body, options));
  BOOST_TEST(mirror->head("k").value()->kms_key_id == "k0");
}

BOOST_AUTO_TEST_CASE(a_key_of_the_setting_goes_before_that_of_the_mirror) {
  write(R"({"default_encryption":"aws:kms","kms_key_id":"k0"})");
  const auto mirror = open();
  const auto key_of_a_put = [&] {
    memory_body body("text");
    REQUIRE_OK(mirror->put("k", body, {}));
    return mirror->head("k").value()->kms_key_id;
  };
  BOOST_TEST(key_of_a_put() == "k0");
  const auto saved = mirror->default_encryption().value();
  REQUIRE_OK(mirror->put_default_encryption({encryption::sse_kms, "k1", {}, {}}));
  BOOST_TEST(key_of_a_put() == "k1");
  REQUIRE_OK(mirror->put_default_encryption(saved.value()));
  BOOST_TEST(key_of_a_put() == "k0");
}

BOOST_AUTO_TEST_CASE(a_file_that_was_broken_meanwhile_is_left_as_it_is) {
  const auto mirror = open();
  write("{ oops");
  CHECK_FAILS(mirror->put_policy(policy), errc::invalid);
  BOOST_TEST(text() == "{ oops");
  BOOST_TEST(!mirror->policy().value().has_value());
}

BOOST_AUTO_TEST_CASE(nothing_to_remove_makes_no_file) {
  CHECK_OK(open()->remove_policy());
  CHECK_OK(open()->remove_default_encryption());
  BOOST_TEST(!std::filesystem::exists(file.parent_path()));
}

BOOST_AUTO_TEST_CASE(what_a_mirror_can_not_be_told_is_refused) {
  const auto mirror = open();
  CHECK_FAILS(mirror->put_policy(R"({"Statement":[{"Sid":")" + std::string(20 << 10, 'x') + "\"}]}"), errc::too_large);
  CHECK_FAILS(mirror->put_default_encryption({encryption::none, {}, {}, {}}), errc::bug);
  CHECK_FAILS(mirror->put_default_encryption({encryption::sse_kms, {}, {}, "<x/>"}), errc::invalid);
  BOOST_TEST(!std::filesystem::exists(file));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::bucket::mirror_settings_tests
