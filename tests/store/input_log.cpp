#include "store/input_log.hpp"

#include "support/check_result.hpp"
#include "support/store_check.hpp"
#include "support/temp_dir.hpp"

#include <string>

namespace spillway::store::input_log_tests {
namespace {

struct fixture {
  test::temp_dir dir;
  state_file state = test::open_state(dir / "state.db");
  db::database& file = state.database();

  std::int64_t add(std::uint64_t head_bytes, base::hash128 head, const std::string& name = "events.jsonl") {
    input_row row;
    row.name = name;
    row.head_bytes = head_bytes;
    row.head_hash = head;
    const auto id = add_input(file, row, base::from_us(7));
    REQUIRE_OK(id);
    return *id;
  }
};

BOOST_FIXTURE_TEST_SUITE(store_input_log, fixture)

BOOST_AUTO_TEST_CASE(a_new_input_has_no_progress) {
  const std::int64_t id = add(256, {1, 2});
  const auto all = list_inputs(file).value();
  BOOST_REQUIRE(all.size() == 1U);
  BOOST_TEST(all[0].id == id);
  BOOST_TEST(all[0].name == "events.jsonl");
  BOOST_TEST(all[0].head_bytes == 256U);
  BOOST_CHECK((all[0].head_hash == base::hash128{1, 2}));
  BOOST_TEST(all[0].progress.raw_bytes == 0U);
  BOOST_TEST(all[0].counts.received == 0);
  BOOST_CHECK(all[0].end == input_end::open);
}

BOOST_AUTO_TEST_CASE(inputs_with_one_head_are_counted_in_the_order_of_their_ids) {
  input_row row;
  row.head_bytes = 256;
  row.head_hash = {1, 2};
  const auto count = [&](std::int64_t id) {
    row.id = id;
    return count_inputs_before(file, row).value();
  };
  BOOST_TEST(count(0) == 0);
  const std::int64_t first = add(256, {1, 2});
  add(256, {1, 3});
  add(255, {1, 2});
  const std::int64_t second = add(256, {1, 2});
  BOOST_TEST(count(first) == 0);
  BOOST_TEST(count(second) == 1);
  BOOST_TEST(count(0) == 2);
}

BOOST_AUTO_TEST_CASE(progress_is_set_and_counts_are_added) {
  const std::int64_t id = add(256, {1, 2});
  REQUIRE_OK(advance_input(file, id, {100, {3, 4}, 1'000, 5}, {5, 1, 2, 1, 1}, input_end::open));
  REQUIRE_OK(advance_input(file, id, {UINT64_MAX / 2, {UINT64_MAX, 6}, 3'000, 9}, {4, 3, 0, 0, 1}, input_end::finished));
  const input_row row = list_inputs(file).value().front();
  BOOST_TEST(row.progress.raw_bytes == UINT64_MAX / 2);
  BOOST_CHECK((row.progress.raw_hash == base::hash128{UINT64_MAX, 6}));
  BOOST_TEST(row.progress.text_bytes == 3'000U);
  BOOST_TEST(row.progress.lines == 9U);
  BOOST_TEST(row.counts.received == 9);
  BOOST_TEST(row.counts.stored == 4);
  BOOST_TEST(row.counts.duplicates == 2);
  BOOST_TEST(row.counts.applied == 1);
  BOOST_TEST(row.counts.rejected == 2);
  BOOST_CHECK(row.end == input_end::finished);
  // An input that has grown is open again.
  REQUIRE_OK(advance_input(file, id, row.progress, {}, input_end::open));
  BOOST_CHECK(list_inputs(file).value().front().end == input_end::open);
}

BOOST_AUTO_TEST_CASE(inputs_are_found_by_their_head_the_furthest_first) {
  const std::int64_t first = add(256, {1, 2});
  const std::int64_t second = add(256, {1, 2});
  add(100, {1, 2});
  add(256, {1, 3});
  REQUIRE_OK(advance_input(file, first, {300, {}, 0, 0}, {}, input_end::open));
  REQUIRE_OK(advance_input(file, second, {400, {}, 0, 0}, {}, input_end::open));
  const auto found = find_inputs(file, 256, {1, 2}).value();
  BOOST_REQUIRE(found.size() == 2U);
  BOOST_TEST(found[0].id == second);
  BOOST_TEST(found[1].id == first);
  BOOST_TEST(find_inputs(file, 256, {2, 1}).value().empty());
}

BOOST_AUTO_TEST_CASE(inputs_without_a_head_are_not_looked_for) {
  BOOST_TEST(list_head_lengths(file).value().empty());
  add(0, {});
  BOOST_TEST(list_head_lengths(file).value().empty());
  add(256, {1, 2});
  add(256, {1, 3});
  add(17, {1, 4});
  BOOST_CHECK((list_head_lengths(file).value() == std::vector<std::uint64_t>{17, 256}));
}

BOOST_AUTO_TEST_CASE(a_hash_is_written_little_endian_and_read_back) {
  const std::string blob = to_blob({0x8877665544332211, 0x00ffeeddccbbaa99});
  BOOST_TEST((blob == std::string("\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff\x00", 16)));
  BOOST_CHECK((hash_from_blob(blob) == base::hash128{0x8877665544332211, 0x00ffeeddccbbaa99}));
  BOOST_CHECK((hash_from_blob("short") == base::hash128{}));
}

BOOST_AUTO_TEST_CASE(counts_add_up) {
  input_counts sum{10, 1, 2, 3, 4};
  sum += {1, 1, 0, 0, 0};
  BOOST_TEST(sum.received == 11);
  BOOST_TEST(sum.stored == 2);
  BOOST_TEST(sum.duplicates == 2);
  BOOST_TEST(sum.applied == 3);
  BOOST_TEST(sum.rejected == 4);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::store::input_log_tests
