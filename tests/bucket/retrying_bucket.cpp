#include "bucket/retrying_bucket.hpp"

#include "bucket/mirror_bucket.hpp"
#include "support/check_result.hpp"
#include "support/recording_bucket.hpp"
#include "support/temp_dir.hpp"

#include <string>

namespace spillway::bucket::retrying_bucket_tests {
namespace {

using test::recording_bucket;

struct fixture {
  test::temp_dir dir;
  base::fixed_clock clock{base::instant()};
  std::unique_ptr<bucket> mirror = open_mirror(dir / "bucket", clock, create_root::yes).value();
  std::shared_ptr<recording_bucket> behind = std::make_shared<recording_bucket>(*mirror);
  std::unique_ptr<bucket> tried = make_retrying(behind, {[](auto) { return true; }, [] { return 0.5; }});

  result<receipt> put(std::string_view key) {
    memory_body body("text");
    return tried->put(key, body, {});
  }
};

BOOST_FIXTURE_TEST_SUITE(bucket_retrying_bucket, fixture)

BOOST_AUTO_TEST_CASE(a_call_is_tried_five_times) {
  behind->fail(1, errc::unavailable, recording_bucket::lost::request, 4);
  CHECK_OK(put("k"));
  BOOST_TEST(behind->calls().size() == 5U);
  behind->forget_calls();
  behind->fail(1, errc::throttled, recording_bucket::lost::request, 100);
  CHECK_FAILS(put("k"), errc::throttled);
  BOOST_TEST(behind->calls().size() == 5U);
}

BOOST_AUTO_TEST_CASE(what_is_put_about_the_bucket_is_tried_again_too) {
  const std::string policy = R"({"Statement":[]})";
  const std::function<result<void>()> calls[] = {
      [&] { return tried->put_policy(policy); }, [&] { return tried->remove_policy(); },
      [&] { return tried->put_default_encryption({}); }, [&] { return tried->remove_default_encryption(); }};
  for (const auto& call : calls) {
    behind->forget_calls();
    behind->fail(1, errc::unavailable, recording_bucket::lost::answer);
    CHECK_OK(call());
    BOOST_TEST(behind->calls().size() == 2U);
  }
}

BOOST_AUTO_TEST_CASE(what_an_operator_must_see_is_not_tried_again) {
  for (const errc code : {errc::denied, errc::io, errc::conflict, errc::no_space}) {
    behind->forget_calls();
    behind->fail(1, code);
    CHECK_FAILS(put("k"), code);
    BOOST_TEST(behind->calls().size() == 1U);
  }
}

BOOST_AUTO_TEST_CASE(a_get_is_tried_again_while_its_sink_has_had_nothing) {
  REQUIRE_OK(put("k"));
  std::string text;
  const auto read = [&] {
    return tried->get("k", {}, [&text](std::string_view piece) -> result<void> {
      text += piece;
      return {};
    });
  };
  behind->forget_calls();
  behind->fail(1, errc::unavailable, recording_bucket::lost::request);
  CHECK_OK(read());
  BOOST_TEST(text == "text");
  behind->forget_calls();
  behind->fail(1, errc::unavailable, recording_bucket::lost::answer);
  CHECK_FAILS(read(), errc::unavailable);
  BOOST_TEST(behind->calls().size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_listing_goes_on_behind_what_was_shown_and_is_ended_by_who_looks) {
  for (int i = 0; i < 1'100; ++i) {  // of two pages
    memory_body body("x");
    REQUIRE_OK(mirror->put("k" + std::to_string(10'000 + i), body, {}));
  }
  int seen = 0;
  const auto count = [&seen](const object_info&) -> result<void> {
    ++seen;
    return {};
  };
  behind->fail(2, errc::unavailable);
  CHECK_OK(tried->list_all("", "", count));
  BOOST_TEST(seen == 1'100);
  BOOST_TEST(behind->calls().size() == 3U);
  behind->forget_calls();
  CHECK_FAILS(tried->list_all("", "",
                              [](const object_info&) -> result<void> {
                                return failure{errc::unavailable, "looking", "enough", {}};
                              }),
              errc::unavailable);
  BOOST_TEST(behind->calls().size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::bucket::retrying_bucket_tests
