#include "store/event_store.hpp"

#include "support/check_result.hpp"
#include "support/store_check.hpp"
#include "support/temp_dir.hpp"

#include <string>

namespace spillway::store::event_store_tests {
namespace {

struct fixture {
  test::temp_dir dir;
  state_file state = test::open_state(dir / "state.db");
  db::database& file = state.database();

  void add(const hour_key& key, std::int64_t offset, std::int64_t bytes, const std::string& deflate) {
    REQUIRE_OK(add_segment(file, key, offset, 1, {deflate, static_cast<std::uint64_t>(bytes), 0xfedcba98}, "engine"));
  }
  std::string read(const hour_key& key, std::int64_t offset, std::int64_t bytes) {
    std::string all;
    REQUIRE_OK(read_segments(file, key, offset, bytes, [&](std::string_view piece) -> result<void> {
      all += piece;
      return {};
    }));
    return all;
  }
};

BOOST_FIXTURE_TEST_SUITE(store_event_store, fixture)

BOOST_AUTO_TEST_CASE(the_row_of_an_hour_is_replaced) {
  REQUIRE_OK(file.execute("PRAGMA foreign_keys=OFF"));
  REQUIRE_OK(put_hour(file, {{1, {5}}, 1, 2, 3, 4}));
  REQUIRE_OK(put_hour(file, {{1, {5}}, 10, 20, 30, 15}));
  const auto found = find_hour(file, {1, {5}});
  REQUIRE_OK(found);
  BOOST_REQUIRE(found->has_value());
  BOOST_TEST((*found)->events == 10);
  BOOST_TEST((*found)->duplicates == 20);
  BOOST_TEST((*found)->text_bytes == 30);
  BOOST_TEST((*found)->segmented_bytes == 15);
  BOOST_TEST(!find_hour(file, {1, {6}}).value().has_value());
  BOOST_TEST(!find_hour(file, {2, {5}}).value().has_value());
}

BOOST_AUTO_TEST_CASE(an_hour_needs_its_project) { BOOST_TEST(!put_hour(file, {{1, {5}}, 1, 2, 3, 4}).has_value()); }

BOOST_AUTO_TEST_CASE(hours_are_listed_by_project_and_hour) {
  REQUIRE_OK(file.execute("PRAGMA foreign_keys=OFF"));
  for (const hour_key key : {hour_key{2, {1}}, hour_key{1, {9}}, hour_key{1, {-3}}, hour_key{1, {10}}}) {
    REQUIRE_OK(put_hour(file, {key, 1, 0, 0, 0}));
  }
  const auto all = list_hours(file, std::nullopt).value();
  BOOST_REQUIRE(all.size() == 4U);
  BOOST_CHECK((all[0].key == hour_key{1, {-3}}));
  BOOST_CHECK((all[1].key == hour_key{1, {9}}));
  BOOST_CHECK((all[2].key == hour_key{1, {10}}));
  BOOST_CHECK((all[3].key == hour_key{2, {1}}));
  BOOST_TEST(list_hours(file, 2).value().size() == 1U);
  BOOST_TEST(list_hours(file, 3).value().empty());
}

BOOST_AUTO_TEST_CASE(segments_are_found_by_where_they_start) {
  const hour_key key{1, {5}};
  add(key, 300, 50, "ccc");
  add(key, 0, 100, "a");
  add(key, 100, 200, "bb");
  add({1, {6}}, 100, 200, "other hour");
  add({2, {5}}, 100, 200, "other project");
  const auto all = list_segments(file, key, 0, INT64_MAX).value();
  BOOST_REQUIRE(all.size() == 3U);
  BOOST_TEST(all[1].text_offset == 100);
  BOOST_TEST(all[1].text_bytes == 200);
  BOOST_TEST(all[1].text_crc32 == 0xfedcba98);
  BOOST_TEST(all[1].deflate_bytes == 2);
  BOOST_TEST(all[1].engine == "engine");
  BOOST_TEST(list_segments(file, key, 100, 200).value().size() == 1U);
  BOOST_TEST(list_segments(file, key, 100, 201).value().size() == 2U);
  BOOST_TEST(list_segments(file, key, 101, 199).value().empty());
  BOOST_TEST(read(key, 0, 350) == "abbccc");
  BOOST_TEST(read(key, 100, 250) == "bbccc");
  BOOST_TEST(read(key, 350, 10) == "");
}

BOOST_AUTO_TEST_CASE(two_segments_can_not_have_one_place) {
  add({1, {5}}, 100, 200, "a");
  BOOST_TEST(!add_segment(file, {1, {5}}, 100, 1, {"b", 1, 0}, "engine").has_value());
  REQUIRE_OK(add_piece(file, {1, {5}}, 300, 1, "a\n"));
  BOOST_TEST(!add_piece(file, {1, {5}}, 300, 1, "b\n").has_value());
}

BOOST_AUTO_TEST_CASE(the_failure_of_a_sink_ends_reading) {
  add({1, {5}}, 0, 100, "a");
  add({1, {5}}, 100, 100, "b");
  int pieces = 0;
  CHECK_FAILS(read_segments(file, {1, {5}}, 0, 200, [&](std::string_view) -> result<void> {
    ++pieces;
    return failure{errc::io, "writing", "no", {}};
  }), errc::io);
  BOOST_TEST(pieces == 1);
}

BOOST_AUTO_TEST_CASE(a_tail_is_its_pieces_in_order) {
  const hour_key key{1, {5}};
  REQUIRE_OK(add_piece(file, key, 104, 2, "c\nd\n"));
  REQUIRE_OK(add_piece(file, key, 100, 1, std::string("a\0\n", 3)));
  REQUIRE_OK(add_piece(file, {1, {6}}, 0, 1, "other\n"));
  const auto read = read_tail(file, key).value();
  BOOST_TEST((read.text == std::string("a\0\nc\nd\n", 7)));
  BOOST_TEST(read.events == 3);
  REQUIRE_OK(remove_pieces(file, key));
  BOOST_TEST(read_tail(file, key).value().text.empty());
  BOOST_TEST(read_tail(file, {1, {6}}).value().text == "other\n");
}

BOOST_AUTO_TEST_CASE(bytes_that_the_disk_has_changed_are_not_handed_out) {
  const hour_key key{1, {5}};
  add(key, 0, 100, "abc");
  REQUIRE_OK(add_piece(file, key, 100, 1, "d\n"));
  REQUIRE_OK(file.execute("UPDATE segment SET deflate=CAST('abd' AS BLOB); UPDATE piece SET text=CAST('c' AS BLOB)"));
  const auto segment = read_segments(file, key, 0, 100,
                                     [](std::string_view) { return failure{errc::bug, "reading", "handed out", {}}; });
  CHECK_FAILS(segment, errc::corrupt);
  BOOST_TEST(segment.error().doing == "reading segment 1 of project 1, hour 1970-01-01_5");
  const auto tail = read_tail(file, key);
  CHECK_FAILS(tail, errc::corrupt);
  BOOST_TEST(tail.error().doing == "reading piece 1 of project 1, hour 1970-01-01_5");
}

BOOST_AUTO_TEST_CASE(applied_events_are_kept_as_they_came) {
  REQUIRE_OK(add_applied(file, 7, base::from_us(-5), "{\"event_type\":\"$identify\"}"));
  BOOST_TEST(test::number_of(file, "SELECT line=CAST('{\"event_type\":\"$identify\"}' AS BLOB) AND project_id=7 AND "
                                   "uploaded_at=-5 FROM applied") == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace spillway::store::event_store_tests
