#include "store/reject_log.hpp"

#include "store/input_log.hpp"
#include "support/check_result.hpp"
#include "support/store_check.hpp"
#include "support/temp_dir.hpp"

#include <string>
#include <vector>

namespace spillway::store::reject_log_tests {
namespace {

struct fixture {
  test::temp_dir dir;
  state_file state = test::open_state(dir / "state.db");
  db::database& file = state.database();
  std::int64_t input = add_input(file, {}, {}).value();
};

BOOST_FIXTURE_TEST_SUITE(store_reject_log, fixture)

BOOST_AUTO_TEST_CASE(rejects_come_back_in_order_and_whole) {
  const std::string bytes("\0\xff{", 3);
  REQUIRE_OK(add_reject(file, {input, "b.jsonl", 2, 17, "no object", 3'000'000'000, bytes}));
  REQUIRE_OK(add_reject(file, {input, "a.zip/member", 1, 0, "empty", 0, ""}));
  std::vector<reject_row> all;
  REQUIRE_OK(read_rejects(file, [&](const reject_row& row) -> result<void> {
    all.push_back(row);
    return {};
  }));
  BOOST_REQUIRE(all.size() == 2U);
  BOOST_TEST(all[0].input_id == input);
  BOOST_TEST(all[0].place == "b.jsonl");
  BOOST_TEST(all[0].line == 2U);
  BOOST_TEST(all[0].byte == 17U);
  BOOST_TEST(all[0].reason == "no object");
  BOOST_TEST(all[0].text_bytes == 3'000'000'000U);
  BOOST_TEST(all[0].text == bytes);
  BOOST_TEST(all[1].place == "a.zip/member");
  BOOST_TEST(all[1].text == "");
  BOOST_TEST(count_rejects(file).value() == 2);
}

BOOST_AUTO_TEST_CASE(a_reject_belongs_to_an_input) {
  BOOST_TEST(!add_reject(file, {input + 1, "b.jsonl", 2, 17, "no object", 1, "x"}).has_value());
  BOOST_TEST(count_rejects(file).value() == 0);
}

BOOST_AUTO_TEST_CASE(forgetting_drops_all_of_them_and_says_how_many_there_were) {
  REQUIRE_OK(add_reject(file, {input, "b.jsonl", 1, 0, "no", 1, "x"}));
  REQUIRE_OK(add_reject(file, {input, "b.jsonl", 2, 0, "no", 1, "y"}));
  BOOST_TEST(forget_rejects(file).value() == 2);
  BOOST_TEST(count_rejects(file).value() == 0);
  BOOST_TEST(forget_rejects(file).value() == 0);
  CHECK_OK(add_reject(file, {input, "b.jsonl", 3, 0, "no", 1, "z"}));
  BOOST_TEST(count_rejects(file).value() == 1);
}

BOOST_AUTO_TEST_CASE(the_failure_of_a_sink_ends_reading) {
  REQUIRE_OK(add_reject(file, {input, "b.jsonl", 1, 0, "no", 1, "x"}));
  REQUIRE_OK(add_reject(file, {input, "b.jsonl", 2, 0, "no", 1, "x"}));
  int rows = 0;
  CHECK_FAILS(read_rejects(file, [&](const reject_row&) -> result<void> {
    ++rows;
    return failure{errc::io, "writing", "no", {}};
  }), errc::io);
  BOOST_TEST(rows == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::store::reject_log_tests
