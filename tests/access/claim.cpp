#include "access/claim.hpp"

#include "bucket/mirror_bucket.hpp"
#include "support/check_result.hpp"
#include "support/recording_bucket.hpp"
#include "support/temp_dir.hpp"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace spillway::access::claim_tests {
namespace {

const model::organization one{1, "One"};
const model::organization two{2, "Two"};
const base::instant noon = base::from_us(1'692'964'800'500'000);

struct fixture {
  test::temp_dir dir;
  base::fixed_clock clock{base::instant()};
  std::unique_ptr<bucket::bucket> mirror = bucket::open_mirror(dir / "raw", clock, bucket::create_root::yes).value();
  test::recording_bucket in{*mirror};

  void put(std::string_view text) {
    bucket::memory_body body(text);
    REQUIRE_OK(mirror->put(model::claim_key, body, {}));
  }
  std::int64_t owner() {
    const auto found = find_claim(*mirror);
    REQUIRE_OK(found);
    return *found ? (*found)->owner.id : 0;
  }
  // As a server does that passes "If-None-Match" over.
  void ignore_conditions() {
    in.on_put = [](bucket::put_options& options) { options.condition = bucket::put_options::when::always; };
  }
};

BOOST_FIXTURE_TEST_SUITE(access_claim, fixture)

BOOST_AUTO_TEST_CASE(a_bucket_is_nobodys_until_it_is_claimed) {
  BOOST_TEST(owner() == 0);
  CHECK_OK(claim_bucket(in, one, noon));
  const auto found = find_claim(in);
  REQUIRE_OK(found);
  BOOST_REQUIRE(found->has_value());
  BOOST_TEST((*found)->owner.id == 1);
  BOOST_TEST((*found)->owner.name == "One");
  BOOST_TEST(base::format_utc((*found)->claimed_at) == "2023-08-25T12:00:00Z");
}

BOOST_AUTO_TEST_CASE(the_same_organization_may_claim_again_and_changes_nothing) {
  REQUIRE_OK(claim_bucket(in, one, noon));
  in.forget_calls();
  CHECK_OK(claim_bucket(in, {1, "Renamed"}, noon + std::chrono::hours{1}));
  BOOST_TEST(in.calls().size() == 2U);  // head, get
  BOOST_TEST(find_claim(in).value()->owner.name == "One");
}

BOOST_AUTO_TEST_CASE(another_organization_is_told_whose_it_is_and_what_to_do) {
  REQUIRE_OK(claim_bucket(in, one, noon));
  const auto made = claim_bucket(in, two, noon);
  CHECK_FAILS(made, errc::conflict);
  BOOST_TEST(made.error().text() ==
             "claiming " + in.name() + ": organization 1 (One) delivers there, since 2023-08-25T12:00:00Z");
  BOOST_TEST(made.error().hint ==
             "disable or delete the connection of organization 1 to this bucket, or choose another bucket");
  BOOST_TEST(owner() == 1);
}

BOOST_AUTO_TEST_CASE(an_object_that_is_no_claim_is_a_conflict_and_stays) {
  const std::string long_text(20'000, ' ');
  for (const std::string& text : {std::string(), std::string("{"), std::string(R"({"version":2})"), long_text}) {
    BOOST_TEST_CONTEXT(text.substr(0, 20)) {
      put(text);
      CHECK_FAILS(find_claim(in), errc::conflict);
      const auto made = claim_bucket(in, one, noon);
      CHECK_FAILS(made, errc::conflict);
      BOOST_TEST(made.error().text().find("spillway-organization.json does not say whose the bucket is: it ") !=
                 std::string::npos);
      CHECK_FAILS(release_claim(in, 1), errc::conflict);
      BOOST_TEST(mirror->head(model::claim_key).value()->bytes == text.size());
    }
  }
}

BOOST_AUTO_TEST_CASE(only_the_own_claim_is_released) {
  CHECK_OK(release_claim(in, 1));
  REQUIRE_OK(claim_bucket(in, one, noon));
  CHECK_OK(release_claim(in, 2));
  BOOST_TEST(owner() == 1);
  CHECK_OK(release_claim(in, 1));
  BOOST_TEST(owner() == 0);
  CHECK_OK(claim_bucket(in, two, noon));
}

BOOST_AUTO_TEST_CASE(of_many_that_claim_at_once_one_wins) {
  std::atomic<int> won = 0;
  std::vector<std::thread> threads;
  for (int id = 1; id <= 8; ++id) {
    threads.emplace_back([&, id] { won += claim_bucket(*mirror, {id, "x"}, noon).has_value() ? 1 : 0; });
  }
  for (std::thread& each : threads) {
    each.join();
  }
  BOOST_TEST(won == 1);
}

BOOST_AUTO_TEST_CASE(the_loser_of_a_race_learns_who_won) {
  in.on_put = [this](bucket::put_options&) { put(to_json(model::claim{two, noon})); };
  CHECK_FAILS(claim_bucket(in, one, noon), errc::conflict);
  BOOST_TEST(owner() == 2);
}

BOOST_AUTO_TEST_CASE(a_server_that_knows_no_conditions_keeps_a_claim_that_is_there) {
  ignore_conditions();
  REQUIRE_OK(claim_bucket(in, one, noon));
  CHECK_FAILS(claim_bucket(in, two, noon), errc::conflict);
  BOOST_TEST(owner() == 1);
}

BOOST_AUTO_TEST_CASE(a_claim_that_was_put_over_is_seen_when_it_is_read_back) {
  ignore_conditions();
  in.on_head = [this](bucket::object_info& info) {
    put(to_json(model::claim{two, noon}));
    info = mirror->head(model::claim_key).value().value();
  };
  CHECK_FAILS(claim_bucket(in, one, noon), errc::conflict);
}

BOOST_AUTO_TEST_CASE(a_put_whose_answer_was_lost_is_a_claim_all_the_same) {
  in.fail(2, errc::conflict, test::recording_bucket::lost::answer);  // as the retry of a put that was done finds
  CHECK_OK(claim_bucket(in, one, noon));
  BOOST_TEST(owner() == 1);
}

BOOST_AUTO_TEST_CASE(a_refusal_names_what_was_done) {
  for (int call = 1; call <= 3; ++call) {
    BOOST_TEST_CONTEXT(call) {
      in.forget_calls();
      in.fail(call, errc::denied);
      CHECK_FAILS(claim_bucket(in, one, noon), errc::denied);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_claim_is_encrypted_as_exports_are) {
  bucket::put_options how;
  how.encryption = bucket::encryption::sse_kms;
  how.kms_key_id = "k";
  how.content_type = "application/gzip";
  REQUIRE_OK(claim_bucket(in, one, noon, how));
  const auto used = in.options_of(std::string(model::claim_key));
  BOOST_CHECK(used.encryption == bucket::encryption::sse_kms);
  BOOST_TEST(used.kms_key_id == "k");
  BOOST_TEST(used.content_type == "application/json");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::access::claim_tests
